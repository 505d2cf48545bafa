// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/flowstage.h"
#include "tests/widgets/stage.h"
#include "widgets/acceptanceview.h"
#include "widgets/flowview.h"
#include "widgets/metricsview.h"
#include "widgets/pictureview.h"
#include "widgets/qcustomplotheader.h"
#include "widgets/residualview.h"
#include "widgets/theme.h"
#include "widgets/trajectoryview.h"
#include "widgets/windowview.h"

#include <QXmlStreamReader>

#include <cmath>

using namespace jacobi;
using namespace jacobi::test;

namespace {

FigurePage page()
{
    FigurePage page;
    page.caption = "scenes · SJD · seed 7";
    page.program = "Jacobi Studio 1";
    return page;
}

/// The texts of an SVG file, one a line.
QStringList textsOf(const QByteArray& svg)
{
    QStringList texts;
    QXmlStreamReader reader(svg);
    while (!reader.atEnd()) {
        if (reader.readNext() == QXmlStreamReader::StartElement && reader.name() == QLatin1String("text")) {
            texts << reader.readElementText();
        }
    }
    return reader.hasError() ? QStringList() : texts;
}

/// Cells without commas or quotes, as all numbers are.
QVector<QStringList> cellsOf(const Figure& figure)
{
    QVector<QStringList> rows;
    const QString text = QString::fromUtf8(figureFile(figure, FigureFormat::Csv, page()));
    for (const QString& line : text.split("\r\n", Qt::SkipEmptyParts)) {
        rows << line.split(',');
    }
    return rows;
}

FlowAnalysis madeAnalysis()
{
    FlowAnalysis analysis;
    analysis.images = 8;
    for (std::uint32_t block = 0; block < 3; ++block) {
        FlowBlockMetrics one;
        one.block = block;
        one.crmPercent = 100.0 / 3.0 + block;
        one.igmInput = 1.0 + block;
        one.passes = 5.0;
        analysis.blocks.push_back(one);
    }
    return analysis;
}

/// Every view with a run, by the name of its figure.
struct Views {
    Views()
        : acceptance(&stage.model, &stage.selection),
          window(&stage.model, &stage.selection),
          trajectory(&stage.model, &stage.selection),
          picture(&stage.model, &stage.selection),
          residual(&flow.flow, &flow.model, &flow.selection),
          blocks(&flow.flow, &flow.model, &flow.selection),
          flowPicture(&flow.flow, &flow.model, &flow.selection)
    {
        Theme::apply(*qApp, Theme::Mode::Dark);
        blocks.setAnalysis(madeAnalysis());
    }
    const FigureView& named(const QString& name) const
    {
        for (const FigureView* view :
             std::initializer_list<const FigureView*>{&acceptance, &window, &trajectory, &residual, &blocks}) {
            if (view->figureName() == name) {
                return *view;
            }
        }
        return name == "flow" ? static_cast<const FigureView&>(flowPicture) : picture;
    }

    Stage stage{MadeTrace{}};
    FlowStage flow;
    AcceptanceView acceptance;
    WindowView window;
    TrajectoryView trajectory;
    PictureView picture;
    ResidualView residual;
    MetricsView blocks;
    FlowView flowPicture;
};

/// What a widget is asked to paint.
class Paintings : public QObject {
public:
    int count = 0;
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        count +=
            event->type() == QEvent::Paint || event->type() == QEvent::UpdateRequest || event->type() == QEvent::Resize
                ? 1
                : 0;
        return QObject::eventFilter(watched, event);
    }
};

} // namespace

/// Plots on paper, and the numbers behind them.
class FigureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void axesLegendAndCaptionAreThere_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QStringList>("says");
        QTest::newRow("acceptance") << "acceptance" << QStringList{"Accepted per pass", "tokens",
                                                                   "tokens so far",     "pass",
                                                                   "in the pass",       "cumulative, of 64",
                                                                   "one per pass"};
        QTest::newRow("window") << "window" << QStringList{"Window",      "position",     "pass",
                                                           "drafts left", "window's end", "one per pass"};
        QTest::newRow("trajectory") << "trajectory" << QStringList{"Trajectory",     "token position (raster order)",
                                                                   "pass",           "0",
                                                                   "accepted",       "draft, unchanged",
                                                                   "draft, redrawn", "new"};
        QTest::newRow("residual") << "residual"
                                  << QStringList{"Residual", "residual", "pass", "tolerance", "block final", "block 1"};
        QTest::newRow("blocks") << "blocks" << QStringList{"Blocks",
                                                           "share, %",
                                                           "passes",
                                                           "block · CRM and IGM from 8 pictures",
                                                           "passes of this run",
                                                           "one by one"};
        QTest::newRow("picture") << "picture"
                                 << QStringList{"Picture after pass 3", "accepted in this pass", "draft, redrawn"};
        QTest::newRow("flow") << "flow" << QStringList{"noise", "picture"};
    }
    void axesLegendAndCaptionAreThere()
    {
        QFETCH(const QString, name);
        QFETCH(const QStringList, says);
        Views views;
        views.stage.selection.goToPass(3);
        QVERIFY(views.named(name).hasFigure());
        const Figure figure = views.named(name).figure();
        for (const qreal width : {160.0, 70.0}) { // narrow ones too are whole
            FigurePage narrow = page();
            narrow.millimetres = {width, width * 0.8};
            const QByteArray svg = figureFile(figure, FigureFormat::Svg, narrow);
            const QStringList texts = textsOf(svg);
            QVERIFY2(!texts.isEmpty(), svg);
            for (const QString& text : says) {
                QVERIFY2(texts.contains(text), qPrintable(text + " in " + texts.join('|')));
            }
            QVERIFY2(texts.contains(page().caption), qPrintable(texts.join('|')));
            QVERIFY2(!texts.join(' ').contains(u'…'), qPrintable(texts.join('|')));
            QVERIFY(svg.contains("<title>" + figure.title.toUtf8() + "</title>"));
            QVERIFY(!svg.contains(Theme::palette(true).panel.name().toLatin1())); // nothing of the dark look
        }
    }

    void thereIsNoFigureWithoutARun()
    {
        Stage stage;
        FlowTrace flow(&stage.model);
        QVERIFY(!AcceptanceView(&stage.model, &stage.selection).hasFigure());
        QVERIFY(!WindowView(&stage.model, &stage.selection).hasFigure());
        QVERIFY(!TrajectoryView(&stage.model, &stage.selection).hasFigure());
        QVERIFY(!PictureView(&stage.model, &stage.selection).hasFigure());
        QVERIFY(!ResidualView(&flow, &stage.model, &stage.selection).hasFigure());
        QVERIFY(!MetricsView(&flow, &stage.model, &stage.selection).hasFigure());
        QVERIFY(!FlowView(&flow, &stage.model, &stage.selection).hasFigure());
    }

    /// The view on the screen is neither painted nor changed for it, and nobody hears of another look.
    void theWindowStaysAsItIs()
    {
        Stage stage{MadeTrace{}};
        AcceptanceView view(&stage.model, &stage.selection);
        present(view, {640, 300});
        stage.selection.goToPass(4);
        QTest::qWait(150);
        const QImage before = view.grab().toImage();
        const QRect axes = view.plot()->axisRect()->rect();
        QSignalSpy changed(&Theme::instance(), &Theme::changed);
        Paintings paintings;
        view.installEventFilter(&paintings);
        view.plot()->installEventFilter(&paintings);
        const Figure figure = view.figure();
        for (const FigureFormat format : {FigureFormat::Svg, FigureFormat::Pdf, FigureFormat::Png, FigureFormat::Csv}) {
            QVERIFY(!figureFile(figure, format, page()).isEmpty());
        }
        QTest::qWait(150);
        QCOMPARE(paintings.count, 0);
        QCOMPARE(changed.size(), 0);
        QVERIFY(Theme::instance().isDark());
        QCOMPARE(view.plot()->axisRect()->rect(), axes);
        QCOMPARE(view.grab().toImage(), before);
    }

    void whatIsLookedAtIsNotMarkedOnPaper()
    {
        Views views;
        const QByteArray before = figureFile(views.acceptance.figure(), FigureFormat::Svg, page());
        views.stage.selection.goToPass(4);
        views.stage.selection.pin({2, -1});
        QCOMPARE(figureFile(views.acceptance.figure(), FigureFormat::Svg, page()), before);
    }

    void acceptanceAndWindowHaveTheTracesNumbers()
    {
        Views views;
        const TraceModel& model = views.stage.model;
        const auto accepted = cellsOf(views.acceptance.figure());
        const auto window = cellsOf(views.window.figure());
        QCOMPARE(accepted.size(), model.passes() + 1);
        QCOMPARE(window.size(), model.passes() + 1);
        QCOMPARE(accepted.first(), (QStringList{"pass", "accepted in the pass (tokens)", "accepted so far (tokens)",
                                                "one per pass (tokens)"}));
        for (int pass = 0; pass < model.passes(); ++pass) {
            const auto text = [](int value) { return QString::number(value); };
            QCOMPARE(accepted[pass + 1], (QStringList{text(pass), text(model.acceptedInPass(pass)),
                                                      text(model.committedEnd(pass)), text(pass + 1)}));
            QCOMPARE(window[pass + 1],
                     (QStringList{text(pass), text(model.windowBegin(pass)), text(model.committedEnd(pass)),
                                  text(model.windowEnd(pass)), text(pass + 1)}));
        }
    }

    void theTrajectoryHasEveryCellOfTheWindows()
    {
        Views views;
        const TraceModel& model = views.stage.model;
        const auto rows = cellsOf(views.trajectory.figure());
        int row = 1;
        for (int pass = 0; pass < model.passes(); ++pass) {
            for (int at = model.committedBefore(pass); at < model.windowEnd(pass); ++at, ++row) {
                QCOMPARE(rows[row].mid(0, 2), (QStringList{QString::number(pass), QString::number(at)}));
                QCOMPARE(rows[row][2] == "accepted", model.stateAt(pass, at) == CellState::AcceptedNow);
                QCOMPARE(rows[row][2] == "redrawn", model.stateAt(pass, at) == CellState::Redrawn);
            }
        }
        QCOMPARE(rows.size(), row);
    }

    void residualsHaveEveryDigit()
    {
        Views views;
        const auto rows = cellsOf(views.residual.figure());
        QCOMPARE(rows.size(), views.flow.model.passes() + 1);
        bool isAnyFinal = false;
        for (int pass = 0; pass < views.flow.model.passes(); ++pass) {
            const QStringList& row = rows[pass + 1];
            QCOMPARE(row[0].toInt(), pass);
            QCOMPARE(row[1].toInt(), views.flow.flow.blockOf(pass));
            const double residual = views.flow.flow.residual(pass);
            QVERIFY(std::isnan(residual) ? row[2].isEmpty() : row[2].toDouble() == residual);
            isAnyFinal = isAnyFinal || row[4] == "1";
        }
        QVERIFY(isAnyFinal);
    }

    /// A pass of blocks that overlap has a row for each.
    void blocksThatOverlapHaveRowsOfTheirOwn()
    {
        FlowStage flow(makeOverlappingTrace());
        const ResidualView view(&flow.flow, &flow.model, &flow.selection);
        QCOMPARE(cellsOf(view.figure()).size(), 1 + 6 + 7 + 6);
    }

    void blocksHaveTheMetricsInFull()
    {
        Views views;
        const auto rows = cellsOf(views.blocks.figure());
        QCOMPARE(rows.size(), 4);
        QCOMPARE(rows[0], (QStringList{"block", "method", "CRM (%)", "IGM (%)", "passes"}));
        QCOMPARE(rows[1][2].toDouble(), 100.0 / 3.0);
        QCOMPARE(rows[3][3].toDouble(), 50.0);
        QCOMPARE(rows[2][1], QString("one by one"));
        QCOMPARE(rows[2][4], QString("15"));
    }

    void aPictureHasTheNumbersOfItsOverlay()
    {
        Views views;
        views.stage.selection.goToPass(4);
        QCOMPARE(cellsOf(views.picture.figure())[1].last(), QString("accepted before"));
        views.picture.setOverlay(Overlay::AcceptancePass);
        const Figure figure = views.picture.figure();
        const auto rows = cellsOf(figure);
        QCOMPARE(rows.size(), 65);
        QCOMPARE(rows[0].last(), QString("pass of acceptance"));
        QCOMPARE(rows[1].last().toInt(), views.stage.model.passOfAcceptance(0));
        QVERIFY(rows[64].last().isEmpty());
        QVERIFY(
            textsOf(figureFile(figure, FigureFormat::Svg, page())).contains("pass of acceptance")); // the scale's name
        views.picture.setOverlay(Overlay::Entropy);
        QCOMPARE(cellsOf(views.picture.figure())[0].last(), QString("entropy (nats)"));
        views.picture.setOverlay(Overlay::None);
        QVERIFY(!views.picture.figure().table.rows);
        QVERIFY(figureFile(views.picture.figure(), FigureFormat::Csv, page()).isEmpty());
    }

    void aFlowsPictureHasTheNumbersOfItsOverlay()
    {
        Views views;
        views.flow.selection.goToPass(2);
        QVERIFY(!views.flowPicture.figure().table.rows);
        views.flowPicture.setOverlay(FlowCanvas::Overlay::Residual);
        const Figure figure = views.flowPicture.figure();
        QVERIFY(figure.scale.has_value());
        const auto rows = cellsOf(figure);
        QCOMPARE(rows.size(), 17);
        QCOMPARE(rows[0].last(), QString("residual"));
        QCOMPARE(rows[16].last().toFloat(), static_cast<float>(flowResidual(2, 2)));
        views.flowPicture.setOverlay(FlowCanvas::Overlay::State);
        QVERIFY(textsOf(figureFile(views.flowPicture.figure(), FigureFormat::Svg, page())).contains("moved"));
    }

    /// What is exported is what is to be seen.
    void aZoomedPlotIsExportedAsItIsShown()
    {
        Stage stage{MadeTrace{}};
        AcceptanceView view(&stage.model, &stage.selection);
        present(view, {640, 300});
        view.plot()->xAxis->setRange(1.6, 9.8);
        QVERIFY(view.isZoomedByUser());
        const Figure figure = view.figure();
        const auto rows = cellsOf(figure);
        QCOMPARE(rows[1][0], QString("2"));
        QCOMPARE(rows.last()[0], QString("9"));
        const QStringList texts = textsOf(figureFile(figure, FigureFormat::Svg, page()));
        QVERIFY(texts.contains("2") && !texts.contains("1"));

        TrajectoryView trajectory(&stage.model, &stage.selection);
        present(trajectory, {640, 400});
        trajectory.plot()->yAxis->setRange(2.0, 11.0);
        trajectory.plot()->xAxis->setRange(0.0, 9.5);
        for (const QStringList& row : cellsOf(trajectory.figure()).mid(1)) {
            QVERIFY2(row[0].toInt() >= 2 && row[0].toInt() < 11 && row[1].toInt() < 10, qPrintable(row.join(',')));
        }
    }

    void aPngHasTwoPixelsAUnitAndSaysWhatItIs()
    {
        Views views;
        FigurePage inch = page();
        inch.millimetres = {101.6, 50.8};
        const QImage image = QImage::fromData(figureFile(views.acceptance.figure(), FigureFormat::Png, inch));
        QCOMPARE(image.size(), QSize(4 * 192, 2 * 192));
        QCOMPARE(image.dotsPerMeterX(), 7559);
        QCOMPARE(image.pixelColor(0, 0), QColor(Qt::white));
        QCOMPARE(image.text("Title"), QString("Accepted per pass · scenes · SJD · seed 7"));
        QCOMPARE(image.text("Software"), QString("Jacobi Studio 1"));
        QVERIFY(pixelsOf(image, image.rect(), Theme::palette(false).accepted) > 500);
    }

    void aPdfHasItsSizeAndTitle()
    {
        Views views;
        FigurePage inch = page();
        inch.caption = "seed 7";
        inch.millimetres = {101.6, 50.8};
        const QByteArray pdf = figureFile(views.window.figure(), FigureFormat::Pdf, inch);
        QVERIFY(pdf.startsWith("%PDF-"));
        QVERIFY(pdf.contains("/MediaBox [0 0 288.000000 144.000000]"));
        QVERIFY(pdf.contains("/Title"));
        QVERIFY(pdf.contains("/ToUnicode")); // its text is text
    }

    void aCellOfATableIsQuotedWhereItMustBe()
    {
        Figure figure;
        figure.table.heading = {"a, b", "c"};
        figure.table.rows = [](const FigureTable::TakeRow& take) { take({"say \"x\"", ""}); };
        QCOMPARE(figureFile(figure, FigureFormat::Csv, page()), QByteArray("\"a, b\",c\r\n\"say \"\"x\"\"\",\r\n"));
        QCOMPARE(figureText(figure.table), QString("a, b\tc\nsay \"x\"\t\n"));
        QCOMPARE(figureNumber(0.1), QString("0.1"));
        QCOMPARE(figureNumber(std::nan("")), QString());
    }
};

JACOBI_TEST(FigureTest)
#include "tst_figure.moc"
