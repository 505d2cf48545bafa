// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracecsv.h"

#include "core/io/filefault.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <QLocale>
#include <QStringList>

#include <bit>
#include <cerrno>
#include <charconv>
#include <clocale>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

QStringList fields(const std::string& line)
{
    return QString::fromStdString(line).chopped(2).split(',');
}

Step bareStep(std::uint32_t begin, std::uint32_t committedEnd, std::uint32_t end)
{
    Step step;
    step.begin = begin;
    step.committedEnd = committedEnd;
    step.end = end;
    return step;
}

// The text of a number in the column p.
QString number(float value)
{
    Step step = bareStep(0, 0, 1);
    step.p = {value};
    return fields(traceCsvRows(step)).at(9);
}

} // namespace

class TraceCsvTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void columnsAreExactlyThese()
    {
        QCOMPARE(traceCsvHeader(), std::string("item,pass,lane,segment,position,committed,token,state,draft,p,q,u,"
                                               "entropy,residual,noise_level,forward_ms,sampling_ms,other_ms,"
                                               "candidates\r\n"));
    }

    void rowsAreExactlyThese()
    {
        Step step = bareStep(3, 4, 5);
        step.item = 1;
        step.pass = 2;
        step.lane = 7;
        step.segment = 8;
        step.forwardNs = 1'500'000;
        step.samplingNs = 250'000;
        step.otherNs = 0;
        step.token = {10, 0};
        step.state = {TokenState::Resampled, TokenState::New};
        step.draft = {4, -1};
        step.p = {0.25F, 1.0F};
        step.q = {0.5F, kNaN};
        step.u = {0.75F, kNaN};
        step.entropy = {2.5F, 0.0F};
        step.residual = {kNaN, 3.0F};
        step.noiseLevel = {0.125F, kNaN};
        step.topK.resize(2);
        step.topK[0][0] = {10, 0.25F, 0.5F};
        step.topK[0][1] = {4, 0.125F, 0.0F};
        QCOMPARE(traceCsvRows(step),
                 std::string("1,2,7,8,3,1,10,resampled,4,0.25,0.5,0.75,2.5,,0.125,1.5,0.25,0,10:0.25:0.5 4:0.125:0\r\n"
                             "1,2,7,8,4,0,0,new,,1,,,0,3,,1.5,0.25,0,\r\n"));
    }

    void absentColumnsAreEmpty()
    {
        QCOMPARE(traceCsvRows(bareStep(0, 1, 1)), std::string("0,0,0,0,0,1,,,,,,,,,,0,0,0,\r\n"));
    }

    void aPassWithoutPositionsHasARow()
    {
        Step step = bareStep(4, 4, 4);
        step.item = 1;
        step.pass = 9;
        step.lane = 2;
        step.segment = 3;
        step.forwardNs = 1'500'000;
        const std::string row = traceCsvRows(step);
        QCOMPARE(row, std::string("1,9,2,3,,0,,,,,,,,,,1.5,0,0,\r\n"));
        QCOMPARE(fields(row).size(), fields(traceCsvHeader()).size());
    }

    void everyRowHasEveryColumn()
    {
        const auto columns = fields(traceCsvHeader()).size();
        const QStringList lines = QString::fromStdString(traceCsvRows(sampleStep(3, 0, 2, 6))).split("\r\n");
        QCOMPARE(lines.size(), 7); // six rows, and nothing after the last line's end
        QVERIFY(lines.last().isEmpty());
        for (int i = 0; i < 6; ++i) {
            QCOMPARE(lines.at(i).count(',') + 1, columns);
            QVERIFY(!lines.at(i).contains('"')); // nothing that would have to be quoted
            QVERIFY(!lines.at(i).contains("nan"));
        }
    }

    void aCandidateWithoutAProbabilityLeavesItEmpty()
    {
        Step step = bareStep(0, 0, 1);
        step.topK.resize(1);
        step.topK[0][0] = {7, 0.5F, kNaN};
        step.topK[0][2] = {9, kNaN, 0.5F}; // slots between may be unused
        QCOMPARE(fields(traceCsvRows(step)).last(), QString("7:0.5: 9::0.5"));
    }

    void eightCandidatesAreAll()
    {
        Step step = bareStep(0, 0, 1);
        step.topK.resize(1);
        for (std::size_t i = 0; i < 8; ++i) {
            step.topK[0][i] = {static_cast<std::int32_t>(i), 1.0F, 0.0F};
        }
        QCOMPARE(fields(traceCsvRows(step)).last(), QString("0:1:0 1:1:0 2:1:0 3:1:0 4:1:0 5:1:0 6:1:0 7:1:0"));
    }

    void numbersComeBackExactly()
    {
        for (const float value : {0.1F, 1.0F / 3.0F, 1e-30F, std::numeric_limits<float>::denorm_min(),
                                  std::numeric_limits<float>::max(), -2.5F}) {
            const std::string text = number(value).toStdString();
            float back = 0.0F;
            const auto read = std::from_chars(text.data(), text.data() + text.size(), back);
            QVERIFY2(read.ec == std::errc() && read.ptr == text.data() + text.size(), text.c_str());
            QCOMPARE(std::bit_cast<std::uint32_t>(back), std::bit_cast<std::uint32_t>(value));
        }
        QCOMPARE(number(0.1F), QString("0.1")); // no more digits than needed
    }

    void theLanguageDoesNotMatter()
    {
        const QLocale before;
        QLocale::setDefault(QLocale(QLocale::German));
        const std::string old = std::setlocale(LC_NUMERIC, nullptr);
        std::setlocale(LC_NUMERIC, "de_DE.UTF-8"); // where it is installed
        const QString text = number(1234.5F);
        std::setlocale(LC_NUMERIC, old.c_str());
        QLocale::setDefault(before);
        QCOMPARE(text, QString("1234.5"));
    }

    void timesAreMilliseconds()
    {
        Step step = bareStep(0, 0, 1);
        step.forwardNs = 12'345'678;
        step.otherNs = 1;
        const QStringList row = fields(traceCsvRows(step));
        QCOMPARE(row.at(15), QString("12.345678"));
        QCOMPARE(row.at(17).toDouble(), 1e-6);
    }

    void aFileHoldsAllPasses()
    {
        const TestFolder folder;
        const Trace trace = sampleTrace();
        QVERIFY(writeTraceCsv(folder.file("run.csv"), trace).has_value());
        std::string expected = traceCsvHeader();
        for (const auto& step : trace.steps) {
            expected += traceCsvRows(*step);
        }
        QCOMPARE(readFile(folder.file("run.csv")), bytesOf(expected));
        QVERIFY(writeTraceCsv(folder.file("run.csv"), Trace{}).has_value());
        QCOMPARE(readFile(folder.file("run.csv")), bytesOf(traceCsvHeader()));
    }

    void aFullDiskLeavesTheOldFile()
    {
        const TestFolder folder;
        const auto path = folder.file("run.csv");
        writeFile(path, bytesOf("old"));
        for (int failing = 0; failing < 6; ++failing) {
            int writes = 0;
            const ScopedFileFault fault(
                [&](FileCall call) { return call == FileCall::Write && writes++ >= failing ? ENOSPC : 0; });
            const Result<void> written = writeTraceCsv(path, sampleTrace());
            if (failing < 5) { // its first line and four passes
                QVERIFY(!written);
                QVERIFY(written.error().message.find("disk is full") != std::string::npos);
                QCOMPARE(readFile(path), bytesOf("old"));
            } else {
                QVERIFY(written.has_value());
                QVERIFY(readFile(path) != bytesOf("old"));
            }
        }
    }
};

JACOBI_TEST(TraceCsvTest)
#include "tst_tracecsv.moc"
