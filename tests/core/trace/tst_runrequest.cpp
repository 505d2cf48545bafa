// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/runrequest.h"

#include "core/io/jsontext.h"
#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <limits>

using namespace jacobi;
using namespace jacobi::test;

class RunRequestTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyFieldComesBack()
    {
        const RunRequest request = sampleRequest();
        const nlohmann::json ours = toJson(request);
        const nlohmann::json defaults = toJson(RunRequest{});
        // The sample must not hide a field that is forgotten on the way.
        for (const auto& [key, value] : defaults.items()) {
            QVERIFY2(ours[key] != value, key.c_str());
        }
        QCOMPARE(ours.size(), defaults.size() + 9); // those of a flow are written where they are not the default
        const Result<nlohmann::json> json = parseJson(jsonText(ours), "It");
        QVERIFY(json.has_value());
        QVERIFY(runRequestFromJson(*json).value() == request);
    }

    void keysAreThoseOfTheDescription()
    {
        const nlohmann::json json = toJson(RunRequest{});
        std::vector<std::string> keys;
        for (const auto& [key, value] : json.items()) {
            keys.push_back(key);
        }
        QCOMPARE(keys, (std::vector<std::string>{"coupling", "device", "guidance", "initialisation", "method",
                                                 "modelHash", "modelId", "pictures", "precision", "prompt", "seed",
                                                 "temperature", "topK", "topP", "window"}));
    }

    void missingKeysKeepTheirDefault()
    {
        QVERIFY(runRequestFromJson(nlohmann::json::object()).value() == RunRequest{});
        const nlohmann::json whole = toJson(sampleRequest());
        const nlohmann::json defaults = toJson(RunRequest{});
        for (const auto& [key, value] : whole.items()) {
            nlohmann::json without = whole;
            without.erase(key);
            nlohmann::json expected = whole;
            expected.erase(key);
            if (defaults.contains(key)) {
                expected[key] = defaults[key];
            }
            QCOMPARE(toJson(runRequestFromJson(without).value()), expected);
        }
    }

    void noiseStepsAreWrittenWhereTheyAreUnusual()
    {
        RunRequest request = sampleRequest();
        QVERIFY(!toJson(request).contains("noiseSteps")); // the traces of before stay what they were
        request.noiseSteps = 3;
        QCOMPARE(toJson(request)["noiseSteps"], nlohmann::json(3));
        QVERIFY(runRequestFromJson(toJson(request)).value() == request);
        request.noiseSteps = 0;
        QVERIFY(runRequestFromJson(toJson(request)).value() == request);
    }

    void completionIsWrittenWhereItIsUsed()
    {
        RunRequest request;
        QVERIFY(!toJson(request).contains("completesPrompt"));
        request.completesPrompt = true;
        QCOMPARE(toJson(request)["completesPrompt"], nlohmann::json(true));
        QVERIFY(runRequestFromJson(toJson(request)).value() == request);
        QVERIFY(!runRequestFromJson({{"completesPrompt", "yes"}}).has_value());
    }

    void minPIsWrittenWhereItIsUsed()
    {
        RunRequest request = sampleRequest();
        QVERIFY(!toJson(request).contains("minP"));
        request.minP = 0.125;
        QCOMPARE(toJson(request)["minP"], nlohmann::json(0.125));
        QVERIFY(runRequestFromJson(toJson(request)).value() == request);
    }

    void unknownKeysAreIgnored()
    {
        nlohmann::json json = toJson(sampleRequest());
        json["modelPath"] = "/etc/passwd";
        json["Window"] = 7;
        json[""] = nlohmann::json::array();
        const RunRequest request = runRequestFromJson(json).value();
        QVERIFY(request == sampleRequest());
        QVERIFY(!toJson(request).contains("modelPath"));
    }

    void wrongTypesAreNamed()
    {
        const nlohmann::json whole = toJson(sampleRequest());
        for (const auto& [key, value] : whole.items()) {
            for (const nlohmann::json& wrong : {nlohmann::json(nullptr), nlohmann::json(true), nlohmann::json::array(),
                                                value.is_string() ? nlohmann::json(1) : nlohmann::json("1")}) {
                nlohmann::json json = whole;
                json[key] = wrong;
                const Result<RunRequest> request = runRequestFromJson(json);
                QVERIFY2(!request, key.c_str());
                QCOMPARE(request.error().code, ErrorCode::InvalidRequest);
                QVERIFY2(request.error().message.find("\"" + key + "\"") != std::string::npos,
                         request.error().message.c_str());
            }
        }
    }

    void wrongNumbersAreNamed_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::newRow("window of a half") << "window"
                                          << "0.5";
        QTest::newRow("window beyond 32 bits") << "window"
                                               << "2147483648";
        QTest::newRow("window of the number that stands for auto") << "window"
                                                                   << "-1";
        QTest::newRow("window of a word") << "window"
                                          << "\"wide\"";
        QTest::newRow("window of another case") << "window"
                                                << "\"Auto\"";
        QTest::newRow("window of a list") << "window"
                                          << "[\"auto\"]";
        QTest::newRow("window of true") << "window"
                                        << "true";
        QTest::newRow("pictures as text") << "pictures"
                                          << "\"auto\"";
        QTest::newRow("half a picture") << "pictures"
                                        << "1.5";
        QTest::newRow("pictures beyond 32 bits") << "pictures"
                                                 << "2147483648";
        QTest::newRow("top-k beyond 32 bits") << "topK"
                                              << "-2147483649";
        QTest::newRow("seed below 0") << "seed"
                                      << "-1";
        QTest::newRow("seed of 2^64") << "seed"
                                      << "18446744073709551616";
        QTest::newRow("seed as a fraction") << "seed"
                                            << "1.0";
        QTest::newRow("guidance beyond all") << "guidance"
                                             << "1e301";
    }

    void wrongNumbersAreNamed()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        const nlohmann::json json{{key.toStdString(), nlohmann::json::parse(value.toStdString())}};
        const Result<RunRequest> request = runRequestFromJson(json);
        QVERIFY(!request);
        QVERIFY(QString::fromStdString(request.error().message).contains(key));
    }

    /// In JSON "auto" is a word, for people and other programs; the number that stands for it here is not written.
    void anOpenWindowIsAWord()
    {
        RunRequest request = sampleRequest();
        request.window = kAutoWindow;
        const nlohmann::json json = toJson(request);
        QVERIFY(json["window"] == "auto");
        QVERIFY(runRequestFromJson(parseJson(jsonText(json), "It").value()).value() == request);
        request.window = 16;
        QVERIFY(toJson(request)["window"] == 16);
        QVERIFY(runRequestFromJson({{"window", "auto"}}).value().window == kAutoWindow);
    }

    void anOpenInitialisationIsAWord()
    {
        RunRequest request = sampleRequest();
        request.initialisation = kAutoName;
        QVERIFY(toJson(request)["initialisation"] == "auto");
        QVERIFY(runRequestFromJson(toJson(request)).value() == request);
    }

    void whatIsOpenIsKnown()
    {
        RunRequest request = sampleRequest();
        QVERIFY(!request.hasAuto());
        request.window = kAutoWindow;
        QVERIFY(request.hasAuto());
        request.initialisation = kAutoName;
        QVERIFY(request.hasAuto());
        request.window = 1;
        QVERIFY(request.hasAuto());
        request.initialisation = "uniform";
        QVERIFY(!request.hasAuto());
        request.device = "auto"; // that is not measured
        QVERIFY(!request.hasAuto());
    }

    void aMeasuredStrategyIsOpenUntilItHasAPlan()
    {
        for (const char* strategy : kMeasuredStrategies) {
            RunRequest request;
            request.method = "gs-jacobi";
            request.strategy = strategy;
            QVERIFY(request.hasAuto());
            request.plan = "{}";
            QVERIFY(!request.hasAuto());
            request.plan.clear();
            request.method = "front"; // needs no strategy
            QVERIFY(!request.hasAuto());
            request.method = "gs-jacobi";
            request.strategy = "7-8-32-10"; // known without measuring
            QVERIFY(!request.hasAuto());
        }
    }

    void everySeedComesBack()
    {
        for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1} << 53U, (std::uint64_t{1} << 53U) + 1,
                                         std::uint64_t{1} << 63U, std::numeric_limits<std::uint64_t>::max()}) {
            RunRequest request;
            request.seed = seed;
            const std::string text = jsonText(toJson(request));
            QCOMPARE(runRequestFromJson(parseJson(text, "It").value()).value().seed, seed);
        }
    }

    void wholeNumbersAreNumbersToo()
    {
        const nlohmann::json json{{"guidance", 3}, {"temperature", 0}};
        const RunRequest request = runRequestFromJson(json).value();
        QCOMPARE(request.guidance, 3.0);
        QCOMPARE(request.temperature, 0.0);
    }

    void onlyAnObjectIsARequest()
    {
        for (const char* text : {"[]", "null", "\"sjd\"", "7"}) {
            const Result<RunRequest> request = runRequestFromJson(nlohmann::json::parse(text));
            QVERIFY2(!request, text);
            QCOMPARE(request.error().code, ErrorCode::InvalidRequest);
        }
    }

    void aPromptHasALimit()
    {
        const auto prompt = [](std::size_t size) { return nlohmann::json{{"prompt", std::string(size, 'x')}}; };
        QVERIFY(runRequestFromJson(prompt(1U << 20U)).has_value());
        QVERIFY(!runRequestFromJson(prompt((1U << 20U) + 1)));
    }
};

JACOBI_TEST(RunRequestTest)
#include "tst_runrequest.moc"
