// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "widgets/theme.h"
#include "widgets/trajectoryraster.h"

#include <QApplication>
#include <QLabel>
#include <QPalette>
#include <QPushButton>
#include <QSignalSpy>

#include <cmath>

using namespace jacobi;

namespace {

// Relative luminance and contrast as WCAG 2.2 defines them.
double luminance(const QColor& colour)
{
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

void addPair(const char* name, bool dark, const QColor& a, const QColor& b, double least)
{
    QTest::addRow("%s, %s", name, dark ? "dark" : "light") << a << b << least;
}

} // namespace

class ThemeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { Theme::apply(*qApp, Theme::Mode::Dark); }

    void palettesAreComplete()
    {
        for (const bool dark : {true, false}) {
            const Palette& p = Theme::palette(dark);
            for (const QColor& colour : {p.window, p.panel, p.raised, p.line, p.text, p.secondary, p.accent, p.onAccent,
                                         p.accepted, p.kept, p.redrawn, p.rejected, p.fresh, p.plotGround}) {
                QVERIFY(colour.isValid());
                QCOMPARE(colour.alpha(), 255);
            }
            QVERIFY((luminance(p.window) < luminance(p.text)) == dark);
        }
    }

    void contrasts_data()
    {
        QTest::addColumn<QColor>("a");
        QTest::addColumn<QColor>("b");
        QTest::addColumn<double>("least");
        for (const bool dark : {true, false}) {
            const Palette& p = Theme::palette(dark);
            addPair("text on window", dark, p.text, p.window, 4.5);
            addPair("text on panel", dark, p.text, p.panel, 4.5);
            addPair("text on raised", dark, p.text, p.raised, 4.5);
            addPair("secondary on window", dark, p.secondary, p.window, 4.5);
            addPair("secondary on panel", dark, p.secondary, p.panel, 4.5);
            addPair("secondary on raised", dark, p.secondary, p.raised, 4.5);
            addPair("text on accent", dark, p.onAccent, p.accent, 4.5);
            // State colours as ink of a word: short of 4.5 here and there, so the word alone must say it too.
            addPair("rejected as ink on panel", dark, p.rejected, p.panel, dark ? 4.2 : 4.5);
            addPair("accepted as ink on panel", dark, p.accepted, p.panel, dark ? 4.5 : 4.2);
            addPair("redrawn as ink on panel", dark, p.redrawn, p.panel, dark ? 4.5 : 2.8);
            addPair("accepted on plot", dark, p.accepted, p.plotGround, 3.0);
            addPair("rejected on plot", dark, p.rejected, p.plotGround, 3.0);
            addPair("accent on plot", dark, p.accent, p.plotGround, 3.0);
            addPair("accent on panel", dark, p.accent, p.panel, 3.0);
            addPair("redrawn on plot", dark, p.redrawn, p.plotGround, dark ? 3.0 : 2.5);
            // Drafts recede on purpose; their shape and place say what they are.
            addPair("kept on plot", dark, p.kept, p.plotGround, dark ? 3.0 : 1.7);
            addPair("fresh on plot", dark, p.fresh, p.plotGround, 1.2);
        }
    }

    void contrasts()
    {
        QFETCH(QColor, a);
        QFETCH(QColor, b);
        QFETCH(double, least);
        const double found = contrast(a, b);
        QVERIFY2(found >= least, qPrintable(QString::number(found)));
    }

    // The states of the trajectory are told apart by lightness too, not by hue alone.
    void neighbouringStatesDifferInLightness()
    {
        for (const bool dark : {true, false}) {
            const Palette& p = Theme::palette(dark);
            for (const auto& [a, b] :
                 {std::pair(p.fresh, p.kept), std::pair(p.kept, p.redrawn), std::pair(p.kept, p.accepted)}) {
                QVERIFY2(contrast(a, b) >= 1.3, qPrintable(a.name() + b.name()));
            }
        }
    }

    void aChangeOfModeReachesEverything()
    {
        Theme& theme = Theme::instance();
        QVERIFY(theme.isDark());
        QCOMPARE(theme.palette().window, Theme::palette(true).window);
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setMode(Theme::Mode::Light);
        QCOMPARE(changed.size(), 1);
        QVERIFY(!theme.isDark());
        QCOMPARE(theme.mode(), Theme::Mode::Light);
        QCOMPARE(colours().window, Theme::palette(false).window);
        QCOMPARE(QApplication::palette().color(QPalette::Window), Theme::palette(false).window);
        QCOMPARE(QApplication::palette().color(QPalette::Highlight), Theme::palette(false).accent);
        theme.setMode(Theme::Mode::System);
        QCOMPARE(theme.mode(), Theme::Mode::System);
        QCOMPARE(theme.palette().window, Theme::palette(theme.isDark()).window);
    }

    void theStyleSheetHasNoNamesLeft()
    {
        for (const auto mode : {Theme::Mode::Dark, Theme::Mode::Light}) {
            Theme::instance().setMode(mode);
            const QString sheet = qApp->styleSheet();
            QVERIFY(sheet.size() > 1000);
            const qsizetype header = sheet.indexOf("QLabel"); // after the comment that explains them
            QVERIFY2(!sheet.mid(header).contains('@'), qPrintable(sheet.mid(sheet.indexOf('@', header), 40)));
            QVERIFY(sheet.contains(colours().accent.name()));
        }
    }

    void fontsHaveTheirSizes()
    {
        const Theme& theme = Theme::instance();
        QVERIFY(theme.secondaryFont().pointSizeF() < theme.titleFont().pointSizeF());
        QVERIFY(theme.titleFont().pointSizeF() < theme.bodyFont().pointSizeF());
        QCOMPARE(theme.titleFont().weight(), QFont::DemiBold);
        QCOMPARE(QApplication::font().pointSizeF(), theme.bodyFont().pointSizeF());
    }

    void rolesAreKeptThroughAChange()
    {
        QLabel label("text");
        Theme::setRole(&label, Theme::Role::Secondary);
        const auto ink = [&label] { return label.palette().color(QPalette::WindowText); };
        label.ensurePolished();
        QCOMPARE(ink(), Theme::palette(true).secondary);
        Theme::instance().setMode(Theme::Mode::Light);
        QCOMPARE(ink(), Theme::palette(false).secondary);
        QCOMPARE(label.font().pointSizeF(), Theme::instance().secondaryFont().pointSizeF());
        Theme::setRole(&label, Theme::Role::Error);
        QCOMPARE(ink(), Theme::palette(false).rejected);
    }

    void thePrimaryButtonIsFilled()
    {
        QPushButton button("Generate");
        button.resize(120, 40);
        const auto middle = [&button] { return button.grab().toImage().pixelColor(10, 20); };
        QVERIFY(middle() != colours().accent);
        Theme::setPrimary(&button);
        QCOMPARE(middle(), colours().accent);
        Theme::setPrimary(&button, false);
        QVERIFY(middle() != colours().accent);
    }
};

JACOBI_TEST(ThemeTest)
#include "tst_theme.moc"
