// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/crc32c.h"
#include "tests/testmain.h"

#include <array>
#include <string_view>

using namespace jacobi;

class Crc32cTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // RFC 3720, appendix B.4.
    void knownValues()
    {
        std::array<std::uint8_t, 32> bytes{};
        const auto crc = [&] { return crc32c(std::as_bytes(std::span(bytes))); };
        QCOMPARE(crc(), 0x8A9136AAU);
        bytes.fill(0xFF);
        QCOMPARE(crc(), 0x62A8AB43U);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<std::uint8_t>(i);
        }
        QCOMPARE(crc(), 0x46DD794EU);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<std::uint8_t>(31 - i);
        }
        QCOMPARE(crc(), 0x113FDB5CU);
        QCOMPARE(crc32c(std::as_bytes(std::span(std::string_view("123456789")))), 0xE3069283U);
        QCOMPARE(crc32c({}), 0U);
    }

    void piecesGiveTheSameAsTheWhole()
    {
        const std::string_view text("the tokens of a picture settle from the first to the last");
        const auto bytes = std::as_bytes(std::span(text));
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            QCOMPARE(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))), crc32c(bytes));
        }
    }

    /// The definition, bit by bit, for every length and place in memory.
    void equalsTheDefinition()
    {
        std::array<std::byte, 80> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<std::byte>(i * 37 + 11);
        }
        for (std::size_t from = 0; from < 9; ++from) {
            std::uint32_t value = 0xFFFFFFFFU;
            for (std::size_t count = 0; from + count <= bytes.size(); ++count) {
                QCOMPARE(crc32c(std::span(bytes).subspan(from, count)), ~value);
                if (from + count < bytes.size()) {
                    value ^= std::to_integer<std::uint32_t>(bytes[from + count]);
                    for (int bit = 0; bit < 8; ++bit) {
                        value = value >> 1U ^ ((value & 1U) != 0 ? 0x82F63B78U : 0U);
                    }
                }
            }
        }
    }

    void everyFlippedBitIsSeen()
    {
        std::array<std::byte, 16> bytes{};
        const std::uint32_t right = crc32c(bytes);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            bytes[bit / 8] ^= std::byte{1} << (bit % 8);
            QVERIFY(crc32c(bytes) != right);
            bytes[bit / 8] ^= std::byte{1} << (bit % 8);
        }
    }
};

JACOBI_TEST(Crc32cTest)
#include "tst_crc32c.moc"
