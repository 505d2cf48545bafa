// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

namespace jacobi::test {

/// What a run of the program `jacobi` left.
struct Ran {
    int code = -1;
    QString out;
    QString err;
    QJsonObject json() const { return QJsonDocument::fromJson(out.toUtf8()).object(); }
};

inline QString program()
{
    return QStringLiteral(JACOBI_BIN_DIR "/jacobi");
}

/// Without a display, and with a user's data folder of the test's own, so that no model of whoever tests is found.
inline QProcessEnvironment bareEnvironment()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("DISPLAY");
    environment.remove("WAYLAND_DISPLAY");
    environment.insert("XDG_DATA_HOME", QDir::tempPath() + "/jacobi-cli-test-without-models");
    return environment;
}

inline Ran finished(QProcess& process)
{
    constexpr int kPatienceMs = 600'000; // a limit against hanging, not a measurement
    if (!process.waitForFinished(kPatienceMs)) {
        process.kill();
        process.waitForFinished();
        return {};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

inline Ran runJacobi(const QStringList& arguments, const QString& folder = {})
{
    QProcess process;
    process.setProcessEnvironment(bareEnvironment());
    if (!folder.isEmpty()) {
        process.setWorkingDirectory(folder);
    }
    process.start(program(), arguments);
    return finished(process);
}

/// Through a shell, for redirections and limits; $JACOBI is the program.
inline Ran shell(const QString& commandLine)
{
    QProcess process;
    QProcessEnvironment environment = bareEnvironment();
    environment.insert("JACOBI", program());
    process.setProcessEnvironment(environment);
    process.start("/bin/bash", {"-c", commandLine});
    return finished(process);
}

inline QString builtInModel()
{
    return QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/scenes");
}

inline bool hasBuiltInModel()
{
    return QFile::exists(builtInModel() + "/model.json");
}

/// Copies the built-in model to FOLDER/scenes and returns that path.
inline QString copyModel(const QString& folder)
{
    const QString copy = folder + "/scenes";
    QDir().mkpath(copy);
    for (const QString& name : QDir(builtInModel()).entryList(QDir::Files)) {
        QFile::copy(builtInModel() + "/" + name, copy + "/" + name);
    }
    return copy;
}

} // namespace jacobi::test
