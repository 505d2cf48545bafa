// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/bytereader.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;
using namespace jacobi::test;

class ByteReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreLittleEndian()
    {
        const std::string text("\x01\x02\x03\x04\xFF\xFF\x00\x00\x80\x3F\x2A", 11);
        ByteReader reader(asBytes(text));
        std::uint32_t number = 0;
        std::int16_t negative = 0;
        float real = 0;
        std::uint8_t last = 0;
        QVERIFY(reader.read(number) && reader.read(negative) && reader.read(real) && reader.read(last));
        QCOMPARE(number, 0x04030201U);
        QCOMPARE(negative, std::int16_t{-1});
        QCOMPARE(real, 1.0F);
        QCOMPARE(last, std::uint8_t{42});
        QCOMPARE(reader.left(), std::size_t{0});
    }

    void whatDoesNotFitMovesNothing()
    {
        const std::string text("1234567");
        ByteReader reader(asBytes(text));
        std::uint64_t wide = 9;
        QVERIFY(!reader.read(wide));
        QCOMPARE(wide, std::uint64_t{9});
        QVERIFY(!reader.take(8));
        QVERIFY(!reader.take(std::numeric_limits<std::uint64_t>::max()));
        QCOMPARE(reader.position(), std::size_t{0});
        QCOMPARE(asText(*reader.take(3)), std::string("123"));
        QVERIFY(!reader.take(5));
        QVERIFY(!reader.take(std::numeric_limits<std::uint64_t>::max() - 2));
        QCOMPARE(asText(*reader.take(4)), std::string("4567"));
        QVERIFY(reader.take(0) && reader.take(0)->empty());
        QVERIFY(!reader.take(1));
    }

    void nothingToRead()
    {
        ByteReader reader({});
        std::uint8_t byte = 0;
        QVERIFY(!reader.read(byte));
        QVERIFY(reader.take(0));
        QCOMPARE(reader.left(), std::size_t{0});
    }
};

JACOBI_TEST(ByteReaderTest)
#include "tst_bytereader.moc"
