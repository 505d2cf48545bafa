// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/errorwords.h"

namespace jacobi {
namespace {

constexpr const char* kCpuOption = "--device cpu"; ///< as the engine's sentences name it

} // namespace

QString sentenceOf(const Error& error)
{
    constexpr int kMostDetail = 300;
    const QString option = QLatin1String(kCpuOption);
    QString text = QString::fromStdString(error.message);
    text.remove(QStringLiteral(" (%1)").arg(option)); // "use the CPU (--device cpu)" has said it
    text.replace(option, QStringLiteral("the CPU"));
    if (error.code == ErrorCode::Internal && !error.detail.empty()) {
        text += QStringLiteral(" [%1]").arg(QString::fromStdString(error.detail).simplified().left(kMostDetail));
    }
    return text;
}

bool offersCpu(const Error& error)
{
    return error.message.find(kCpuOption) != std::string::npos;
}

} // namespace jacobi
