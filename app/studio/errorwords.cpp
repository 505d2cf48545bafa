// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/errorwords.h"

namespace jacobi {

QString sentenceOf(const Error& error)
{
    constexpr int kMostDetail = 300;
    QString text = QString::fromStdString(error.message);
    if (error.cpuWouldDo) {
        text += QStringLiteral(" The CPU can do it instead.");
    }
    if (error.code == ErrorCode::Internal && !error.detail.empty()) {
        text += QStringLiteral(" [%1]").arg(QString::fromStdString(error.detail).simplified().left(kMostDetail));
    }
    return text;
}

} // namespace jacobi
