// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/enginebackend.h"
#include "core/trace/memorytrace.h"
#include "models/families/tarflowfamily.h"
#include "tests/testmain.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

using namespace jacobi;

namespace {

constexpr const char* kId = "flow";

std::unique_ptr<Backend> openBackend()
{
    BackendParts parts;
    parts.families.push_back(std::make_unique<TarFlowFamily>());
    parts.findModels = [](const std::vector<std::string>&) {
        return findModels({JACOBI_SOURCE_DIR "/models/pretrained"});
    };
    BackendOptions options;
    options.threads = 1;
    return std::move(*makeBackend(std::move(parts), options));
}

struct Run {
    std::string error;
    RunSummary summary;
    std::vector<std::uint8_t> picture;
};

Run run(Backend& backend, const char* method, const char* className, std::uint64_t seed)
{
    Run made;
    RunRequest request;
    for (const ModelInfo& model : backend.models()) {
        request = model.id == kId ? model.defaults : request;
    }
    request.method = method;
    request.strategy.clear();
    request.tolerance = 0.0;
    request.window = 16;
    request.segments = 8;
    request.className = className;
    request.seed = seed;
    const auto resolved = backend.resolve(request);
    if (!resolved) {
        made.error = resolved.error().message;
        return made;
    }
    RunControl control;
    MemoryTrace memory;
    const auto summary = backend.run(resolved->request, control, memory);
    made.error = summary ? std::string() : summary.error().message;
    made.summary = summary.value_or(RunSummary{});
    for (const auto& preview : memory.take().previews) {
        made.picture = preview->isFinal ? preview->rgb : made.picture;
    }
    return made;
}

} // namespace

/// The flow that comes with the program.
class BuiltInFlowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itIsThereAndUsable()
    {
        const auto backend = openBackend();
        const std::vector<ModelInfo> models = backend->models();
        const auto flow = std::ranges::find(models, kId, &ModelInfo::id);
        QVERIFY(flow != models.end());
        QCOMPARE(flow->problem, std::string());
        QCOMPARE(flow->classes.size(), std::size_t{16});
        QVERIFY(flow->layout.blocks >= 4);
        QVERIFY(flow->width >= 32);
    }

    /// Whatever the order of the work, the picture is that of the sequential inverse, and it takes no more passes.
    void everyMethodMakesTheSamePicture()
    {
        const auto backend = openBackend();
        for (const char* className : {"sea at sunset", "mountains by night"}) {
            const Run exact = run(*backend, "sequential", className, 5);
            QVERIFY2(exact.error.empty(), exact.error.c_str());
            QVERIFY(!exact.picture.empty());
            for (const char* method : {"jacobi", "front", "gs-jacobi"}) {
                const Run other = run(*backend, method, className, 5);
                QVERIFY2(other.error.empty(), other.error.c_str());
                QCOMPARE(other.picture.size(), exact.picture.size());
                int most = 0;
                for (std::size_t i = 0; i < exact.picture.size(); ++i) {
                    most = std::max(most, std::abs(int(other.picture[i]) - int(exact.picture[i])));
                }
                QVERIFY2(most <= 1, qPrintable(QString("%1 differs by %2").arg(method).arg(most)));
                QVERIFY(other.summary.passes <= exact.summary.passes);
                QCOMPARE(other.summary.nonFinite, std::uint64_t{0});
            }
        }
    }

    void whatItIsAskedForMatters()
    {
        const auto backend = openBackend();
        QVERIFY(run(*backend, "sequential", "sea by day", 5).picture !=
                run(*backend, "sequential", "sea by night", 5).picture);
        QVERIFY(run(*backend, "sequential", "sea by day", 5).picture !=
                run(*backend, "sequential", "sea by day", 6).picture);
    }
};

JACOBI_TEST(BuiltInFlowTest)
#include "tst_builtinflow.moc"
