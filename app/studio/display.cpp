// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/display.h"

#include <QtGlobal>

namespace jacobi {
namespace {

constexpr QLatin1String kEndOfOptions("--");

/// The name of an option as Qt reads it, with one dash or two; empty for what is none.
QString optionName(const QString& argument)
{
    if (!argument.startsWith(QLatin1Char('-')) || argument == kEndOfOptions) {
        return {};
    }
    return argument.mid(argument.startsWith(QLatin1String("--")) ? 2 : 1).section(QLatin1Char('='), 0, 0);
}

/// Those that a value follows; "-reverse" has none.
bool isQtOptionWithValue(const QString& name)
{
    static const QStringList names{
        QStringLiteral("platform"),        QStringLiteral("platformpluginpath"), QStringLiteral("platformtheme"),
        QStringLiteral("plugin"),          QStringLiteral("qwindowgeometry"),    QStringLiteral("qwindowicon"),
        QStringLiteral("qwindowtitle"),    QStringLiteral("session"),            QStringLiteral("display"),
        QStringLiteral("geometry"),        QStringLiteral("style"),              QStringLiteral("stylesheet")};
    return names.contains(name);
}

} // namespace

bool hasDisplay(const QStringList& arguments)
{
#if defined(Q_OS_UNIX) && !defined(Q_OS_DARWIN)
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
        if (!qEnvironmentVariableIsEmpty(name)) {
            return true;
        }
    }
    for (const QString& argument : arguments) {
        if (argument == kEndOfOptions) {
            break;
        }
        if (const QString name = optionName(argument); name == QLatin1String("platform") || name == QLatin1String("display")) {
            return true;
        }
    }
    return false;
#else
    Q_UNUSED(arguments);
    return true;
#endif
}

QStringList withoutQtOptions(const QStringList& arguments)
{
    QStringList kept;
    for (qsizetype at = 0; at < arguments.size(); ++at) {
        const QString& argument = arguments[at];
        if (argument == kEndOfOptions) {
            return kept + arguments.mid(at);
        }
        const QString name = optionName(argument);
        if (isQtOptionWithValue(name)) {
            at += argument.contains(QLatin1Char('=')) ? 0 : 1;
        } else if (name != QLatin1String("reverse")) {
            kept << argument;
        }
    }
    return kept;
}

} // namespace jacobi
