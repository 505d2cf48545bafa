// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/architecture/layering.h"
#include "tests/testmain.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

using jacobi::test::SourceFile;
using jacobi::test::violations;
using jacobi::test::withoutComments;

namespace {

// In pieces, so that no licence tool takes it for this file's own.
const char kLicence[] = "// SPDX-"
                        "FileCopyrightText: 2026 A\n// SPDX-"
                        "License-Identifier: GPL-3.0-or-later\n";

std::vector<SourceFile> projectSources()
{
    std::vector<SourceFile> sources;
    const QDir root(QStringLiteral(JACOBI_SOURCE_DIR));
    for (const char* folder : {"core", "models", "widgets", "app", "tests"}) {
        QDirIterator files(root.filePath(QLatin1String(folder)), {"*.h", "*.cpp", "*.cu", "*.cuh"}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (file.open(QIODevice::ReadOnly)) {
                sources.push_back({root.relativeFilePath(file.fileName()).toStdString(), file.readAll().toStdString()});
            }
        }
    }
    return sources;
}

std::vector<std::string> modelFamilies()
{
    std::vector<std::string> families;
    const QDir models(QStringLiteral(JACOBI_SOURCE_DIR "/models"));
    for (const QString& folder : models.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        // "families" is where they are made known to the engine.
        if (folder != QLatin1String("training") && folder != QLatin1String("pretrained") &&
            folder != QLatin1String("families")) {
            families.push_back(folder.toStdString());
        }
    }
    return families;
}

QString joined(const std::vector<std::string>& sentences)
{
    QStringList lines;
    for (const std::string& sentence : sentences) {
        lines += QString::fromStdString(sentence);
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

class LayeringTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void projectKeepsItsRules()
    {
        const std::vector<SourceFile> sources = projectSources();
        QVERIFY2(sources.size() > 20, "the sources were not found");
        QVERIFY2(!modelFamilies().empty(), "the model families were not found");
        const QString found = joined(violations(sources, modelFamilies()));
        QVERIFY2(found.isEmpty(), qPrintable(QLatin1Char('\n') + found));
    }

    void badExamplesAreFound_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("sentence");
        const auto add = [](const char* name, const char* path, const char* line, const char* sentence) {
            QTest::newRow(name) << path << line << sentence;
        };
        add("torch in io", "core/io/a.cpp", "#include <ATen/ATen.h>", "may not include headers of torch");
        add("Qt in trace", "core/trace/a.h", "#include <QString>", "may not include headers of qt");
        add("Qt module header", "core/base/a.h", "#  include <QtCore/QString>", "may not include headers of qt");
        add("base looks up", "core/base/a.cpp", "#include \"core/io/good.h\"", "may not include core/io/good.h");
        add("beside, by short name", "core/io/a.cpp", "#include \"nowhere.h\"", "which the project does not have");
        add("widgets and engine", "widgets/a.cpp", "#include \"core/engine/engine.h\"", "may not include core/engine/");
        add("torch through a header", "widgets/a.cpp", "#include \"core/trace/bad.h\"",
            "gets headers of torch through");
        add("Qt in the command line", "app/cli/a.cpp", "#include <QFile>", "may not include headers of qt");
        add("widgets in the command line", "app/cli/a.cpp", "#include \"widgets/w.h\"", "may not include widgets/w.h");
        add("app sees the engine", "app/studio/a.cpp", "#include \"core/engine/engine.h\"", "may not include core/eng");
        add("a model in core", "core/engine/a.cpp", "#include \"models/scenes/net.h\"", "may not include models/");
        add("a family in core", "core/engine/a.cpp", "const char* k = \"scenes\";", "names the model family scenes");
        add("a family's class in core", "core/decode/a.cpp", "class ScenesNet;", "names the model family scenes");
        add("family and engine", "models/scenes/a.cpp", "#include \"core/engine/engine.h\"",
            "may not include core/eng");
        add("unknown package", "core/base/a.cpp", "#include <boost/any.hpp>", "may not include headers of boost");
        add("torch in a kernel", "core/cuda/a.cu", "#include <ATen/ATen.h>", "may not include headers of torch");
        add("torch through, kernel", "core/cuda/a.cu", "#include \"core/decode/t.h\"", "gets headers of torch through");
        add("pickled models", "models/scenes/a.cpp", "auto x = torch::load(y);", "uses torch::load");
        add("whole torch header", "models/scenes/a.cpp", "#include <torch/torch.h>", "uses torch/torch.h");
        add("a machine's folder", "app/cli/a.cpp", "const char* k = \"/home/ann/x\";", "somebody's machine");
        add("unknown folder", "core/utils/a.cpp", "int x;", "table of layers does not have");
    }

    void badExamplesAreFound()
    {
        QFETCH(QString, path);
        QFETCH(QString, line);
        QFETCH(QString, sentence);
        const std::vector<SourceFile> sources = {
            {path.toStdString(), kLicence + line.toStdString() + "\n"},
            {"core/io/good.h", std::string(kLicence)},
            {"core/engine/engine.h", std::string(kLicence)},
            {"core/decode/t.h", std::string(kLicence) + "#include <c10/core/Device.h>\n"},
            {"core/trace/bad.h", std::string(kLicence) + "#include <c10/core/Device.h>\n"},
            {"models/scenes/net.h", std::string(kLicence)},
            {"widgets/w.h", std::string(kLicence)},
        };
        std::vector<std::string> found = violations(sources, {"scenes"});
        std::erase_if(found, [&](const std::string& s) { return s.starts_with("core/trace/bad.h"); });
        const QString text = joined(found);
        QVERIFY2(text.contains(path + QLatin1String(": ")), qPrintable(text));
        QVERIFY2(text.contains(sentence), qPrintable(text));
    }

    void missingLicenceIsFound()
    {
        const auto found = violations({{"core/base/a.h", "#pragma once\n"}}, {});
        QCOMPARE(joined(found), QStringLiteral("core/base/a.h: does not begin with its SPDX lines"));
    }

    void goodExamplesPass()
    {
        const std::vector<SourceFile> sources = {
            {"core/base/error.h", std::string(kLicence) + "#include <tl/expected.hpp>\n"},
            {"core/io/png.cpp", std::string(kLicence) + "#include <png.h>\n#include <sys/stat.h>\n"},
            {"core/engine/backend.h", std::string(kLicence) + "#include \"core/base/error.h\" // as for scenes\n"},
            {"core/decode/t.h", std::string(kLicence) + "#include <ATen/ATen.h>\nint landscapesCount; // scenes\n"},
            {"widgets/plot.h", std::string(kLicence) + "#include <QWidget>\n#include <qcustomplot.h>\n"},
            {"app/studio/main.cpp", std::string(kLicence) + "#include \"core/engine/backend.h\"\n"
                                                            "#include \"widgets/plot.h\"\n#include \"main.moc\"\n"},
            {"app/cli/main.cpp", std::string(kLicence) + "#include <CLI/CLI.hpp>\n/* #include <QFile> */\n"},
        };
        QCOMPARE(joined(violations(sources, {"scenes"})), QString());
    }

    void commentsAreTakenOut()
    {
        QCOMPARE(withoutComments("a // b\nc /* d\ne */ f"), std::string("a \nc \n f"));
        QCOMPARE(withoutComments("\"// kept\" '\"' x // y"), std::string("\"// kept\" '\"' x "));
        QCOMPARE(withoutComments("1'000 // y"), std::string("1'000 "));
        QCOMPARE(withoutComments("R\"x(// \" kept)x\" // y"), std::string("R\"x(// \" kept)x\" "));
        QCOMPARE(withoutComments("\"\\\"// kept\" // y"), std::string("\"\\\"// kept\" "));
    }
};

JACOBI_TEST(LayeringTest)
#include "tst_layering.moc"
