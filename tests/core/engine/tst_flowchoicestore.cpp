// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/flowchoicestore.h"

#include "tests/core/engine/fakeflow.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

#include <fstream>

using namespace jacobi;
using namespace jacobi::test;

namespace {

FlowChoice sampleChoice()
{
    FlowChoice choice;
    FlowBlockPlan plan;
    plan.method = FlowMethod::Jacobi;
    plan.tolerance = 0.25;
    choice.strategy = everyBlock(3, plan);
    choice.passes = 7.5;
    choice.sequentialPasses = 15.0;
    choice.seconds = 0.25;
    choice.sequentialSeconds = 0.5;
    choice.error = 0.001;
    choice.blockPasses = {2.5, 2.0, 3.0};
    return choice;
}

RunRequest sampleRequest()
{
    RunRequest request = fakeFlowRequest("gs-jacobi");
    request.strategy = kAutoPasses;
    request.modelHash = "00aa";
    return request;
}

} // namespace

class FlowChoiceStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aChoiceOutlivesTheProgram()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("deep/strategies.json").toStdString();
        QVERIFY(FlowChoiceStore(file).remember(sampleRequest(), "CPU", sampleChoice()));
        const FlowChoiceStore store(file);
        QVERIFY(store.find(sampleRequest(), "CPU").value() == sampleChoice());
        QVERIFY(!store.find(sampleRequest(), "another CPU"));
    }

    void twoProgramsKeepWhatEachMeasures()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("strategies.json").toStdString();
        FlowChoiceStore one(file);
        FlowChoiceStore other(file);
        QVERIFY(one.remember(sampleRequest(), "one", sampleChoice()));
        QVERIFY(other.remember(sampleRequest(), "other", sampleChoice()));
        const FlowChoiceStore store(file);
        QVERIFY(store.find(sampleRequest(), "one").value() == sampleChoice());
        QVERIFY(store.find(sampleRequest(), "other").value() == sampleChoice());
    }

    void whatItDependsOnIsTheKey()
    {
        const std::vector<std::function<void(RunRequest&)>> other{
            [](RunRequest& r) { r.modelHash = "00bb"; },
            [](RunRequest& r) { r.pictures = 2; },
            [](RunRequest& r) { r.guidance = 2.0; },
            [](RunRequest& r) { r.strategy = kAutoTime; },
            [](RunRequest& r) { r.precision = "float64"; },
            [](RunRequest& r) { r.clip = 3.0; },
            [](RunRequest& r) { r.className = r.className.empty() ? "storm" : ""; }};
        FlowChoiceStore store({});
        QVERIFY(store.remember(sampleRequest(), "CPU", sampleChoice()));
        for (const auto& change : other) {
            RunRequest request = sampleRequest();
            change(request);
            QVERIFY(!store.find(request, "CPU"));
        }
        RunRequest same = sampleRequest();
        same.seed = 99;
        same.className = same.className.empty() ? "" : "another class";
        QVERIFY(store.find(same, "CPU").has_value());
    }

    void moreGuidanceIsMeasuredAnew()
    {
        FlowChoiceStore store({});
        RunRequest request = sampleRequest();
        request.guidance = 2.0;
        QVERIFY(store.remember(request, "CPU", sampleChoice()));
        for (const double alike : {1.6, 1.9, 2.0}) {
            request.guidance = alike;
            QVERIFY(store.find(request, "CPU").has_value());
        }
        for (const double other : {0.0, 0.1, 1.5, 2.1, 5.0}) {
            request.guidance = other;
            QVERIFY(!store.find(request, "CPU"));
        }
    }

    void aFileThatIsNoneIsEmpty()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("strategies.json").toStdString();
        for (const char* text :
             {"", "{", "[]", "{\"choices\": 7}", "{\"choices\": [{\"for\": {}, \"plan\": \"{\"}]}"}) {
            std::ofstream(file) << text;
            QVERIFY(!FlowChoiceStore(file).find(sampleRequest(), "CPU"));
        }
        FlowChoiceStore store(file);
        QVERIFY(store.remember(sampleRequest(), "CPU", sampleChoice()));
        QVERIFY(FlowChoiceStore(file).find(sampleRequest(), "CPU").has_value());
    }

    void whatCannotBeWrittenIsStillRemembered()
    {
        const QTemporaryDir folder;
        std::ofstream(folder.filePath("file").toStdString()) << "no folder";
        FlowChoiceStore store(folder.filePath("file/strategies.json").toStdString());
        QVERIFY(!store.remember(sampleRequest(), "CPU", sampleChoice()));
        QVERIFY(store.find(sampleRequest(), "CPU").has_value());
    }
};

JACOBI_TEST(FlowChoiceStoreTest)
#include "tst_flowchoicestore.moc"
