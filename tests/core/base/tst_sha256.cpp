// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/sha256.h"
#include "tests/testmain.h"

using namespace jacobi;

namespace {

std::string hashOf(std::string_view text)
{
    return sha256Hex(std::as_bytes(std::span(text)));
}

} // namespace

class Sha256Test : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // FIPS 180-4's examples.
    void knownValues()
    {
        QCOMPARE(hashOf(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(hashOf("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(hashOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                 std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
        QCOMPARE(hashOf(std::string(1'000'000, 'a')),
                 std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    }

    // Where the padding needs a block of its own, and where it just does not.
    void lengthsAroundABlock()
    {
        QCOMPARE(hashOf(std::string(55, 'a')),
                 std::string("9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"));
        QCOMPARE(hashOf(std::string(56, 'a')),
                 std::string("b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"));
        QCOMPARE(hashOf(std::string(64, 'a')),
                 std::string("ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"));
        QCOMPARE(hashOf(std::string(119, 'a')),
                 std::string("31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"));
        QCOMPARE(hashOf(std::string(120, 'a')),
                 std::string("2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"));
    }

    void piecesGiveTheSameAsTheWhole()
    {
        std::string text;
        for (int i = 0; i < 200; ++i) {
            text += static_cast<char>(i);
        }
        const auto bytes = std::as_bytes(std::span(text));
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
            Sha256 hash;
            for (std::size_t at = 0; at < bytes.size(); at += piece) {
                hash.update(bytes.subspan(at, std::min(piece, bytes.size() - at)));
                hash.update({});
            }
            QCOMPARE(hash.finishHex(), hashOf(text));
        }
    }
};

JACOBI_TEST(Sha256Test)
#include "tst_sha256.moc"
