// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit golden
#include "tests/models/tarflow/flowruns.h"
#include "tests/models/tarflow/goldendata.h"
#include "tests/testmain.h"

#include <QJsonArray>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr double kTolerance = 1e-4;

/// The settings of a published run, whose lists begin with the last block.
FlowSettings publishedSettings(const QJsonObject& run)
{
    FlowSettings settings;
    settings.guidance = run["guidance"].toDouble();
    settings.attentionTemperature = run["attn_temp"].toDouble();
    settings.annealed = run["annealed"].toBool();
    settings.clip = 3.0;
    const auto at = [&](const char* list, int block) {
        const QJsonArray values = run[QLatin1String(list)].toArray();
        return static_cast<std::uint32_t>(values[values.size() - 1 - block].toInt());
    };
    for (int block = 0; block < 3; ++block) {
        FlowBlockPlan plan;
        plan.block = static_cast<std::uint32_t>(block);
        const std::uint32_t segments = at("num_GS_list", block);
        plan.method = segments == 0   ? FlowMethod::Sequential
                      : segments == 1 ? FlowMethod::Jacobi
                                      : FlowMethod::Segments;
        plan.segments = std::max(1U, segments);
        plan.maxPasses = at("max_jacobi_list", block);
        plan.tolerance = run["ebound"].toDouble();
        plan.stop = FlowStop::Published;
        plan.start = at("guess_list", block) == 1 ? FlowStart::Zeros : FlowStart::Input;
        settings.strategy.blocks.push_back(plan);
    }
    return settings;
}

const FlowSegmentReport* reportOf(const FlowRunResult& run, int block, int segment)
{
    for (const FlowSegmentReport& report : run.report.segments) {
        if (static_cast<int>(report.block) == block && static_cast<int>(report.segment) == segment) {
            return &report;
        }
    }
    return nullptr;
}

} // namespace

class GoldenFlowTest : public QObject {
    Q_OBJECT

private:
    double m_largest = 0.0;

    void compare(const at::Tensor& ours, const at::Tensor& golden, const std::string& name, double most = kTolerance)
    {
        const double error = distance(ours, golden);
        m_largest = std::max(m_largest, error);
        QVERIFY2(error <= most, (name + " " + std::to_string(error)).c_str());
    }

private Q_SLOTS:
    void sequential_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("guidance");
        QTest::addColumn<double>("temperature");
        QTest::addColumn<bool>("annealed");
        QTest::addColumn<bool>("scale");
        QTest::newRow("plain") << "plain" << 0.0 << 1.0 << false << true;
        QTest::newRow("guided") << "guided_const" << 1.5 << 1.0 << false << true;
        QTest::newRow("annealed, with a temperature") << "guided_annealed_temp" << 1.5 << 0.8 << true << true;
        QTest::newRow("shift only") << "guided_shift_only" << 1.0 << 1.0 << false << false;
    }
    void sequential()
    {
        QFETCH(QString, name);
        QFETCH(double, guidance);
        QFETCH(double, temperature);
        QFETCH(bool, annealed);
        QFETCH(bool, scale);
        const TarFlowTensors golden = goldenTensors("reverse.safetensors");
        const std::string at = name.toStdString();
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            TarFlowModel model(goldenWeights(type));
            FlowSettings settings = everyBlock(3, planOf(FlowMethod::Sequential));
            settings.guidance = guidance;
            settings.attentionTemperature = temperature;
            settings.annealed = annealed;
            settings.guideScale = scale;
            const FlowRunResult run =
                runFlow(model, settings, golden.at("latent"), numbersOf(golden.at("labels")), true);
            QVERIFY2(run.error.empty(), run.error.c_str());
            QCOMPARE(run.report.passes, std::uint64_t{3 * 63});
            compare(imagesOfTokens(model.weights(), golden.at("latent")), golden.at(at + ".latent_image"), "latent", 0.0);
            compare(imagesOfTokens(model.weights(), run.states[62]), golden.at(at + ".after_b2"), "b2");
            compare(imagesOfTokens(model.weights(), run.states[125]), golden.at(at + ".after_b1"), "b1");
            compare(imagesOfTokens(model.weights(), run.tokens), golden.at(at + ".after_b0"), "b0");
            if (QTest::currentTestFailed()) {
                return;
            }
        }
        qInfo("largest error: %.2g", m_largest);
    }

    void thereAndBack()
    {
        TarFlowModel model(goldenWeights());
        const at::Tensor image = goldenTensors("forward.safetensors").at("image");
        const at::Tensor z = tarflowForward(model.weights(), image, {}).z;
        const FlowRunResult run = runFlow(model, everyBlock(3, planOf(FlowMethod::Sequential)), z);
        const at::Tensor back = imagesOfTokens(model.weights(), run.tokens);
        compare(back, goldenTensors("reverse.safetensors").at("roundtrip.image"), "roundtrip");
        compare(back, image, "image", 2e-5);
    }

    void shiftOnly()
    {
        const TarFlowTensors golden = goldenTensors("volume_preserving.safetensors");
        TarFlowTensors tensors;
        for (const auto& [name, tensor] : golden) {
            if (name.starts_with("weights.")) {
                tensors[name.substr(8)] = tensor;
            }
        }
        TarFlowModel model(*tarflowFromTensors(tensors, at::kFloat, "golden"));
        const FlowRunResult run =
            runFlow(model, everyBlock(2, planOf(FlowMethod::Sequential)), golden.at("latent"), {}, true);
        compare(imagesOfTokens(model.weights(), run.states[14]), golden.at("reverse.after_b1"), "b1");
        compare(imagesOfTokens(model.weights(), run.tokens), golden.at("reverse.after_b0"), "b0");
        const FlowRunResult front = runFlow(model, everyBlock(2, planOf(FlowMethod::Front, 8)), golden.at("latent"));
        compare(imagesOfTokens(model.weights(), front.tokens), golden.at("reverse.after_b0"), "front");
    }

    void published_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"A", "B", "C", "D"}) {
            QTest::newRow(name) << QString(name);
        }
    }
    void published()
    {
        QFETCH(QString, name);
        const TarFlowTensors golden = goldenTensors("gsjacobi.safetensors");
        const QJsonObject settings = goldenSettings()["gsjacobi"].toObject()[name].toObject();
        const std::string prefix = name.toStdString() + ".";
        TarFlowModel model(goldenWeights());
        const FlowRunResult run = runFlow(model, publishedSettings(settings), golden.at(prefix + "latent"),
                                          numbersOf(golden.at("labels")), true);
        QVERIFY2(run.error.empty(), run.error.c_str());

        std::size_t pass = 0;
        for (const QJsonValue& value : settings["blocks"].toArray()) {
            const QJsonObject block = value.toObject();
            const int index = block["block"].toInt();
            const std::string at = prefix + "b" + std::to_string(index);
            compare(pass == 0 ? golden.at(prefix + "latent") : run.states[pass - 1], golden.at(at + ".input"), at);
            const QJsonArray counts = block["iterations"].toArray();
            for (int segment = 0; segment < counts.size(); ++segment) {
                const FlowSegmentReport* report = reportOf(run, index, segment);
                QVERIFY(report != nullptr && !report->fellBack && report->replaced == 0);
                QCOMPARE(static_cast<int>(report->passes), counts[segment].toInt());
                const std::string of =
                    block["mode"].toString() == "GSJ" ? at + ".seg" + std::to_string(segment) : at;
                for (int k = 0; k < counts[segment].toInt(); ++k, ++pass) {
                    QCOMPARE(run.steps[3 * pass]->lane, static_cast<std::uint32_t>(index));
                    QCOMPARE(run.steps[3 * pass]->segment, static_cast<std::uint32_t>(segment));
                    if (golden.contains(of + ".iterates")) {
                        const at::Tensor wanted = golden.at(of + ".iterates")[k];
                        const at::Tensor ours = inBlockOrder(model.layout(), index, run.states[pass]);
                        const std::int64_t from = wanted.size(1) == 64 ? 0 : report->begin;
                        compare(ours.narrow(1, from, wanted.size(1)), wanted, of + ".iterates");
                    }
                    if (golden.contains(of + ".residuals")) {
                        const double wanted = golden.at(of + ".residuals")[k].item<double>();
                        const double error = std::abs(run.residuals[pass] - wanted);
                        QVERIFY2(error <= 5e-7 + 1e-3 * wanted, (of + ".residuals " + std::to_string(error)).c_str());
                    }
                    if (QTest::currentTestFailed()) {
                        return;
                    }
                }
            }
            compare(run.states[pass - 1], golden.at(at + ".output"), at + ".output");
        }
        QCOMPARE(pass, static_cast<std::size_t>(run.report.passes));
        compare(imagesOfTokens(model.weights(), run.tokens), golden.at(prefix + "image"), "image");
        const FlowSettings published = publishedSettings(settings);
        FlowSettings oneByOne = published;
        oneByOne.strategy = everyBlock(3, planOf(FlowMethod::Sequential)).strategy;
        const FlowRunResult exact =
            runFlow(model, oneByOne, golden.at(prefix + "latent"), numbersOf(golden.at("labels")));
        compare(imagesOfTokens(model.weights(), exact.tokens), golden.at(prefix + "sequential_image"),
                "sequential image");
        qInfo("largest error: %.2g", m_largest);
    }
};

JACOBI_TEST(GoldenFlowTest)
#include "tst_goldenflow.moc"
