// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "widgets/numberlabel.h"

#include <QFontMetricsF>
#include <QImage>
#include <QPainter>

#include <cmath>

using namespace jacobi;

namespace {

QImage drawn(const QString& text, Qt::Alignment alignment, const QRectF& box = {10, 10, 180, 30})
{
    QImage image(200, 50, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.setPen(Qt::black);
    drawTabular(painter, box, alignment, text);
    return image;
}

// The smallest rectangle around what is not white.
QRect inkOf(const QImage& image)
{
    QRect ink;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixel(x, y) != 0xffffffffU) {
                ink |= QRect(x, y, 1, 1);
            }
        }
    }
    return ink;
}

} // namespace

class NumberLabelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void allDigitsAreEquallyWide()
    {
        const QFont font;
        const qreal width = tabularWidth(font, "0");
        for (char digit = '1'; digit <= '9'; ++digit) {
            QCOMPARE(tabularWidth(font, QString(QChar(digit))), width);
        }
        QCOMPARE(tabularWidth(font, "1111.11"), tabularWidth(font, "8080.98"));
        QVERIFY(std::abs(tabularWidth(font, "123") - 3.0 * width) < 1e-9);
    }

    void otherTextIsAsTheFontHasIt()
    {
        const QFont font;
        QCOMPARE(tabularWidth(font, "pass"), QFontMetricsF(font).horizontalAdvance("pass"));
        QCOMPARE(tabularWidth(font, ""), 0.0);
    }

    void alignmentPutsItWhereItBelongs()
    {
        const QRect left = inkOf(drawn("pass 63", Qt::AlignLeft | Qt::AlignVCenter));
        const QRect right = inkOf(drawn("pass 63", Qt::AlignRight | Qt::AlignVCenter));
        const QRect middle = inkOf(drawn("pass 63", Qt::AlignCenter));
        QVERIFY(left.isValid());
        QVERIFY(std::abs(left.left() - 10) <= 3);
        QVERIFY(std::abs(right.right() - 190) <= 3);
        QVERIFY(std::abs(middle.center().x() - 100) <= 3);
        QVERIFY(std::abs(middle.center().y() - 25) <= 4);
        QVERIFY(inkOf(drawn("63", Qt::AlignTop)).top() < inkOf(drawn("63", Qt::AlignBottom)).top());
    }

    void growingDigitsMoveNothingBesideThem()
    {
        // The word after the number stands at the same place, whatever the number is.
        const auto wordOf = [](const QString& number) {
            return drawn(number + " tokens", Qt::AlignLeft | Qt::AlignVCenter).copy(40, 0, 160, 50);
        };
        QCOMPARE(wordOf("111"), wordOf("888"));
    }

    void itIsAsWideAsItsWidestText()
    {
        NumberLabel label;
        label.setText("pass 7");
        const QSize narrow = label.sizeHint();
        label.setWidestText("pass 8888");
        const QSize wide = label.sizeHint();
        QVERIFY(wide.width() > narrow.width());
        for (int pass : {0, 10, 111, 9999}) {
            label.setText(QString("pass %1").arg(pass));
            QCOMPARE(label.sizeHint(), wide);
        }
        label.setText("pass 123456");
        QVERIFY(label.sizeHint().width() > wide.width());
        QCOMPARE(label.minimumSizeHint(), label.sizeHint());
        QCOMPARE(label.accessibleName(), QString("pass 123456"));
    }
};

JACOBI_TEST(NumberLabelTest)
#include "tst_numberlabel.moc"
