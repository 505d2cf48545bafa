// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/flowanalysis.h"

#include "tests/core/trace/tracesamples.h"
#include "tests/testmain.h"

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

using namespace jacobi;
using namespace jacobi::test;

namespace {

FlowAnalysis sampleAnalysis()
{
    FlowAnalysis analysis;
    analysis.modelHash = "0123abcd";
    analysis.images = 64;
    analysis.latents = 4;
    analysis.blocks = {
        {0, 26.8, 33.5, 1.79, 2.8, 4.0}, {1, 35.7, 44.6, 7.05, 7.09, 10.0}, {2, 17.5, 21.9, 12.8, 9.96, 17.5}};
    return analysis;
}

} // namespace

class FlowAnalysisTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsReadBack()
    {
        const auto back = flowAnalysisFromJson(toJson(sampleAnalysis()), "It");
        QVERIFY2(back.has_value(), back ? "" : back.error().message.c_str());
        QVERIFY(*back == sampleAnalysis());
    }

    void numbersThatAreNoneAreTheLargest()
    {
        FlowAnalysis analysis = sampleAnalysis();
        analysis.blocks[1].igmInput = std::numeric_limits<double>::infinity();
        analysis.blocks[1].igmZeros = std::nan("");
        const auto back = flowAnalysisFromJson(toJson(analysis), "It");
        QVERIFY(back.has_value());
        QCOMPARE(back->blocks[1].igmInput, kMostMetric);
        QCOMPARE(back->blocks[1].igmZeros, kMostMetric);
    }

    void theStartIsTheSmallerMetric()
    {
        const FlowAnalysis analysis = sampleAnalysis();
        QVERIFY(analysis.blocks[0].start() == FlowStart::Input);
        QVERIFY(analysis.blocks[2].start() == FlowStart::Zeros);
        QCOMPARE(toJson(analysis)["blocks"][2]["start"], nlohmann::json("zeros"));
    }

    void whatIsWrongIsNamed()
    {
        for (const char* key : {"schema", "modelHash", "images", "latents", "blocks"}) {
            nlohmann::json json = toJson(sampleAnalysis());
            json[key] = nullptr;
            const auto read = flowAnalysisFromJson(json, "It");
            QVERIFY(!read);
            QVERIFY2(read.error().message.find(key) != std::string::npos, read.error().message.c_str());
        }
        nlohmann::json json = toJson(sampleAnalysis());
        std::swap(json["blocks"][0], json["blocks"][1]);
        QVERIFY(!flowAnalysisFromJson(json, "It"));
    }

    void ranksAreCorrelated()
    {
        QCOMPARE(rankCorrelation({1, 2, 3}, {10, 200, 3000}).value(), 1.0);
        QCOMPARE(rankCorrelation({1, 2, 3}, {3, 2, 1}).value(), -1.0);
        // By hand: ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4.
        QVERIFY(std::abs(rankCorrelation({1, 2, 2, 3}, {1, 3, 2, 4}).value() - 4.5 / std::sqrt(4.5 * 5.0)) < 1e-12);
        QVERIFY(!rankCorrelation({1, 1}, {1, 2}));
        QVERIFY(!rankCorrelation({1}, {1}));
        QVERIFY(!rankCorrelation({1, 2}, {1, 2, 3}));
        QCOMPARE(sampleAnalysis().igmCorrelation().value(), 1.0);
        QCOMPARE(sampleAnalysis().crmCorrelation().value(), -0.5);
    }

    void anAnalysisIsSavedBesideItsModel()
    {
        const TestFolder folder;
        std::filesystem::create_directory(folder.file("model"));
        const auto saved = saveFlowAnalysis(sampleAnalysis(), folder.file("model"), folder.file("cache"));
        QVERIFY(saved.has_value());
        QVERIFY(*saved == folder.file("model") / "analysis.json");
        QVERIFY(findFlowAnalysis(folder.file("model"), {}, "0123abcd").value() == sampleAnalysis());
        QVERIFY(!findFlowAnalysis(folder.file("model"), {}, "another"));
    }

    void whereTheModelCannotBeWrittenTheCacheIs()
    {
        const TestFolder folder;
        std::ofstream(folder.file("model")) << "a file is no folder";
        const auto saved = saveFlowAnalysis(sampleAnalysis(), folder.file("model"), folder.file("cache"));
        QVERIFY2(saved.has_value(), saved ? "" : saved.error().message.c_str());
        QVERIFY(saved->parent_path().parent_path() == folder.file("cache"));
        QVERIFY(findFlowAnalysis(folder.file("model"), folder.file("cache"), "0123abcd").value() == sampleAnalysis());
        QVERIFY(!saveFlowAnalysis(sampleAnalysis(), folder.file("model"), {}));
    }

    /// A model's folder that cannot be written has an analysis that came with it: the user's own lies in the cache.
    void theBetterOneIsFound()
    {
        const TestFolder folder;
        const auto model = folder.file("model");
        const auto cache = folder.file("cache");
        std::filesystem::create_directory(model);
        const auto places = flowAnalysisPlaces(model, cache, "0123abcd");
        const auto put = [&](std::size_t place, std::uint32_t images, int secondsAgo) {
            FlowAnalysis analysis = sampleAnalysis();
            analysis.images = images;
            std::filesystem::create_directories(places[place].parent_path());
            std::ofstream(places[place]) << toJson(analysis).dump();
            std::filesystem::last_write_time(places[place], std::filesystem::file_time_type::clock::now() -
                                                                std::chrono::seconds(secondsAgo));
        };
        const auto found = [&] { return findFlowAnalysis(model, cache, "0123abcd")->images; };
        put(0, 64, 10);
        put(1, 256, 20);
        QCOMPARE(found(), 256U); // more pictures, older or not
        put(1, 32, 0);
        QCOMPARE(found(), 64U);
        FlowAnalysis other = sampleAnalysis(); // as good, and newer
        other.blocks[0].crm = 1.0;
        std::ofstream(places[1]) << toJson(other).dump();
        QCOMPARE(findFlowAnalysis(model, cache, "0123abcd")->blocks[0].crm, 1.0);
        std::filesystem::last_write_time(places[0],
                                         std::filesystem::file_time_type::clock::now() + std::chrono::seconds(9));
        QCOMPARE(findFlowAnalysis(model, cache, "0123abcd")->blocks[0].crm, 26.8);
        std::ofstream(places[0]) << "{}"; // of nothing
        QCOMPARE(findFlowAnalysis(model, cache, "0123abcd")->blocks[0].crm, 1.0);
    }

    /// What is saved is found, also where one of more pictures stays in the other place.
    void whatWasSavedLastIsFound()
    {
        const TestFolder folder;
        const auto model = folder.file("model");
        const auto cache = folder.file("cache");
        std::filesystem::create_directory(model);
        const auto own = flowAnalysisPlaces(model, cache, "0123abcd")[1];
        const auto saveBesideTheModel = [&](std::uint32_t images) {
            FlowAnalysis analysis = sampleAnalysis();
            analysis.images = images;
            return saveFlowAnalysis(analysis, model, cache).value() == model / "analysis.json";
        };
        const auto saveInTheCache = [&](std::uint32_t images, const nlohmann::json& replaces) {
            FlowAnalysis analysis = sampleAnalysis();
            analysis.images = images;
            nlohmann::json json = toJson(analysis);
            json["replaces"] = replaces;
            std::filesystem::create_directories(own.parent_path());
            std::ofstream(own) << json.dump();
            std::filesystem::last_write_time(own,
                                             std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
        };
        const auto found = [&] { return findFlowAnalysis(model, cache, "0123abcd")->images; };
        QVERIFY(saveBesideTheModel(64));
        saveInTheCache(4, 64); // by --force, in place of what cannot be written
        QCOMPARE(found(), 4U);
        saveInTheCache(4, "many");
        QCOMPARE(found(), 64U);
        saveInTheCache(256, 0);
        QCOMPARE(found(), 256U);
        std::filesystem::last_write_time(own, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(5));
        QVERIFY(saveBesideTheModel(8)); // where the cache has the better one
        QCOMPARE(found(), 8U);
        QVERIFY(saveBesideTheModel(6));
        QCOMPARE(found(), 6U);
    }
};

JACOBI_TEST(FlowAnalysisTest)
#include "tst_flowanalysis.moc"
