// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesmodel.h"
#include "models/scenes/scenestokenizer.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <c10/core/Allocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>

using namespace jacobi;
using namespace jacobi::test;

namespace {

/// What libtorch's tensors of this thread take, from when it was made.
struct MemoryWatch : c10::MemoryReportingInfoBase {
    void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) override
    {
        now += bytes;
        peak = std::max(peak, now);
    }
    bool memoryProfilingEnabled() const override { return true; }

    std::int64_t now = 0;
    std::int64_t peak = 0;
};

} // namespace

class ScenesTokenizerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    void everyCodeSurvivesTheRoundTrip()
    {
        ScenesConfig config; // 8x8x8 codes on a 16x16 grid
        const at::Tensor codes = at::arange(512, at::kLong).view({2, 256});
        const at::Tensor scalars = scalarsOfCodes(config, codes, at::kFloat);
        QCOMPARE(scalars.sizes().vec(), (std::vector<std::int64_t>{2, 3, 16, 16}));
        QVERIFY(scalars.min().item<double>() == -1.0);
        QVERIFY(scalars.max().item<double>() == 1.0);
        QVERIFY(at::equal(codesOfScalars(config, scalars), codes));
        QVERIFY(worst(quantise(config, scalars), scalars) < 1e-6); // levels are fixed points
    }

    void theFirstScalarIsTheFastestDigit()
    {
        ScenesConfig config = tinyConfig(); // levels 4, 3
        const at::Tensor codes = at::arange(16, at::kLong).remainder(12).view({1, 16});
        const at::Tensor scalars = scalarsOfCodes(config, codes, at::kDouble).flatten(2)[0];
        QVERIFY(std::abs(scalars[0][1].item<double>() - (2.0 / 3.0 - 1.0)) < 1e-12);
        QVERIFY(std::abs(scalars[1][1].item<double>() + 1.0) < 1e-12);
        QVERIFY(std::abs(scalars[1][4].item<double>()) < 1e-12);
        QVERIFY(std::abs(scalars[1][8].item<double>() - 1.0) < 1e-12);
    }

    void roundingGoesToTheNearestLevelAndLetsTheGradientThrough()
    {
        ScenesConfig config = tinyConfig();
        const at::Tensor scalars = (at::rand({2, 2, 4, 4}, at::kDouble) * 2.0 - 1.0).requires_grad_();
        const at::Tensor rounded = quantise(config, scalars);
        QVERIFY(worst(rounded.select(1, 0), scalars.select(1, 0)) <= 1.0 / 3.0 + 1e-12);
        QVERIFY(worst(rounded.select(1, 1), scalars.select(1, 1)) <= 0.5 + 1e-12);
        const at::Tensor weights = at::randn_like(scalars.detach());
        (rounded * weights).sum().backward();
        QVERIFY(worst(scalars.grad(), weights) == 0.0);
    }

    void encodingGivesTheGridAndBoundedScalars()
    {
        const ScenesConfig config = tinyConfig();
        const TensorMap weights = randomTensors(tokenizerTensors(config));
        const at::Tensor scalars = encodePictures(config, weights, at::rand({3, 3, 32, 32}));
        QCOMPARE(scalars.sizes().vec(), (std::vector<std::int64_t>{3, 2, 4, 4}));
        QVERIFY(scalars.abs().max().item<double>() <= 1.0);
        const at::Tensor codes = codesOfScalars(config, quantise(config, scalars));
        QCOMPARE(codes.sizes().vec(), (std::vector<std::int64_t>{3, 16}));
        QVERIFY(codes.min().item<std::int64_t>() >= 0);
        QVERIFY(codes.max().item<std::int64_t>() < config.codes());
        QCOMPARE(decodeScalars(config, weights, scalars).sizes().vec(), (std::vector<std::int64_t>{3, 3, 32, 32}));
    }

    void detokenizerGivesBytesAndTreatsPicturesAlone()
    {
        const ScenesConfig config = tinyConfig();
        ScenesDetokenizer detokenizer(config, randomTensors(tokenizerTensors(config)));
        const at::Tensor codes = at::randint(config.codes(), {3, 16}, at::kLong);
        const at::Tensor pictures = detokenizer.decode(codes);
        QCOMPARE(pictures.sizes().vec(), (std::vector<std::int64_t>{3, 32, 32, 3}));
        QCOMPARE(pictures.scalar_type(), at::kByte);
        QVERIFY(pictures.is_contiguous());
        const at::Tensor alone = detokenizer.decode(codes.narrow(0, 1, 1));
        QVERIFY(worst(alone[0].to(at::kInt), pictures[1].to(at::kInt)) <= 1.0); // rounding of other sums
    }

    /// A run is refused by the estimate, so it must not be below what a picture takes; nor far above it.
    void theDecodersMemoryIsCounted()
    {
        for (const auto& [coarse, fine, more] : {std::tuple{96, 48, 0}, {96, 64, 1}, {16, 64, 0}, {128, 8, 2}}) {
            ScenesConfig config;
            config.coarse = coarse;
            config.fine = fine;
            config.decoderMore = more;
            TensorMap decoder = randomTensors(tokenizerTensors(config));
            std::erase_if(decoder, [](const auto& named) { return !named.first.starts_with("decoder."); });
            std::uint64_t weights = 0;
            for (const auto& [name, tensor] : decoder) {
                weights += tensor.nbytes();
            }
            QCOMPARE(decoderWeightBytes(config), weights);
            const c10::InferenceMode inference;
            ScenesDetokenizer detokenizer(config, std::move(decoder));
            const at::Tensor codes = at::randint(config.codes(), {1, config.positions()}, at::kLong);
            const auto watch = std::make_shared<MemoryWatch>();
            {
                const c10::DebugInfoGuard watched(c10::DebugInfoKind::PROFILER_STATE, watch);
                detokenizer.decode(codes);
            }
            const auto peak = static_cast<std::uint64_t>(watch->peak);
            QVERIFY(peak > 0);
            QVERIFY2(peak <= decoderPeakBytes(config) && decoderPeakBytes(config) <= 8 * peak,
                     qPrintable(QString("%1 of %2").arg(peak).arg(decoderPeakBytes(config))));
        }
    }

    void everyCodeHasItsColours()
    {
        const ScenesConfig config = tinyConfig();
        ScenesDetokenizer detokenizer(config, randomTensors(tokenizerTensors(config)));
        const std::vector<CodeColours> colours = detokenizer.codeColours();
        QCOMPARE(colours.size(), 12U);
        QVERIFY(std::set<CodeColours>(colours.begin(), colours.end()).size() > 6);
    }
};

JACOBI_TEST(ScenesTokenizerTest)
#include "tst_scenestokenizer.moc"
