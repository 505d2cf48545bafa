// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"

#ifdef JACOBI_TEST_WIDGETS
#include <QApplication>
using Application = QApplication;
#else
#include <QCoreApplication>
using Application = QCoreApplication;
#endif
#include <QFileInfo>
#include <QStandardPaths>
#include <QStringList>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace jacobi::test {
namespace {

struct Registered {
    QString name; // "safetensors" for tst_safetensors.cpp
    MakeTest make;
};

std::vector<Registered>& registry()
{
    static std::vector<Registered> tests;
    return tests;
}

// Takes "-class NAME" out of the arguments; empty when it is not there.
QString takeClassName(QStringList& arguments)
{
    const auto at = arguments.indexOf(QStringLiteral("-class"));
    if (at < 0 || at + 1 >= arguments.size()) {
        return {};
    }
    const QString name = arguments.at(at + 1);
    arguments.remove(at, 2);
    return name;
}

int runAll(QStringList arguments)
{
    const QString only = takeClassName(arguments);
    auto& tests = registry();
    std::sort(tests.begin(), tests.end(), [](const Registered& a, const Registered& b) { return a.name < b.name; });
    int failures = 0;
    int ran = 0;
    for (const Registered& test : tests) {
        if (only.isEmpty() || test.name == only) {
            const std::unique_ptr<QObject> object = test.make();
            failures += QTest::qExec(object.get(), arguments);
            ++ran;
        }
    }
    if (ran == 0) {
        std::fprintf(stderr, "This program has no test class named \"%s\".\n", qPrintable(only));
        return 1;
    }
    return std::min(failures, 125);
}

} // namespace

bool registerTest(const char* file, MakeTest make)
{
    QString name = QFileInfo(QString::fromUtf8(file)).completeBaseName();
    if (name.startsWith(QLatin1String("tst_"))) {
        name.remove(0, 4);
    }
    registry().push_back({name, make});
    return true;
}

} // namespace jacobi::test

int main(int argc, char** argv)
{
    // Settings and data of whoever runs the tests are neither read nor written.
    QStandardPaths::setTestModeEnabled(true);
    Application application(argc, argv);
    Application::setApplicationName(QStringLiteral("jacobi-tests"));
    Application::setOrganizationName(QStringLiteral("jacobi-tests"));
    return jacobi::test::runAll(Application::arguments());
}
