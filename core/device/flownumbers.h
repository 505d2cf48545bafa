// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/flowiterate.h"
#include "core/device/flownetwork.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace jacobi {

/// The numbers of a block that a device inverts, in buffers that stay where they are: input z, start, iterate x, and which
/// rows the next pass reads. What kernels::updateTokens does on the CPU is done here by libtorch's operations, which wait
/// for nothing: which token a row belongs to stands in device memory. Thread rule: FlowModel; likewise its InferenceMode.
class FlowNumbers {
public:
    /// channels, and whether blocks scale: of the layout.
    FlowNumbers(const FlowLayout& layout, const FlowRoom& room, std::int64_t maxRows, at::TensorOptions options);

    static std::int64_t placesFor(std::int64_t tokens, std::int64_t maxRows);

    /// A block begins. z, start: [batch, tokens, channels].
    void enter(const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start);

    /// The next pass reads tokens [first, first + count) and rewrites [from, first + count].
    void setPass(std::int64_t first, std::int64_t count, std::int64_t from);

    /// Of a pass of so many rows, at least the count of setPass().
    FlowRows enqueueRows(std::int64_t rows);

    /// parameters [branches, batch, rows, outputs] of the rows of the last enqueueRows(); rewrites x.
    void enqueueUpdate(const at::Tensor& parameters);

    const at::Tensor& x() const { return m_x; }                      ///< [batch, places, channels]
    at::Tensor tokens() const { return m_x.narrow(1, 0, m_tokens); } ///< of x

    /// What the last update of so many rows did: waits for it, and sets the entries of tokens [from, first + count].
    void readChanges(std::int64_t rows, FlowIterate::Changes& changes) const;

private:
    at::Tensor changesOf(std::int64_t rows) const;

    std::int64_t m_batch;
    std::int64_t m_tokens;
    std::int64_t m_channels;
    bool m_affine;
    std::int64_t m_first = 0, m_count = 0, m_from = 0;

    at::Tensor m_z, m_start, m_x; ///< [batch, places, channels]; zeros behind the tokens
    at::Tensor m_guidance;        ///< [places, outputs]: weight of the difference between the branches
    at::Tensor m_lowest;          ///< [] the clip, or -infinity
    at::Tensor m_highest;         ///< [] the clip, or infinity
    at::Tensor m_pass;            ///< [3] int64: first, count, from
    at::Tensor m_changes;         ///< [3 * batch * maxRows] float64: squares, largest, replaced; each [batch, rows]
    at::Tensor m_rowNumbers;      ///< [maxRows] int64
    at::Tensor m_placeNumbers;    ///< [places] int64
    at::Tensor m_seen, m_hidden;  ///< [] of the real type: 0, -infinity
    at::Tensor m_targets;         ///< [rows] int64: the place each row of the last enqueueRows() rewrites
};

} // namespace jacobi
