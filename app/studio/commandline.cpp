// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/commandline.h"

#include "app/studio/figureexport.h"
#include "core/trace/tracefile.h"
#include "widgets/tracemodel.h"

#include <QCommandLineParser>
#include <QFileInfo>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

namespace jacobi {
namespace {

constexpr int kUsageError = 2; ///< exit status, as `jacobi` has it

[[noreturn]] void refuse(const QString& sentence)
{
    std::fprintf(stderr, "jacobi-studio: %s\n", qUtf8Printable(sentence));
    std::exit(kUsageError);
}

bool isPng(const QString& path)
{
    return QFileInfo(path).suffix().compare(QLatin1String("png"), Qt::CaseInsensitive) == 0;
}

QSize sizeFrom(const QString& text)
{
    const QStringList parts = text.split(QLatin1Char('x'));
    const QSize size(parts.value(0).toInt(), parts.value(1).toInt());
    if (parts.size() != 2 || size.width() < 320 || size.height() < 240 || size.width() > 8192 || size.height() > 8192) {
        refuse(QStringLiteral("--size wants WIDTHxHEIGHT in pixels, such as 1600x1000, not \"%1\".").arg(text));
    }
    return size;
}

Theme::Mode themeFrom(const QString& text)
{
    const std::map<QString, Theme::Mode> modes{{QStringLiteral("system"), Theme::Mode::System},
                                               {QStringLiteral("light"), Theme::Mode::Light},
                                               {QStringLiteral("dark"), Theme::Mode::Dark}};
    const auto found = modes.find(text);
    if (found == modes.end()) {
        refuse(QStringLiteral("--theme is system, light or dark, not \"%1\".").arg(text));
    }
    return found->second;
}

/// Of a file that cannot be read as a run nothing is said here: whoever opens it does.
void checkPass(const QString& text, int pass, const QString& file)
{
    if (file.isEmpty() || isPng(file)) {
        refuse(QStringLiteral("--pass wants a run: name a file that ends in .jtrace too."));
    }
    Result<Trace> trace = readTrace(file.toStdString());
    if (!trace) {
        return;
    }
    TraceModel run;
    run.setTrace(std::move(*trace));
    if (pass >= run.passes()) {
        refuse(run.passes() == 0   ? QStringLiteral("--pass wants a run with passes: this one has none.")
               : run.passes() == 1 ? QStringLiteral("--pass wants 0, for the run has 1 pass, not \"%1\".").arg(text)
                                   : QStringLiteral("--pass wants a number from 0 to %1, for the run has %2 passes, not \"%3\".")
                                         .arg(run.passes() - 1)
                                         .arg(run.passes())
                                         .arg(text));
    }
}

/// What is written is PNG: a name that says something else would mislead whoever opens it.
void checkPictureName(const QString& path)
{
    if (!isPng(path)) {
        refuse(QStringLiteral("--screenshot writes PNG: name a file that ends in .png, not \"%1\".").arg(path));
    }
}

/// "acceptance=plot.svg"
CommandLine::FigureFile figureFrom(const QString& text)
{
    const QString name = text.section(QLatin1Char('='), 0, 0);
    const QString path = text.section(QLatin1Char('='), 1);
    const QStringList names = figureNames(false) + figureNames(true);
    if (!names.contains(name)) {
        refuse(QStringLiteral("--figure has no \"%1\". A run of tokens has %2; a flow has %3.")
                   .arg(name, figureNames(false).join(QStringLiteral(", ")), figureNames(true).join(QStringLiteral(", "))));
    }
    if (path.isEmpty()) {
        refuse(QStringLiteral("--figure wants NAME=FILE, such as %1=%1.svg, not \"%2\".").arg(name, text));
    }
    return {name, figurePath(path)};
}

/// "160x100", or "160" for a height that suits the figure.
QSizeF millimetresFrom(const QString& text)
{
    const QStringList parts = text.split(QLatin1Char('x'));
    const auto isLength = [](double length) { return length >= 40.0 && length <= 1000.0; };
    const QSizeF size(parts.value(0).toDouble(), parts.value(1).toDouble());
    const bool hasHeight = parts.size() == 2;
    if (parts.size() > 2 || !isLength(size.width()) || (hasHeight && !isLength(size.height()))) {
        refuse(QStringLiteral("--figure-size wants WIDTH or WIDTHxHEIGHT in millimetres from 40 to 1000, such as 85x60, not "
                              "\"%1\".")
                   .arg(text));
    }
    return size;
}

} // namespace

CommandLine readCommandLine(const QStringList& arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Generates with Jacobi-family parallel decoding and shows how it converges."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(
        QStringLiteral("file"),
        QStringLiteral("A run (.jtrace) to replay, or a picture (.png) whose settings to take."),
        QStringLiteral("[file]"));
    const QCommandLineOption device(QStringLiteral("device"), QStringLiteral("auto, cpu or cuda:0."),
                                    QStringLiteral("name"), QStringLiteral("auto"));
    const QCommandLineOption models(QStringLiteral("models"),
                                    QStringLiteral("Folder with model folders, searched first (may be repeated)."),
                                    QStringLiteral("folder"));
    const QCommandLineOption theme(QStringLiteral("theme"), QStringLiteral("system, light or dark."),
                                   QStringLiteral("name"));
    const QCommandLineOption screenshot(QStringLiteral("screenshot"),
                                        QStringLiteral("Write a picture of the window showing the run, a .png, and end."),
                                        QStringLiteral("file"));
    const QCommandLineOption size(QStringLiteral("size"), QStringLiteral("Size of that picture."),
                                  QStringLiteral("WxH"), QStringLiteral("1600x1000"));
    const QCommandLineOption figure(
        QStringLiteral("figure"),
        QStringLiteral("Write one plot of the run as .svg, .pdf, .png or .csv (its numbers), and end; may be repeated. Names: %1; "
                       "of a flow %2.")
            .arg(figureNames(false).join(QStringLiteral(", ")), figureNames(true).join(QStringLiteral(", "))),
        QStringLiteral("name=file"));
    const QCommandLineOption figureSize(QStringLiteral("figure-size"),
                                        QStringLiteral("Size of such a plot in millimetres, or its width alone."),
                                        QStringLiteral("WxH"), QStringLiteral("160"));
    const QCommandLineOption pass(QStringLiteral("pass"), QStringLiteral("Pass of the run to show (default: the last)."),
                                  QStringLiteral("number"));
    parser.addOptions({device, models, theme, screenshot, size, figure, figureSize, pass});
    parser.process(arguments);

    CommandLine line;
    if (parser.positionalArguments().size() > 1) {
        refuse(QStringLiteral("one file at a time. Try --help."));
    }
    line.file = parser.positionalArguments().value(0);
    line.screenshot = parser.value(screenshot);
    if (parser.isSet(screenshot)) {
        checkPictureName(line.screenshot);
    }
    if (parser.isSet(size)) {
        line.size = sizeFrom(parser.value(size));
    }
    for (const QString& value : parser.values(figure)) {
        line.figures.push_back(figureFrom(value));
    }
    if (!line.figures.empty() && parser.isSet(screenshot)) {
        refuse(QStringLiteral("--screenshot and --figure are two calls."));
    }
    if (!line.figures.empty() && line.file.isEmpty()) {
        refuse(QStringLiteral("--figure wants the run to draw: jacobi-studio run.jtrace --figure NAME=FILE."));
    }
    if (parser.isSet(figureSize)) {
        line.figureMillimetres = millimetresFrom(parser.value(figureSize));
    }
    if (parser.isSet(theme)) {
        line.theme = themeFrom(parser.value(theme));
    }
    if (parser.isSet(pass)) {
        bool ok = false;
        line.pass = parser.value(pass).toInt(&ok);
        if (!ok || *line.pass < 0) {
            refuse(QStringLiteral("--pass wants a number from 0, not \"%1\".").arg(parser.value(pass)));
        }
        checkPass(parser.value(pass), *line.pass, line.file);
    }
    line.device = parser.value(device);
    line.modelFolders = parser.values(models);
    return line;
}

} // namespace jacobi
