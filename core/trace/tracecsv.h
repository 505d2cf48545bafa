// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/trace.h"

#include <filesystem>
#include <string>

namespace jacobi {

/// The first line of a trace as CSV (RFC 4180, lines end in CR LF):
/// item,pass,lane,segment,position,committed,token,state,draft,p,q,u,entropy,residual,noise_level,forward_ms,
/// sampling_ms,other_ms,candidates
std::string traceCsvHeader();

/// A pass's lines, one a position; of a pass without positions one line without a position, committed 0. A field is empty where the pass has no such value (an absent column, NaN, no
/// draft). committed: 1 where the position is final after the pass. candidates: up to eight "code:p:q", joined by
/// blanks, p or q empty where it is NaN. Numbers have a point, whatever the language, and as many digits as their
/// value needs.
std::string traceCsvRows(const Step& step);

/// The whole trace into a file, whole or not at all.
Result<void> writeTraceCsv(const std::filesystem::path& path, const Trace& trace);

} // namespace jacobi
