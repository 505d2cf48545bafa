// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/bytewriter.h"
#include "core/trace/tracerecords.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr unsigned kColumns = 10;
constexpr std::size_t kColumnCountAt = 7 * 4 + 3 * 8;

// Takes the columns away whose bit is 0; bit i is the column with the id i + 1.
void keepColumns(Step& step, unsigned subset)
{
    unsigned bit = 1;
    const auto keep = [&](auto& column) {
        if ((subset & bit) == 0) {
            column.clear();
        }
        bit <<= 1U;
    };
    keep(step.token);
    keep(step.state);
    keep(step.p);
    keep(step.q);
    keep(step.u);
    keep(step.entropy);
    keep(step.residual);
    keep(step.noiseLevel);
    keep(step.topK);
    keep(step.draft);
}

// The fixed part of a pass over [0, end), then a number of columns.
ByteWriter passHead(std::uint32_t end, std::uint16_t columns)
{
    ByteWriter out;
    for (const std::uint32_t value : {0U, 0U, 0U, 0U, 0U, end, 0U}) {
        out.write(value);
    }
    for (int i = 0; i < 3; ++i) {
        out.write(std::int64_t{5});
    }
    out.write(columns);
    return out;
}

void writeColumn(ByteWriter& out, std::uint16_t id, std::uint16_t type, std::uint32_t claimed, std::size_t bytes)
{
    out.write(id);
    out.write(type);
    out.write(claimed);
    out.append(Bytes(bytes));
}

bool isRefused(const ByteWriter& payload)
{
    const Result<Step> step = decodeStep(payload.bytes(), sampleLayout());
    return !step && step.error().code == ErrorCode::Corrupt && !step.error().detail.empty();
}

} // namespace

class StepRecordTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySubsetOfColumnsComesBack()
    {
        for (unsigned subset = 0; subset < (1U << kColumns); ++subset) {
            Step step = sampleStep(7, 1, 3, 5);
            keepColumns(step, subset);
            const Result<Bytes> payload = encodeStep(step, sampleLayout());
            QVERIFY(payload.has_value());
            QCOMPARE(static_cast<int>((*payload)[kColumnCountAt]), __builtin_popcount(subset));
            const Result<Step> back = decodeStep(*payload, sampleLayout());
            QVERIFY2(back.has_value(), qPrintable(QString::number(subset)));
            QCOMPARE(encodeStep(*back, sampleLayout()).value(), *payload);
            // Not a column more or less, whatever the encoder thinks of them.
            QCOMPARE(back->token, step.token);
            QCOMPARE(back->state, step.state);
            QCOMPARE(back->draft, step.draft);
            QCOMPARE(back->p, step.p);
            QCOMPARE(back->q.size(), step.q.size());
            QCOMPARE(back->u, step.u);
            QCOMPARE(back->entropy, step.entropy);
            QCOMPARE(back->residual, step.residual);
            QCOMPARE(back->noiseLevel.size(), step.noiseLevel.size());
            QCOMPARE(back->topK.size(), step.topK.size());
        }
    }

    void everyNumberComesBack()
    {
        Step step = sampleStep(7, 1, 3, 5);
        keepColumns(step, 0b1000000011);
        step.item = 65'535;
        step.pass = 4'000'000'000;
        step.lane = 11;
        step.segment = 12;
        step.otherNs = 100'000'000'000'000;
        const Result<Step> back = encodeStep(step, sampleLayout()).and_then([](const Bytes& payload) {
            return decodeStep(payload, sampleLayout());
        });
        QVERIFY(back.has_value());
        QVERIFY(*back == step);
    }

    // What the page of the format says, byte by byte, so that both sides cannot drift together.
    void bytesAreThoseOfTheDescription()
    {
        Step step;
        step.item = 1;
        step.pass = 2;
        step.lane = 3;
        step.segment = 4;
        step.begin = 5;
        step.end = 6;
        step.committedEnd = 6;
        step.forwardNs = 7;
        step.samplingNs = 8;
        step.otherNs = 9;
        step.token = {4};
        step.state = {TokenState::Bonus};
        step.p = {1.0F};
        step.draft = {-1};
        ByteWriter expected;
        for (const std::uint32_t value : {1U, 2U, 3U, 4U, 5U, 6U, 6U}) {
            expected.write(value);
        }
        for (const std::int64_t value : {7, 8, 9}) {
            expected.write(value);
        }
        using namespace std::string_view_literals;
        expected.append("\x04\0"
                        "\x01\0\x02\0\x04\0\0\0\x04\0\0\0"
                        "\x02\0\x01\0\x01\0\0\0\x05"
                        "\x03\0\x03\0\x04\0\0\0\0\0\x80\x3F"
                        "\x0A\0\x02\0\x04\0\0\0\xFF\xFF\xFF\xFF"sv);
        QCOMPARE(encodeStep(step, sampleLayout()).value(), expected.take());
    }

    void candidatesAreTriples()
    {
        Step step = sampleStep(0, 0, 0, 1);
        keepColumns(step, 1U << 8U);
        step.topK[0][7] = {4, 1.0F, 2.0F};
        const Bytes payload = encodeStep(step, sampleLayout()).value();
        QCOMPARE(payload.size(), kColumnCountAt + 2 + 8 + 96);
        const auto last = std::span(payload).last(12);
        QCOMPARE(Bytes(last.begin(), last.end()), bytesOf({"\x04\0\0\0\0\0\x80\x3F\0\0\0\x40", 12}));
    }

    void unknownColumnsAreSkipped()
    {
        ByteWriter payload = passHead(2, 3);
        writeColumn(payload, 11, 77, 5, 5);
        writeColumn(payload, 1, 2, 8, 8);
        writeColumn(payload, 11, 77, 0, 0);
        const Result<Step> step = decodeStep(payload.bytes(), sampleLayout());
        QVERIFY(step.has_value());
        QCOMPARE(step->token, (std::vector<std::int32_t>{0, 0}));
        QVERIFY(step->state.empty());
    }

    void everyCutIsRefused()
    {
        const Bytes payload = encodeStep(sampleStep(0, 0, 1, 4), sampleLayout()).value();
        for (std::size_t size = 0; size < payload.size(); ++size) {
            const Result<Step> step = decodeStep(std::span(payload).first(size), sampleLayout());
            QVERIFY2(!step, qPrintable(QString::number(size)));
            QCOMPARE(step.error().code, ErrorCode::Corrupt);
        }
    }

    void bytesBehindTheColumnsAreRefused()
    {
        const Bytes payload = encodeStep(sampleStep(0, 0, 1, 4), sampleLayout()).value();
        QVERIFY(!decodeStep(joined({payload, Bytes(1)}), sampleLayout()));
    }

    void columnsThatLieAreRefused_data()
    {
        QTest::addColumn<int>("id");
        QTest::addColumn<int>("type");
        QTest::addColumn<quint32>("claimed");
        QTest::addColumn<int>("bytes");
        QTest::newRow("another type") << 1 << 3 << 8U << 8;
        QTest::newRow("type 0") << 2 << 0 << 2U << 2;
        QTest::newRow("too short") << 1 << 2 << 4U << 4;
        QTest::newRow("too long") << 1 << 2 << 12U << 12;
        QTest::newRow("empty") << 1 << 2 << 0U << 0;
        QTest::newRow("no whole entry") << 9 << 4 << 191U << 191;
        QTest::newRow("one byte beyond the pass") << 1 << 2 << 9U << 8;
        QTest::newRow("4 GiB") << 1 << 2 << 0xFFFFFFFFU << 8;
        QTest::newRow("4 GiB of an unknown column") << 300 << 2 << 0xFFFFFFFFU << 8;
    }

    void columnsThatLieAreRefused()
    {
        QFETCH(int, id);
        QFETCH(int, type);
        QFETCH(quint32, claimed);
        QFETCH(int, bytes);
        ByteWriter payload = passHead(2, 1);
        writeColumn(payload, static_cast<std::uint16_t>(id), static_cast<std::uint16_t>(type), claimed,
                    static_cast<std::size_t>(bytes));
        QVERIFY(isRefused(payload));
    }

    void numbersThatLieAreRefused()
    {
        QVERIFY(decodeStep(passHead(6, 0).bytes(), sampleLayout()).has_value());
        QVERIFY(isRefused(passHead(7, 0)));           // beyond the layout
        QVERIFY(isRefused(passHead(0xFFFFFFFFU, 0))); // far beyond it
        QVERIFY(isRefused(passHead(2, 1)));           // a column that is not there
        QVERIFY(isRefused(passHead(2, 65'535)));
    }

    void columnsComeOnce()
    {
        ByteWriter payload = passHead(2, 2);
        writeColumn(payload, 1, 2, 8, 8);
        writeColumn(payload, 1, 2, 8, 8);
        QVERIFY(isRefused(payload));
    }

    void whatCannotBeReadIsNotWritten()
    {
        Step step = sampleStep(0, 0, 1, 4);
        step.token[1] = 5;
        QVERIFY(!encodeStep(step, sampleLayout()));
        step = sampleStep(0, 0, 1, 4);
        step.u.pop_back();
        QVERIFY(!encodeStep(step, sampleLayout()));
    }
};

JACOBI_TEST(StepRecordTest)
#include "tst_steprecord.moc"
