// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme.h"

#include <QApplication>
#include <QDir>
#include <QEvent>
#include <QFile>
#include <QFontDatabase>
#include <QPainter>
#include <QPalette>
#include <QProxyStyle>
#include <QScreen>
#include <QSettings>
#include <QStyleFactory>
#include <QToolTip>
#include <QVariant>
#include <QWidget>

// Resources of a static library are not registered by themselves. The macro must stand outside any namespace.
static void registerResources()
{
    Q_INIT_RESOURCE(widgets);
}

namespace jacobi {
namespace {

Palette makeDark()
{
    Palette p;
    p.window = QColor(0x16, 0x18, 0x1d);
    p.panel = QColor(0x1e, 0x21, 0x28);
    p.raised = QColor(0x25, 0x29, 0x32);
    p.line = QColor(0x32, 0x37, 0x43);
    p.text = QColor(0xe6, 0xe8, 0xec);
    p.secondary = QColor(0x9a, 0xa1, 0xad);
    p.accent = QColor(0x4c, 0x9b, 0xe8);
    p.onAccent = QColor(0x0b, 0x12, 0x1c);
    p.accepted = QColor(0x3f, 0xa7, 0x96);
    p.kept = QColor(0x5a, 0x6b, 0x86);
    p.redrawn = QColor(0xe6, 0x9f, 0x3c);
    p.rejected = QColor(0xd5, 0x5e, 0x5e);
    p.fresh = QColor(0x3a, 0x41, 0x50);
    p.plotGround = QColor(0x1a, 0x1d, 0x23);
    return p;
}

Palette makeLight()
{
    Palette p;
    p.window = QColor(0xf3, 0xf4, 0xf6);
    p.panel = QColor(0xff, 0xff, 0xff);
    p.raised = QColor(0xf7, 0xf8, 0xfa);
    p.line = QColor(0xd9, 0xdd, 0xe3);
    p.text = QColor(0x1b, 0x1f, 0x27);
    p.secondary = QColor(0x5e, 0x66, 0x73);
    p.accent = QColor(0x1f, 0x6f, 0xc4);
    p.onAccent = QColor(0xff, 0xff, 0xff);
    p.accepted = QColor(0x1b, 0x8a, 0x78);
    p.kept = QColor(0xa9, 0xb8, 0xcf);
    p.redrawn = QColor(0xd9, 0x84, 0x12);
    p.rejected = QColor(0xc2, 0x3b, 0x3b);
    p.fresh = QColor(0xd6, 0xdc, 0xe6);
    p.plotGround = QColor(0xf0, 0xf1, 0xf4);
    return p;
}

/// Printed grey is paler than grey on a screen.
Palette makePaper()
{
    Palette p = makeLight();
    p.window = QColor(Qt::white);
    p.raised = QColor(Qt::white);
    p.plotGround = QColor(Qt::white);
    p.text = QColor(Qt::black);
    p.secondary = QColor(0x3c, 0x43, 0x4e);
    return p;
}

QColor mix(const QColor& a, const QColor& b, qreal share)
{
    const auto channel = [share](int x, int y) { return qRound(x * (1.0 - share) + y * share); };
    return {channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue())};
}

QString styleSheet(const Palette& p, bool dark)
{
    QFile file(QStringLiteral(":/jacobi/widgets/style.qss"));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    QString sheet = QString::fromUtf8(file.readAll());
    // Longer names before those they begin with.
    const std::pair<const char*, QColor> names[] = {
        {"@window", p.window},
        {"@panel", p.panel},
        {"@raised", p.raised},
        {"@lineStrong", mix(p.line, p.secondary, 0.45)},
        {"@line", p.line},
        {"@textStrong", dark ? QColor(Qt::white) : QColor(Qt::black)},
        {"@text", p.text},
        {"@secondary", p.secondary},
        {"@disabled", mix(p.secondary, p.panel, 0.4)},
        {"@hover", mix(p.raised, p.secondary, 0.12)},
        {"@accentSoft", mix(p.panel, p.accent, dark ? 0.28 : 0.16)},
        {"@accentHover", mix(p.accent, dark ? QColor(Qt::white) : QColor(Qt::black), 0.12)},
        {"@accentPressed", mix(p.accent, QColor(Qt::black), 0.2)},
        {"@accent", p.accent},
        {"@onAccent", p.onAccent},
        {"@accepted", p.accepted},
        {"@rejected", p.rejected},
    };
    for (const auto& [name, colour] : names) {
        sheet.replace(QLatin1String(name), colour.name());
    }
    return sheet.replace(QLatin1String("@scheme"), dark ? QStringLiteral("dark") : QStringLiteral("light"));
}

QPalette standardPalette(const Palette& p)
{
    QPalette q;
    q.setColor(QPalette::Window, p.window);
    q.setColor(QPalette::WindowText, p.text);
    q.setColor(QPalette::Base, p.raised);
    q.setColor(QPalette::AlternateBase, p.panel);
    q.setColor(QPalette::Text, p.text);
    q.setColor(QPalette::PlaceholderText, p.secondary);
    q.setColor(QPalette::Button, p.raised);
    q.setColor(QPalette::ButtonText, p.text);
    q.setColor(QPalette::BrightText, p.rejected);
    q.setColor(QPalette::Highlight, p.accent);
    q.setColor(QPalette::HighlightedText, p.onAccent);
    q.setColor(QPalette::Link, p.accent);
    q.setColor(QPalette::LinkVisited, p.accent);
    q.setColor(QPalette::ToolTipBase, p.raised);
    q.setColor(QPalette::ToolTipText, p.text);
    q.setColor(QPalette::Light, mix(p.raised, p.line, 0.5));
    q.setColor(QPalette::Midlight, p.line);
    q.setColor(QPalette::Mid, p.line);
    q.setColor(QPalette::Dark, p.line);
    q.setColor(QPalette::Shadow, p.window);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        q.setColor(QPalette::Disabled, role, mix(p.secondary, p.panel, 0.4));
    }
    return q;
}

// A click on a slider goes where it was clicked: a scrubber is no scroll bar.
class StudioStyle : public QProxyStyle {
public:
    StudioStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* data) const override
    {
        switch (hint) {
        case SH_Slider_AbsoluteSetButtons: return Qt::LeftButton;
        case SH_ComboBox_Popup: return 0;
        case SH_ToolTip_WakeUpDelay: return 500;
        default: return QProxyStyle::styleHint(hint, option, widget, data);
        }
    }
};

// Inter from our own resources, else an installed one, else the system's sans.
QString chooseFamily()
{
    const QDir fonts(QStringLiteral(":/fonts"));
    for (const QString& name : fonts.entryList({QStringLiteral("Inter*.ttf"), QStringLiteral("Inter*.otf")})) {
        QFontDatabase::addApplicationFont(fonts.filePath(name));
    }
    const QString inter = QStringLiteral("Inter");
    return QFontDatabase::families().contains(inter)
               ? inter
               : QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
}

QFont sized(const QString& family, qreal pixels, QFont::Weight weight)
{
    // Whole pixel sizes are all QFont::setPixelSize knows; points may be fractions.
    const QScreen* screen = QGuiApplication::primaryScreen();
    const qreal dpi = screen != nullptr ? screen->logicalDotsPerInchY() : 96.0;
    QFont font(family);
    font.setPointSizeF(pixels * 72.0 / dpi);
    font.setWeight(weight);
    return font;
}

/// A unit of paper is 1/96 inch, whatever the screen is like; no letter is moved to a pixel.
QFont onPaper(const QString& family, int units, QFont::Weight weight)
{
    QFont font(family);
    font.setPixelSize(units);
    font.setWeight(weight);
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}

} // namespace

Theme& Theme::instance()
{
    static Theme theme;
    return theme;
}

const Palette& Theme::palette(bool dark)
{
    static const Palette darkPalette = makeDark();
    static const Palette lightPalette = makeLight();
    return dark ? darkPalette : lightPalette;
}

const Palette& Theme::palette() const
{
    static const Palette paper = makePaper();
    return m_papers > 0 ? paper : palette(m_dark);
}

void Theme::apply(QApplication& application, Mode mode)
{
    Theme& theme = instance();
    if (theme.m_application == nullptr) {
        registerResources();
        theme.m_application = &application;
        theme.m_family = chooseFamily();
        QApplication::setStyle(new StudioStyle);
        application.installEventFilter(&theme);
        // The application dies before this object does.
        connect(&application, &QObject::destroyed, &theme, [&theme] { theme.m_application = nullptr; });
    }
    theme.m_mode = mode;
    theme.update();
}

void Theme::setMode(Mode mode)
{
    m_mode = mode;
    update();
}

void Theme::update()
{
    if (m_application == nullptr || m_updating) {
        return;
    }
    m_updating = true;
    m_dark = m_mode == Mode::System ? systemIsDark() : m_mode == Mode::Dark;
    const QPalette standard = standardPalette(palette());
    QApplication::setPalette(standard);
    QToolTip::setPalette(standard);
    QApplication::setFont(bodyFont());
    m_application->setStyleSheet(styleSheet(palette(), m_dark));
    QToolTip::setFont(secondaryFont());
    m_updating = false;
    Q_EMIT changed();
}

// Qt 6.4 has no QStyleHints::colorScheme(): the lightness of the palette the desktop gives must do.
bool Theme::systemIsDark() const
{
#ifdef Q_OS_WIN
    const QSettings settings(
        QStringLiteral("HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize"),
        QSettings::NativeFormat);
    return settings.value(QStringLiteral("AppsUseLightTheme"), 1).toInt() == 0;
#else
    QApplication::setPalette(QPalette()); // back to the desktop's own
    const QPalette desktop = QApplication::palette();
    return desktop.color(QPalette::Window).lightness() < desktop.color(QPalette::WindowText).lightness();
#endif
}

bool Theme::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::ThemeChange && m_mode == Mode::System && !m_updating) {
        QMetaObject::invokeMethod(this, &Theme::update, Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

QFont Theme::bodyFont() const
{
    return m_papers > 0 ? onPaper(m_family, 12, QFont::Normal) : sized(m_family, 13.0, QFont::Normal);
}

QFont Theme::secondaryFont() const
{
    return m_papers > 0 ? onPaper(m_family, 11, QFont::Normal) : sized(m_family, 11.5, QFont::Normal);
}

QFont Theme::titleFont() const
{
    return m_papers > 0 ? onPaper(m_family, 12, QFont::DemiBold) : sized(m_family, 12.5, QFont::DemiBold);
}

void Theme::setRole(QWidget* widget, Role role)
{
    static const char* const names[] = {"body", "secondary", "title", "error"};
    const Theme& theme = instance();
    widget->setProperty("role", QString::fromLatin1(names[static_cast<int>(role)]));
    widget->setFont(role == Role::Title ? theme.titleFont()
                                        : role == Role::Secondary ? theme.secondaryFont() : theme.bodyFont());
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

void Theme::setPrimary(QWidget* button, bool primary)
{
    button->setProperty("primary", primary);
    button->style()->unpolish(button);
    button->style()->polish(button);
}

void paintFocusFrame(QPainter& painter, const QRectF& box)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colours().accent, 1.0));
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.restore();
}

} // namespace jacobi
