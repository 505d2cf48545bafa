// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowmeasures.h"

#include "core/engine/memory.h"
#include "tests/core/engine/fakeflow.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <nlohmann/json.hpp>

#include <string>

using namespace jacobi;
using namespace jacobi::test;

namespace {

class NoProgress : public ProgressSink {
public:
    void progress(const JobProgress&) override { ++count; }
    int count = 0;
};

/// What an analysis of so many pictures says, or an empty text where it went well.
std::string saidOf(std::uint64_t bytesAPicture, std::uint32_t images)
{
    FlowFakes fakes;
    fakes.bytesAPicture = bytesAPicture;
    LoadedModel loaded = fakeFlowLoaded(fakes);
    FlowMeasures measures({});
    NoProgress progress;
    const QTemporaryDir folder;
    ModelInfo model = fakeFlowModel();
    model.folder = folder.path().toStdString(); // an analysis is kept beside the model
    const auto done = measures.analyse(loaded, model, FakeFlowFamily(fakes), images, progress, {});
    if (done) {
        return {};
    }
    return done.error().code == ErrorCode::OutOfMemory && progress.count == 0 ? done.error().message : "another error";
}

} // namespace

class FlowMeasuresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAnalysisThatDoesNotFitSaysWhatWould()
    {
        const std::optional<std::uint64_t> available = availableMemory();
        if (!available) {
            QSKIP("This system does not say how much memory is free.");
        }
        const std::string some = saidOf(*available / 4, 100);
        QVERIFY2(some.find("16 pictures at a time") != std::string::npos &&
                     some.find("(--images 4)") != std::string::npos,
                 some.c_str());
        const std::string none = saidOf(std::uint64_t{1} << 60U, 100);
        QVERIFY2(none.find("choose a smaller model") != std::string::npos, none.c_str());
    }

    void theirNumberDoesNotMatterBeyondABatch()
    {
        const std::optional<std::uint64_t> available = availableMemory();
        QCOMPARE(saidOf(available ? *available / 100 : 0, 100'000), std::string());
    }
};

JACOBI_TEST(FlowMeasuresTest)
#include "tst_flowmeasures.moc"
