// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/recentruns.h"
#include "app/studio/runrecorder.h"
#include "core/trace/memorytrace.h"
#include "core/trace/tracefile.h"
#include "tests/testmain.h"
#include "tests/widgets/madetrace.h"

#include <QFile>
#include <QTemporaryDir>

using namespace jacobi;
using namespace jacobi::test;

/// Runs in the user's folder: written as they happen, found again afterwards.
class RunRecorderTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_number = 0;

    std::filesystem::path freshFolder()
    {
        return m_folder.filePath(QString::number(++m_number)).toStdString() + "/runs";
    }

private Q_SLOTS:
    void aRunLeavesItsTraceAndItsPicture()
    {
        const Trace trace = makeTrace({});
        std::vector<Error> errors;
        RunRecorder recorder(freshFolder(), trace.header->request,
                             [&](const Error& error) { errors.push_back(error); });
        replay(trace, recorder);
        QVERIFY(errors.empty());
        const auto read = readTrace(recorder.tracePath());
        QVERIFY(read.has_value() && read->damage.empty());
        QCOMPARE(read->steps.size(), trace.steps.size());
        QVERIFY(std::filesystem::exists(recorder.picturePath()));
    }

    void theSameSecondAndSeedGiveAnotherName()
    {
        const std::filesystem::path folder = freshFolder();
        const Trace trace = makeTrace({});
        RunRecorder first(folder, trace.header->request, {});
        replay(trace, first);
        RunRecorder second(folder, trace.header->request, {});
        replay(trace, second);
        QVERIFY(first.tracePath() != second.tracePath());
    }

    void aRunThatNeverBeganLeavesNoFile()
    {
        const std::filesystem::path folder = freshFolder();
        {
            RunRecorder recorder(folder, {}, {});
            recorder.summary({});
        }
        QVERIFY(std::filesystem::is_empty(folder));
    }

    void aFolderThatCannotBeMadeIsToldOnceAndTheRunGoesOn()
    {
        QFile file(m_folder.filePath("file"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        const Trace trace = makeTrace({});
        int told = 0;
        RunRecorder recorder(m_folder.filePath("file/runs").toStdString(), trace.header->request,
                             [&told](const Error& error) {
                                 ++told;
                                 QVERIFY(error.message.find("will not be kept") != std::string::npos);
                             });
        replay(trace, recorder);
        QCOMPARE(told, 1);
        QVERIFY(recorder.tracePath().empty() && recorder.picturePath().empty());
    }

    void storedRunsAreFoundNewestFirstWithTheirPictures()
    {
        const std::filesystem::path folder = freshFolder();
        const Trace trace = makeTrace({});
        RunRecorder recorder(folder, trace.header->request, {});
        replay(trace, recorder);
        std::filesystem::copy(recorder.tracePath(), folder / "20200101-000000-5.jtrace");
        const QVector<RecentRun> runs = findRecentRuns(folder, 10);
        QCOMPARE(runs.size(), 2);
        QCOMPARE(runs[0].tracePath.toStdString(), recorder.tracePath().string());
        QVERIFY(!runs[0].thumbnail.isNull() && runs[1].thumbnail.isNull());
        QVERIFY(runs[1].name.contains("seed 5"));
        QCOMPARE(findRecentRuns(folder, 1).size(), 1);
        QVERIFY(findRecentRuns(folder / "missing", 10).isEmpty());
    }
};

JACOBI_TEST(RunRecorderTest)
#include "tst_runrecorder.moc"
