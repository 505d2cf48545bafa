// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/bytewriter.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <cmath>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

class ByteWriterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreLittleEndian()
    {
        ByteWriter writer;
        writer.write(std::uint32_t{0x04030201});
        writer.write(std::int16_t{-1});
        writer.write(1.0F);
        writer.append("text");
        QCOMPARE(asText(writer.bytes()), std::string("\x01\x02\x03\x04\xFF\xFF\x00\x00\x80\x3Ftext", 14));
    }

    void whatIsWrittenIsReadBack()
    {
        ByteWriter writer;
        writer.write(std::numeric_limits<std::uint64_t>::max());
        writer.write(std::numeric_limits<std::int64_t>::min());
        writer.write(-0.0);
        writer.append(asBytes("ab"));
        ByteReader reader(writer.bytes());
        std::uint64_t most = 0;
        std::int64_t least = 0;
        double zero = 1;
        QVERIFY(reader.read(most) && reader.read(least) && reader.read(zero));
        QCOMPARE(most, std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(least, std::numeric_limits<std::int64_t>::min());
        QVERIFY(zero == 0 && std::signbit(zero));
        QCOMPARE(asText(*reader.take(2)), std::string("ab"));
        QCOMPARE(reader.left(), std::size_t{0});
    }

    void takenBytesAreGone()
    {
        ByteWriter writer;
        writer.append("ab");
        QCOMPARE(asText(writer.take()), std::string("ab"));
        QVERIFY(writer.bytes().empty());
    }
};

JACOBI_TEST(ByteWriterTest)
#include "tst_bytewriter.moc"
