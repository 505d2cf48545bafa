// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/scenesnetwork.h"

#include "core/cuda/hostkernels.h"
#include "core/device/devicedecoder.h"
#include "core/device/runroom.h"
#include "models/scenes/scenesmodel.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

using namespace jacobi;
using namespace jacobi::test;

namespace {

using Tokens = std::vector<std::vector<std::int64_t>>;

struct Decoded {
    Tokens tokens;
    std::vector<Step> steps; ///< without times
};

Decoded decode(Decoder& decoder, const Tokens& prompts)
{
    const c10::InferenceMode inference;
    Decoded decoded;
    if (!decoder.start(prompts)) {
        return decoded;
    }
    while (!decoder.done()) {
        const auto step = decoder.step();
        if (!step) {
            return decoded;
        }
        Step plain = **step;
        plain.forwardNs = plain.samplingNs = plain.otherNs = 0;
        decoded.steps.push_back(std::move(plain));
    }
    for (std::size_t item = 0; item < prompts.size(); ++item) {
        decoded.tokens.push_back(decoder.tokens(item));
    }
    return decoded;
}

class Pair {
public:
    explicit Pair(DevicePrecision precision, const std::optional<ScenesNoise>& noise = {})
        : m_tensors(randomTensors(transformerTensors(m_config), at::kDouble)),
          m_noise(noise ? std::optional(noisePart(*noise)) : std::nullopt),
          m_plain(m_config, typed(realTypeOf(precision) == at::kDouble ? at::kDouble : at::kFloat), m_noise),
          m_device(std::move(*DeviceModel::make(hostOps(), at::kCPU, precision,
                                                scenesNetwork(m_config, m_tensors, m_noise), m_plain.layout())))
    {
    }

    DeviceModel& device() { return *m_device; }
    Decoded plain(const DecodeSettings& settings, std::size_t items)
    {
        return decode(**makeDecoder(settings, m_plain), prompts(items));
    }
    Decoded onDevice(const DecodeSettings& settings, std::size_t items)
    {
        return decode(**makeDeviceDecoder(settings, *m_device), prompts(items));
    }

private:
    ScenesNoisePart noisePart(const ScenesNoise& settings) const
    {
        const at::Tensor codes = codeEmbeddings(m_config, transformerWeights(m_config, m_tensors));
        return {settings, randomTensors(noiseTensors(m_config, settings), at::kDouble),
                embeddingScale(settings.normalisation, codes)};
    }
    TensorMap typed(at::ScalarType type) const
    {
        TensorMap tensors;
        for (const auto& [name, tensor] : m_tensors) {
            tensors[name] = tensor.to(type);
        }
        return tensors;
    }
    Tokens prompts(std::size_t items) const
    {
        const Tokens all{m_plain.promptOf({0, 2, 1}), m_plain.promptOf({3}), m_plain.promptOf({})};
        return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(items)};
    }

    ScenesConfig m_config = tinyConfig();
    TensorMap m_tensors;
    std::optional<ScenesNoisePart> m_noise;
    ScenesModel m_plain;
    std::unique_ptr<DeviceModel> m_device;
};

DecodeSettings settingsOf(const std::string& method, std::uint32_t window)
{
    DecodeSettings settings;
    settings.method = method;
    settings.window = window;
    settings.guidance = 2.0;
    settings.seed = 17;
    return settings;
}

} // namespace

Q_DECLARE_METATYPE(jacobi::Sjd2Variant)
Q_DECLARE_METATYPE(jacobi::ScenesNoise)

class ScenesNetworkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(3); }

    /// In float64, where no rounding turns a draw: the very codes and passes of the CPU's decoders.
    void theDeviceDecodesWhatTheCpuDecodes_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("coupling");
        QTest::addColumn<QString>("initialisation");
        QTest::addColumn<double>("guidance");
        QTest::newRow("sequential") << "sequential"
                                    << "maximal"
                                    << "uniform" << 2.0;
        QTest::newRow("independent") << "sjd"
                                     << "independent"
                                     << "uniform" << 2.0;
        QTest::newRow("maximal") << "sjd"
                                 << "maximal"
                                 << "sample-left" << 2.0;
        QTest::newRow("exact") << "sjd"
                               << "gumbel-exact"
                               << "sample-above" << 2.0;
        QTest::newRow("gumbel") << "sjd"
                                << "gumbel-spec"
                                << "left" << 2.0;
        QTest::newRow("without guidance") << "sjd"
                                          << "maximal"
                                          << "above" << 1.0;
    }
    void theDeviceDecodesWhatTheCpuDecodes()
    {
        QFETCH(QString, method);
        QFETCH(QString, coupling);
        QFETCH(QString, initialisation);
        QFETCH(double, guidance);
        Pair pair(DevicePrecision::Float64);
        DecodeSettings settings = settingsOf(method.toStdString(), 5);
        settings.coupling = coupling.toStdString();
        settings.initialisation = initialisation.toStdString();
        settings.guidance = guidance;
        for (const std::size_t items : {1U, 3U}) {
            const Decoded plain = pair.plain(settings, items);
            const Decoded found = pair.onDevice(settings, items);
            QCOMPARE(found.tokens, plain.tokens);
            QCOMPARE(found.steps.size(), plain.steps.size());
            for (std::size_t i = 0; i < plain.steps.size(); ++i) {
                QCOMPARE(found.steps[i].item, plain.steps[i].item);
                QCOMPARE(found.steps[i].pass, plain.steps[i].pass);
                QCOMPARE(found.steps[i].token, plain.steps[i].token);
                QVERIFY(found.steps[i].state == plain.steps[i].state);
            }
        }
    }

    /// The same where drafts begin as noise: every column of every step but the candidates.
    void theDeviceDenoisesWhatTheCpuDenoises_data()
    {
        QTest::addColumn<QString>("coupling");
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("window");
        QTest::addColumn<Sjd2Variant>("variant");
        QTest::addColumn<ScenesNoise>("noise");
        ScenesNoise karras;
        karras.kind = {NoisePair::Linear, NoiseGrid::Karras, 0.05, 9.0, 3};
        karras.normalisation = Normalisation::Scalar;
        QTest::newRow("no noise") << "maximal" << 0 << 5 << Sjd2Variant{} << ScenesNoise{};
        QTest::newRow("one step") << "maximal" << 1 << 5 << Sjd2Variant{} << ScenesNoise{};
        QTest::newRow("two steps") << "independent" << 2 << 6 << Sjd2Variant{} << ScenesNoise{};
        QTest::newRow("exact") << "gumbel-exact" << 2 << 4 << Sjd2Variant{} << ScenesNoise{};
        QTest::newRow("as many steps as drafts") << "gumbel-spec" << 3 << 4 << Sjd2Variant{} << ScenesNoise{};
        QTest::newRow("a window as large as the picture") << "maximal" << 3 << 16 << Sjd2Variant{} << karras;
        QTest::newRow("one row") << "maximal" << 3 << 1 << Sjd2Variant{} << karras;
        QTest::newRow("drafts that wait") << "maximal" << 2 << 7 << Sjd2Variant{.refines = false} << ScenesNoise{};
        QTest::newRow("not normalised") << "maximal" << 2 << 7 << Sjd2Variant{.normalises = false} << karras;
    }
    void theDeviceDenoisesWhatTheCpuDenoises()
    {
        QFETCH(QString, coupling);
        QFETCH(int, steps);
        QFETCH(int, window);
        QFETCH(Sjd2Variant, variant);
        QFETCH(ScenesNoise, noise);
        Pair pair(DevicePrecision::Float64, noise);
        DecodeSettings settings = settingsOf("sjd2", static_cast<std::uint32_t>(window));
        settings.coupling = coupling.toStdString();
        settings.noiseSteps = static_cast<std::uint32_t>(steps);
        settings.variant = variant;
        for (const std::size_t items : {1U, 3U}) {
            const Decoded plain = pair.plain(settings, items);
            const Decoded found = pair.onDevice(settings, items);
            QCOMPARE(found.tokens, plain.tokens);
            QCOMPARE(found.steps.size(), plain.steps.size());
            for (std::size_t i = 0; i < plain.steps.size(); ++i) {
                const Step &a = found.steps[i], &b = plain.steps[i];
                QCOMPARE(std::tuple(a.item, a.pass, a.begin, a.end, a.committedEnd),
                         std::tuple(b.item, b.pass, b.begin, b.end, b.committedEnd));
                QCOMPARE(a.token, b.token);
                QCOMPARE(a.draft, b.draft);
                QVERIFY(a.state == b.state);
                QCOMPARE(a.noiseLevel, b.noiseLevel);
                for (const auto& [one, other] :
                     {std::pair(&a.p, &b.p), {&a.q, &b.q}, {&a.u, &b.u}, {&a.entropy, &b.entropy}}) {
                    QVERIFY(std::ranges::equal(*one, *other, [](float x, float y) {
                        return std::isnan(x) ? std::isnan(y) : std::abs(x - y) <= 1e-6F * (1.0F + std::abs(y));
                    }));
                }
            }
        }
    }

    void aModelWithoutNoiseIsRefused()
    {
        Pair pair(DevicePrecision::Float32);
        const auto decoder = makeDeviceDecoder(settingsOf("sjd2", 4), pair.device());
        QVERIFY(!decoder);
        QCOMPARE(decoder.error().code, ErrorCode::InvalidRequest);
    }

    void oneDecoderRunsAgainAndAgain()
    {
        Pair pair(DevicePrecision::Float32);
        const auto decoder = std::move(*makeDeviceDecoder(settingsOf("sjd", 4), pair.device()));
        const Tokens prompts{pair.device().network().unconditionalPrompt};
        const Decoded first = decode(*decoder, prompts);
        QCOMPARE(first.tokens.size(), std::size_t{1});
        QCOMPARE(decode(*decoder, {prompts[0], prompts[0]}).tokens[0], first.tokens[0]);
        QCOMPARE(decode(*decoder, prompts).tokens, first.tokens);
    }

    void exactIsExactOnTheDevice()
    {
        Pair pair(DevicePrecision::Float64);
        DecodeSettings settings = settingsOf("sjd", 6);
        settings.coupling = "gumbel-exact";
        settings.initialisation = "sample-left";
        QCOMPARE(pair.onDevice(settings, 2).tokens, pair.onDevice(settingsOf("sequential", 1), 2).tokens);
    }

    /// What measurements ask for: passes that commit as many tokens as those that were recorded.
    void recordedRunsAreCommitted()
    {
        Pair pair(DevicePrecision::Float32);
        pair.device().recordedRuns = {3, 1, 4};
        const Decoded found = pair.onDevice(settingsOf("sjd", 5), 1);
        std::vector<std::uint32_t> runs;
        for (const Step& step : found.steps) {
            runs.push_back(step.committedEnd - step.begin);
        }
        QCOMPARE(runs, (std::vector<std::uint32_t>{3, 1, 4, 3, 1, 4}));
        pair.device().runsAhead = false;
        pair.device().recordedRuns.clear();
        QCOMPARE(pair.onDevice(settingsOf("sjd", 5), 1).tokens, pair.plain(settingsOf("sjd", 5), 1).tokens);
    }

    void anUnknownCouplingIsRefused()
    {
        Pair pair(DevicePrecision::Float32);
        DecodeSettings settings = settingsOf("sjd", 4);
        settings.coupling = "loose";
        const auto decoder = makeDeviceDecoder(settings, pair.device());
        QVERIFY(!decoder);
        QCOMPARE(decoder.error().code, ErrorCode::InvalidRequest);
        QVERIFY(decodesOnDevice("jacobi"));
        QVERIFY(!decodesOnDevice("front"));
    }

    /// Estimates that a run is refused by must not be below what it takes.
    void bytesAreCounted()
    {
        Pair pair(DevicePrecision::Float32);
        const NetworkDescription& network = pair.device().network();
        const DeviceWeights& weights = pair.device().weights();
        const std::uint64_t estimate =
            DeviceWeights::bytesOf(network.shape, weights.table.size(0), DevicePrecision::Float32);
        std::uint64_t taken = weights.matrixBytes() + weights.table.nbytes() + weights.norm.nbytes();
        for (const auto& block : weights.blocks) {
            taken += block.attentionNorm.nbytes() + block.feedNorm.nbytes() + block.queryScale.nbytes() +
                     block.keyScale.nbytes();
        }
        QVERIFY(estimate >= taken); // on a GPU matrices of float32 end in rows of zeros, up to a multiple of 32
        QVERIFY(estimate - taken < taken / 8);
        QCOMPARE(weights.matrixBytes(), numbersOfPass(network.shape) * 4);
        const DecodeSettings one = settingsOf("sjd", 4);
        const auto bytes = [&](std::int64_t items) {
            return RunRoom::bytesOf(one, sizesOf(network), pair.device().layout(), DevicePrecision::Float32, items);
        };
        QVERIFY(bytes(1) > 0);
        QVERIFY(bytes(2) > bytes(1));

        Pair noisy(DevicePrecision::Float32, ScenesNoise{});
        const NetworkDescription& tuned = noisy.device().network();
        const auto bytesOf = [&](const DecodeSettings& settings) {
            return RunRoom::bytesOf(settings, sizesOf(tuned), noisy.device().layout(), DevicePrecision::Float32, 1);
        };
        const auto embeddings = static_cast<std::uint64_t>(tuned.noise->codes.numel());
        QVERIFY(bytesOf(settingsOf("sjd2", 4)) > bytesOf(one) + 4 * embeddings);
    }
};

JACOBI_TEST(ScenesNetworkTest)
#include "tst_scenesnetwork.moc"
