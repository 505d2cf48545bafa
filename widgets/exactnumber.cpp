// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/exactnumber.h"

#include <QLocale>

namespace jacobi {
namespace {

constexpr int kDigits = 15; ///< what a double keeps of any decimal number: 0.1 + 0.2 is written 0.3

} // namespace

QString exactNumber(double value, int decimals)
{
    const bool fits = QString::number(value, 'f', decimals).toDouble() == QString::number(value, 'g', kDigits).toDouble();
    return fits ? QLocale().toString(value, 'f', decimals) : QLocale().toString(value, 'g', kDigits);
}

} // namespace jacobi
