// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/tokenwords.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>

namespace jacobi {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("jacobi::TokenWords", text);
}

QString nothing()
{
    return QStringLiteral("\u2013");
}

QString numberText(double value, int decimals)
{
    const double half = 0.5 * std::pow(10.0, -decimals); // of the last digit shown
    const bool tiny = value != 0.0 && std::abs(value) < half;
    const bool huge = std::abs(value) >= 1000.0 - half;
    return tiny || huge ? QLocale().toString(value, 'e', 1) : QLocale().toString(value, 'f', decimals);
}

} // namespace

QString placeName(const TraceModel& model, int position)
{
    if (position < 0 || position >= model.positions() || model.rows() < 2) {
        return {};
    }
    return tr("row %1, column %2").arg(position / model.columns() + 1).arg(position % model.columns() + 1);
}

QString stateName(CellState state)
{
    switch (state) {
    case CellState::New: return tr("new draft");
    case CellState::Kept: return tr("draft, unchanged");
    case CellState::Redrawn: return tr("draft, redrawn");
    case CellState::AcceptedNow: return tr("accepted in this pass");
    case CellState::AcceptedBefore: return tr("accepted before");
    case CellState::Noisy: return tr("noise, reads like this token");
    case CellState::Outside: break;
    }
    return tr("not reached yet");
}

QString stateWord(CellState state)
{
    switch (state) {
    case CellState::New: return tr("new");
    case CellState::Kept: return tr("kept");
    case CellState::Redrawn: return tr("redrawn");
    case CellState::AcceptedNow: return tr("accepted");
    case CellState::AcceptedBefore: return tr("accepted before");
    case CellState::Noisy: return tr("noisy");
    case CellState::Outside: break;
    }
    return tr("not reached");
}

QString verdictName(TokenState state)
{
    switch (state) {
    case TokenState::New: return tr("new");
    case TokenState::Kept: return tr("kept");
    case TokenState::Redrawn: return tr("redrawn");
    case TokenState::Accepted: return tr("accepted");
    case TokenState::Resampled: return tr("replaced");
    case TokenState::Bonus: return tr("drawn");
    case TokenState::Forced: return tr("forced");
    case TokenState::Noisy: return tr("noisy");
    case TokenState::Converged: return tr("converged");
    case TokenState::Exited: return tr("exited");
    }
    return nothing(); // a number no version of ours wrote
}

QString probabilityText(float value)
{
    return std::isfinite(value) ? numberText(static_cast<double>(value), 3) : nothing();
}

QString ratioText(float p, float q)
{
    return std::isfinite(p) && std::isfinite(q) && q > 0.0F ? numberText(static_cast<double>(p) / static_cast<double>(q), 2)
                                                            : nothing();
}

} // namespace jacobi
