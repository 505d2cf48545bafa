// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "widgets/svgpaper.h"

#include <QPainter>
#include <QXmlStreamReader>

using namespace jacobi;

namespace {

QString painted(const std::function<void(QPainter&)>& paint)
{
    SvgPaper paper({200, 100}, {50.0, 25.0});
    QPainter painter(&paper);
    paint(painter);
    painter.end();
    return QString::fromUtf8(paper.file("A & <b>", "seen\x01 once", "program"));
}

bool isWellFormed(const QString& text)
{
    QXmlStreamReader reader(text);
    while (!reader.atEnd()) {
        reader.readNext();
    }
    return !reader.hasError();
}

} // namespace

/// What is painted, as an SVG file.
class SvgPaperTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFileSaysWhatItIs()
    {
        const QString svg = painted([](QPainter&) {});
        QVERIFY(isWellFormed(svg));
        QVERIFY(svg.contains("<title>A &amp; &lt;b&gt;</title>"));
        QVERIFY(svg.contains("<desc>seen once</desc>"));
        QVERIFY(svg.contains("width=\"50mm\" height=\"25mm\" viewBox=\"0 0 200 100\""));
    }

    void textIsTextAndNeverMarkup()
    {
        const QString svg = painted([](QPainter& painter) { painter.drawText(QPointF(10, 20), "p < q & \"r\""); });
        QVERIFY(isWellFormed(svg));
        QVERIFY2(svg.contains(">p &lt; q &amp; &quot;r&quot;</text>"), qPrintable(svg));
        QVERIFY(svg.contains("<text x=\"10\" y=\"20\""));
    }

    void whatIsClippedIsClippedThereToo()
    {
        const QString svg = painted([](QPainter& painter) {
            painter.save();
            painter.translate(5, 0);
            painter.setClipRect(QRect(10, 20, 30, 40));
            painter.fillRect(QRect(0, 0, 200, 100), Qt::red);
            painter.setClipRect(QRect(20, 20, 100, 10), Qt::IntersectClip);
            painter.fillRect(QRect(0, 0, 200, 100), Qt::green);
            painter.restore();
            painter.fillRect(QRect(1, 2, 3, 4), Qt::blue);
        });
        QVERIFY(isWellFormed(svg));
        QVERIFY2(svg.contains("<path d=\"M15 20L45 20L45 60L15 60Z\"/></clipPath>"), qPrintable(svg));
        QCOMPARE(svg.count("<clipPath"), 2);
        QCOMPARE(svg.count("<g clip-path"), 2);
        const qsizetype blue = svg.indexOf("#0000ff");
        QVERIFY(blue > svg.lastIndexOf("</g>")); // behind both
    }

    void nothingIsSeenThroughAnEmptyClip()
    {
        const QString svg = painted([](QPainter& painter) {
            painter.setClipRect(QRect(0, 0, 10, 10));
            painter.setClipRect(QRect(50, 50, 10, 10), Qt::IntersectClip);
            painter.fillRect(QRect(0, 0, 200, 100), Qt::red);
        });
        QVERIFY2(!svg.contains("#ff0000"), qPrintable(svg));
    }

    void pensKeepTheirDashesAndColoursTheirShare()
    {
        const QString svg = painted([](QPainter& painter) {
            QPen pen(QColor(10, 20, 30, 128), 2.0, Qt::SolidLine, Qt::FlatCap);
            pen.setDashPattern({4.0, 3.0});
            painter.setPen(pen);
            painter.setOpacity(0.5);
            painter.drawLine(QPointF(0, 0), QPointF(10, 5));
        });
        QVERIFY2(svg.contains("d=\"M0 0L10 5\""), qPrintable(svg));
        QVERIFY(svg.contains("stroke=\"#0a141e\" stroke-opacity=\"0.502\" stroke-width=\"2\""));
        QVERIFY(svg.contains("stroke-dasharray=\"8 6\""));
        QVERIFY(svg.contains(" opacity=\"0.5\""));
    }

    void turnedTextCarriesItsTransform()
    {
        const QString svg = painted([](QPainter& painter) {
            painter.translate(30, 40);
            painter.rotate(-90);
            painter.drawText(QPointF(1, 2), "upright");
        });
        QVERIFY2(svg.contains("transform=\"matrix(0 -1 1 0 30 40)\""), qPrintable(svg));
        QVERIFY(svg.contains("<text x=\"1\" y=\"2\""));
    }

    void hatchesAndGradientsAreDefinedOnce()
    {
        const QString svg = painted([](QPainter& painter) {
            QLinearGradient gradient(QPointF(0, 0), QPointF(10, 0));
            gradient.setColorAt(0.0, Qt::red);
            gradient.setColorAt(1.0, Qt::blue);
            for (int at = 0; at < 3; ++at) {
                painter.fillRect(QRectF(at * 10, 0, 9, 9), QBrush(Qt::black, Qt::BDiagPattern));
                painter.fillRect(QRectF(0, at * 10, 10, 9), gradient);
            }
        });
        QVERIFY(isWellFormed(svg));
        QCOMPARE(svg.count("<pattern"), 1);
        QCOMPARE(svg.count("<linearGradient"), 1);
        QCOMPARE(svg.count("url(#hatch"), 3);
        QCOMPARE(svg.count("url(#gradient"), 3);
    }

    /// Many programs smooth what they enlarge: a picture that is to be sharp has pixels enough.
    void aSmallPictureStaysSharp()
    {
        const auto pixels = [](bool isSmooth) {
            const QString svg = painted([isSmooth](QPainter& painter) {
                QImage image(4, 2, QImage::Format_RGB32);
                image.fill(Qt::red);
                painter.setRenderHint(QPainter::SmoothPixmapTransform, isSmooth);
                painter.drawImage(QRectF(0, 0, 100, 50), image);
            });
            const QString start = "data:image/png;base64,";
            const qsizetype from = svg.indexOf(start) + start.size();
            return QImage::fromData(QByteArray::fromBase64(svg.mid(from, svg.indexOf('"', from) - from).toLatin1()))
                .size();
        };
        QCOMPARE(pixels(true), QSize(4, 2));
        QCOMPARE(pixels(false), QSize(64, 32));
    }
};

JACOBI_TEST(SvgPaperTest)
#include "tst_svgpaper.moc"
