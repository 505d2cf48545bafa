// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/promptedit.h"
#include "app/studio/requestpanel.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"

#include <QAbstractSlider>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>
#include <limits>

using namespace jacobi;
using namespace jacobi::test;

class RequestPanelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyMethodFitsIntoTheWidth_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"sequential", "sjd", "sjd2"}) {
            QTest::newRow(method) << QString(method);
        }
    }
    /// The panel does not scroll sideways: what is wider would be cut off.
    void everyMethodFitsIntoTheWidth()
    {
        QFETCH(QString, method);
        Theme::apply(*qApp, Theme::Mode::Dark);
        RequestPanel panel;
        ModelInfo model = fakeModel();
        model.name = "A model, tuned for SJD2";
        model.parameters = 6'200'000;
        model.mostNoiseSteps = 3;
        panel.setModels({model});
        RunRequest request;
        request.modelId = model.id;
        request.method = method.toStdString();
        panel.setRequest(request);
        panel.resize(panel.width(), 900);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        const auto* scroll = panel.findChild<QScrollArea*>();
        QVERIFY(scroll != nullptr);
        QVERIFY2(scroll->widget()->minimumSizeHint().width() <= scroll->viewport()->width(),
                 qPrintable(QStringLiteral("%1 > %2")
                                .arg(scroll->widget()->minimumSizeHint().width())
                                .arg(scroll->viewport()->width())));
    }

    /// The box that completes prompts is the model's default and goes into the request; below the prompt stands what was read.
    void promptsCanBeCompleted()
    {
        RequestPanel panel;
        ModelInfo model = fakeModel();
        model.vocabulary = {"a", "house", "sea"};
        model.maxPromptWords = 8;
        model.defaults.modelId = model.id;
        model.defaults.completesPrompt = true;
        panel.setModels({model});
        auto* box = panel.findChild<QCheckBox*>();
        QVERIFY(box != nullptr && box->isVisibleTo(&panel) && box->isChecked());
        QVERIFY(panel.shownRequest().completesPrompt);
        panel.promptEdit()->setPlainText("a house");
        panel.setRead("a house", "a house, sea");
        const auto says = [&](const QString& text) {
            const auto labels = panel.findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->text().contains(text); });
        };
        QVERIFY(says("Read as “a house, sea”"));
        const QString longRead = "two red houses on the left and a white sailboat on the right by the sea at sunset, the sun low";
        for (int length = 20; length <= longRead.size(); ++length) { // whole, or with an ellipsis: never cut by the label
            panel.setRead("a house", longRead.left(length));
            const auto labels = panel.findChildren<QLabel*>();
            const auto hint = std::find_if(labels.begin(), labels.end(), [](const QLabel* label) { return label->text().startsWith("Read as"); });
            QVERIFY(hint != labels.end());
            const QRect needed = (*hint)->fontMetrics().boundingRect(QRect(0, 0, RequestPanel::kWidth - 28, 1000), Qt::TextWordWrap, (*hint)->text());
            QVERIFY2(needed.height() <= (*hint)->height(), qPrintable((*hint)->text()));
        }
        panel.setRead("a house", "a house, sea");
        panel.promptEdit()->setPlainText("a house a");
        QVERIFY(!says("Read as") && says("3 of 8 words"));
        panel.promptEdit()->setPlainText("a house");
        QVERIFY(says("Read as"));
        box->setChecked(false);
        QVERIFY(!says("Read as") && !panel.shownRequest().completesPrompt);
        model.defaults.completesPrompt = false;
        panel.setModels({model});
        QVERIFY(!box->isVisibleTo(&panel));
    }

    void aPromptThatIsTooLongSaysSoBeforeItIsAskedFor()
    {
        RequestPanel panel;
        panel.setModels({fakeModel()}); // reads six words
        const auto* button = [&]() -> const QPushButton* {
            for (const QPushButton* one : panel.findChildren<QPushButton*>()) {
                if (one->accessibleName() == "Generate") {
                    return one;
                }
            }
            return nullptr;
        }();
        QVERIFY(button != nullptr);
        panel.promptEdit()->setPlainText("a red house a blue boat");
        QVERIFY(panel.canGenerate() && panel.problem().isEmpty());
        panel.promptEdit()->setPlainText("a red house a blue boat a sea");
        QVERIFY(!panel.canGenerate());
        QVERIFY2(button->toolTip().contains("8 words") && button->toolTip().contains("6 at most"), qPrintable(button->toolTip()));
        const auto labels = panel.findChildren<QLabel*>();
        const auto hint = std::find_if(labels.begin(), labels.end(), [](const QLabel* label) { return label->text() == "8 of 6 words"; });
        QVERIFY(hint != labels.end());
        QCOMPARE((*hint)->property("role").toString(), QString("error"));
        panel.promptEdit()->setPlainText(QString(5000, 'm'));
        QVERIFY(!panel.canGenerate() && panel.problem().contains("6 words") && !panel.problem().contains("bytes"));
        panel.promptEdit()->setPlainText("a red house");
        QVERIFY(panel.canGenerate() && button->toolTip().isEmpty());
        QCOMPARE((*hint)->property("role").toString(), QString("secondary"));
    }

    /// It is for GPUs, and what a run on the CPU had says nothing of it.
    void aPrecisionIsChosenForGpusOnly()
    {
        RequestPanel panel;
        panel.setModels({fakeModel()});
        QComboBox* box = panel.precisionBox();
        RunRequest request = panel.shownRequest();
        QCOMPARE(request.precision, std::string(kAutoName));
        request.precision = "int8";
        panel.setRequest(request); // remembered, before the device is known
        QVERIFY(!box->isVisibleTo(&panel));
        QCOMPARE(panel.shownRequest().precision, std::string("int8"));
        panel.setOnGpu(false);
        QVERIFY(!box->isVisibleTo(&panel));
        request.device = "cpu";
        request.precision = "float32";
        panel.setRequest(request); // of a run here
        QCOMPARE(panel.shownRequest().precision, std::string("int8"));
        panel.setOnGpu(true);
        QVERIFY(box->isVisibleTo(&panel));
        QCOMPARE(panel.shownRequest().precision, std::string("int8"));
        const auto put = [&](const char* precision) {
            request.device = "cuda:0";
            request.precision = precision;
            panel.setRequest(request);
            return panel.shownRequest().precision;
        };
        QCOMPARE(put("float32"), std::string("float32"));
        QCOMPARE(put("bfloat16"), std::string(kAutoName));
        QCOMPARE(put("float64"), std::string("float32")); // what comes nearest
        for (int at = 0; at < box->count(); ++at) { // each has its sentence, which has room
            box->setCurrentIndex(at);
            const QString hint = box->itemData(at, Qt::ToolTipRole).toString();
            const auto labels = panel.findChildren<QLabel*>();
            const auto shown = std::find_if(labels.begin(), labels.end(), [&](const QLabel* label) { return label->text() == hint; });
            QVERIFY(!hint.isEmpty() && shown != labels.end());
            const QRect needed = (*shown)->fontMetrics().boundingRect(QRect(0, 0, RequestPanel::kWidth - 28, 1000), Qt::TextWordWrap, hint);
            QVERIFY2(needed.height() <= (*shown)->height(), qPrintable(hint));
        }
        QCOMPARE(box->count(), 3);
    }

    /// A run that was brought back before it was known where runs are made.
    void aPrecisionWaitsForTheDevice()
    {
        RequestPanel panel;
        panel.setModels({fakeModel()});
        RunRequest request = panel.shownRequest();
        request.device = "cpu";
        request.precision = "float32";
        panel.setRequest(request);
        QCOMPARE(panel.shownRequest().precision, std::string(kAutoName));
        panel.setOnGpu(true);
        QCOMPARE(panel.shownRequest().precision, std::string("float32"));
    }

    void severalUnknownWordsAreLeftOutTogether()
    {
        RequestPanel panel;
        panel.setModels({fakeModel()});
        const auto says = [&](const QString& text) {
            const auto labels = panel.findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->toolTip().contains(text); });
        };
        panel.promptEdit()->setPlainText("a qqqqqqqqqqqq");
        QVERIFY(says("leaves it out"));
        panel.promptEdit()->setPlainText("a qqqqqqqqqqqq wwwwwwwwwwww");
        QVERIFY(says("leaves them out"));
    }

    /// The wheel moves what scrolls, and changes no setting that passes under the mouse.
    void theWheelChangesNoSetting()
    {
        Stage stage;
        stage.panel.resize(stage.panel.width(), 500); // lower than its settings
        const RunRequest before = stage.panel.shownRequest();
        const auto* scroll = stage.panel.findChild<QScrollArea*>();
        QVERIFY(scroll->verticalScrollBar()->maximum() > 0);
        int turned = 0;
        for (QWidget* widget : scroll->widget()->findChildren<QWidget*>()) {
            if (qobject_cast<QComboBox*>(widget) == nullptr && qobject_cast<QAbstractSlider*>(widget) == nullptr) {
                continue;
            }
            QVERIFY(widget->focusPolicy() != Qt::WheelFocus);
            for (const int by : {-120, 120}) {
                const QPointF at = widget->rect().center();
                QWheelEvent wheel(at, widget->mapToGlobal(at), {}, {0, by}, Qt::NoButton, Qt::NoModifier,
                                  Qt::NoScrollPhase, false);
                QApplication::sendEvent(widget, &wheel);
            }
            ++turned;
        }
        QVERIFY(turned > 8);
        QCOMPARE(toJson(stage.panel.shownRequest()), toJson(before));
    }

    /// From the prompt downwards, as one reads; the button is the last.
    void theTabKeyGoesDownThePanel()
    {
        Stage stage;
        QVERIFY(QTest::qWaitForWindowActive(&stage.panel));
        stage.panel.firstField()->setFocus();
        constexpr int kRow = 32; // two sliders with their numbers stand side by side
        int above = -1;
        int stops = 0;
        const auto* scroll = stage.panel.findChild<QScrollArea*>();
        for (; stops < 40; ++stops) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QWidget* now = QApplication::focusWidget();
            if (!scroll->widget()->isAncestorOf(now)) {
                break;
            }
            const int top = now->mapTo(scroll->widget(), QPoint()).y();
            QVERIFY2(top + kRow > above, qPrintable(now->accessibleName()));
            above = top;
        }
        QVERIFY(stops > 10);
        const auto* button = qobject_cast<QPushButton*>(QApplication::focusWidget());
        QVERIFY(button != nullptr && button->accessibleName() == "Generate");
    }

    void otherSettingsCanBeUndoneInThePrompt()
    {
        Stage stage;
        QTest::keyClicks(stage.panel.promptEdit(), "a typed prompt");
        RunRequest request = stage.panel.shownRequest();
        request.prompt = std::string("of another run");
        stage.panel.setRequest(request);
        QCOMPARE(stage.panel.promptEdit()->toPlainText(), QString("of another run"));
        stage.panel.promptEdit()->undo();
        QCOMPARE(stage.panel.promptEdit()->toPlainText(), QString("a typed prompt"));
    }

    /// One that draws no drafts has no use for a window, and does not forget it.
    void theWindowSurvivesSequential()
    {
        Stage stage;
        RunRequest request = stage.panel.shownRequest();
        request.method = std::string("sequential");
        request.window = 7;
        stage.panel.setRequest(request);
        QCOMPARE(stage.panel.shownRequest().window, 7);
        request.window = 1; // of such a run's trace
        stage.panel.setRequest(request);
        QCOMPARE(stage.panel.shownRequest().window, 7);
    }

    /// What runs is what the field says.
    void theSeedThatIsUsedIsSeen()
    {
        Stage stage;
        const QList<QLineEdit*> fields = stage.panel.findChildren<QLineEdit*>();
        const auto found = std::ranges::find(fields, QString("Seed"), &QLineEdit::accessibleName);
        QVERIFY(found != fields.end());
        QLineEdit* field = *found;
        field->selectAll();
        QTest::keyClicks(field, "99999999999999999999"); // a digit too many for 64 bits
        QCOMPARE(field->text(), QString("9999999999999999999"));
        QCOMPARE(stage.panel.nextRequest().seed, std::uint64_t{9999999999999999999U});
        field->selectAll();
        QTest::keyClicks(field, "18446744073709551615");
        QCOMPARE(stage.panel.nextRequest().seed, std::numeric_limits<std::uint64_t>::max());
        field->selectAll();
        QTest::keyClick(field, Qt::Key_Delete);
        const std::uint64_t used = stage.panel.nextRequest().seed;
        QCOMPARE(field->text(), QString::number(used));
    }

    /// What was typed on a command line comes back digit for digit.
    void settingsAreHeldExactly()
    {
        Stage stage;
        RunRequest request = stage.panel.shownRequest();
        request.guidance = 2.25;
        request.temperature = 0.996;
        request.topP = 0.998;
        request.minP = 0.004;
        request.pictures = 20; // beyond the slider
        stage.panel.setRequest(request);
        QCOMPARE(toJson(stage.panel.shownRequest()), toJson(request));
        request.guidance = 12.5;
        request.temperature = 3.0;
        request.topP = 0.01;
        stage.panel.setRequest(request);
        QCOMPARE(toJson(stage.panel.shownRequest()), toJson(request));
        stage.panel.setModels({fakeModel()}); // as when the generating part is there
        QCOMPARE(toJson(stage.panel.shownRequest()), toJson(request));
    }

    void aPromptThatIsTooLongIsSaidToBe()
    {
        Stage stage;
        stage.panel.promptEdit()->setPlainText(QStringLiteral("red ").repeated(20'000));
        bool isSaid = false;
        for (const QLabel* label : stage.panel.findChildren<QLabel*>()) {
            isSaid = isSaid || label->text().startsWith("Longer than a prompt can be");
        }
        QVERIFY(isSaid);
    }

private:
    /// A panel with a model, to be seen.
    struct Stage {
        Stage()
        {
            Theme::apply(*qApp, Theme::Mode::Dark);
            panel.setModels({fakeModel()});
            panel.resize(panel.width(), 1000);
            panel.show();
            panel.activateWindow();
            isExposed = QTest::qWaitForWindowExposed(&panel);
        }
        RequestPanel panel;
        bool isExposed = false;
    };
};

JACOBI_TEST(RequestPanelTest)
#include "tst_requestpanel.moc"
