// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/requestsettings.h"

#include "tests/testmain.h"

#include <set>

using namespace jacobi;

namespace {

std::set<std::string> keysOf(const RunRequest& request, bool isFlow)
{
    std::set<std::string> keys;
    for (const RequestSetting& setting : settingsOf(request, isFlow)) {
        keys.insert(setting.key);
    }
    return keys;
}

RunRequest with(const std::string& method)
{
    RunRequest request;
    request.method = method;
    return request;
}

} // namespace

class RequestSettingsTest : public QObject {
    Q_OBJECT

    const std::set<std::string> m_sampling{"guidance", "temperature",     "topK",     "topP",
                                           "minP",     "completesPrompt", "precision"};

    std::set<std::string> sampling(const std::set<std::string>& more) const
    {
        std::set<std::string> keys = m_sampling;
        keys.insert(more.begin(), more.end());
        return keys;
    }

private Q_SLOTS:
    void eachMethodOfTokensHasItsOwn()
    {
        QCOMPARE(keysOf(with("sequential"), false), m_sampling);
        QCOMPARE(keysOf(with("sjd"), false), sampling({"coupling", "window", "initialisation"}));
        QCOMPARE(keysOf(with("sjd2"), false), sampling({"coupling", "window", "initialisation", "noiseSteps"}));
        QCOMPARE(keysOf(with("jacobi"), false), sampling({"window", "initialisation"}));
    }

    void eachMethodOfAFlowHasItsOwn()
    {
        const auto flow = [](RunRequest request) {
            request.guidance = 0.0;
            return keysOf(request, true);
        };
        using Keys = std::set<std::string>;
        QCOMPARE(flow(with("sequential")), (Keys{"guidance", "denoise", "precision"}));
        QCOMPARE(flow(with("jacobi")), (Keys{"guidance", "denoise", "precision", "tolerance", "clip"}));
        QCOMPARE(flow(with("front")), (Keys{"guidance", "denoise", "precision", "tolerance", "window"}));
        QCOMPARE(flow(with("gs-jacobi")), (Keys{"guidance", "denoise", "precision", "tolerance", "clip", "segments"}));
        RunRequest named = with("gs-jacobi");
        named.strategy = kCrm;
        named.plan = "{}";
        QCOMPARE(flow(named), (Keys{"guidance", "denoise", "precision", "clip", "strategy", "plan"}));
        QVERIFY(keysOf(with("sequential"), true).contains("guidanceSchedule")); // with guidance
        QVERIFY(keysOf(with("sequential"), true).contains("attentionTemperature"));
    }

    /// Read back, it is the request again as far as the method uses it, with what is at its default written out.
    void theWholeRequestIsWritten()
    {
        RunRequest request = with("sjd2");
        request.modelId = "scenes";
        request.prompt = "a tree";
        request.window = 17;
        request.minP = 0.1;
        request.seed = 18'446'744'073'709'551'615ULL;
        const nlohmann::json json = usedRequest(request, false);
        QCOMPARE(json["noiseSteps"].get<int>(), kUsualNoiseSteps);
        QCOMPARE(json["topP"].get<double>(), 1.0);
        QVERIFY(!json.contains("tolerance"));
        QVERIFY(runRequestFromJson(json).value() == request);
        QVERIFY(!usedRequest(with("sequential"), false).contains("coupling"));
        QVERIFY(!usedRequest(with("front"), true).contains("prompt"));
        QVERIFY(usedRequest(with("front"), true).contains("class"));
    }

    void numbersAreShortAndExact()
    {
        QCOMPARE(settingText(0.1), std::string("0.1"));
        QCOMPARE(settingText(2.0), std::string("2"));
        QCOMPARE(settingText(1e-3), std::string("0.001"));
        QCOMPARE(settingText(0.30000000000000004), std::string("0.30000000000000004"));
        QCOMPARE(settingText(12), std::string("12"));
        QCOMPARE(settingText("maximal"), std::string("maximal"));
        QCOMPARE(settingText(true), std::string("yes"));
    }
};

JACOBI_TEST(RequestSettingsTest)
#include "tst_requestsettings.moc"
