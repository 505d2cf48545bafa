// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/studiosettings.h"

#include <QSettings>
#include <QStandardPaths>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jacobi {
namespace {

constexpr int kVersion = 1; ///< of the file's keys
constexpr const char* kCompletes = "completesPrompt";

std::optional<RunRequest> requestFrom(const QByteArray& text)
{
    const nlohmann::json json = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    if (!json.is_object()) {
        return std::nullopt;
    }
    Result<RunRequest> request = runRequestFromJson(json);
    if (request && !json.contains(kCompletes)) { // remembered before there was the choice
        request->completesPrompt = true;
    }
    return request ? std::optional(*request) : std::nullopt;
}

void writeRequest(QSettings& file, const QString& key, const std::optional<RunRequest>& request)
{
    if (request) {
        nlohmann::json whole = toJson(*request);
        whole[kCompletes] = request->completesPrompt; // where it is off, too
        const std::string json = whole.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
        file.setValue(key, QByteArray::fromStdString(json));
    }
}

} // namespace

StudioSettings readSettings(const QString& path)
{
    StudioSettings settings;
    if (path.isEmpty()) {
        return settings;
    }
    const QSettings file(path, QSettings::IniFormat);
    if (file.value(QStringLiteral("version"), kVersion).toInt() != kVersion) {
        return settings;
    }
    const int theme = file.value(QStringLiteral("theme"), 0).toInt();
    settings.theme = static_cast<Theme::Mode>(std::clamp(theme, 0, static_cast<int>(Theme::Mode::Dark)));
    settings.request = requestFrom(file.value(QStringLiteral("request")).toByteArray());
    settings.seedLocked = file.value(QStringLiteral("seedLocked"), false).toBool();
    settings.flowRequest = requestFrom(file.value(QStringLiteral("flow/request")).toByteArray());
    settings.flowSeedLocked = file.value(QStringLiteral("flow/seedLocked"), false).toBool();
    settings.isFlowShown = file.value(QStringLiteral("flow/shown"), false).toBool();
    settings.flowLayout = file.value(QStringLiteral("flow/layout")).toByteArray();
    settings.overlay = std::clamp(file.value(QStringLiteral("overlay"), 1).toInt(), 1, 6);
    settings.overlayOpacity = std::clamp(file.value(QStringLiteral("overlayOpacity"), 30).toInt(), 0, 100);
    settings.pictureFolder = file.value(QStringLiteral("pictureFolder")).toString();
    settings.geometry = file.value(QStringLiteral("window/geometry")).toByteArray();
    settings.layout = file.value(QStringLiteral("window/layout")).toByteArray();
    return settings;
}

void writeSettings(const QString& path, const StudioSettings& settings)
{
    if (path.isEmpty()) {
        return;
    }
    QSettings file(path, QSettings::IniFormat);
    file.setValue(QStringLiteral("version"), kVersion);
    file.setValue(QStringLiteral("theme"), static_cast<int>(settings.theme));
    writeRequest(file, QStringLiteral("request"), settings.request);
    writeRequest(file, QStringLiteral("flow/request"), settings.flowRequest);
    file.setValue(QStringLiteral("flow/seedLocked"), settings.flowSeedLocked);
    file.setValue(QStringLiteral("flow/shown"), settings.isFlowShown);
    file.setValue(QStringLiteral("flow/layout"), settings.flowLayout);
    file.setValue(QStringLiteral("seedLocked"), settings.seedLocked);
    file.setValue(QStringLiteral("overlay"), settings.overlay);
    file.setValue(QStringLiteral("overlayOpacity"), settings.overlayOpacity);
    file.setValue(QStringLiteral("pictureFolder"), settings.pictureFolder);
    file.setValue(QStringLiteral("window/geometry"), settings.geometry);
    file.setValue(QStringLiteral("window/layout"), settings.layout);
}

QString settingsPath()
{
    return QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) + QStringLiteral("/settings.ini");
}

QString runsFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/runs");
}

} // namespace jacobi
