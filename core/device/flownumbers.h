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

    /// A block begins. z, start: [batch, tokens, channels], or of fewer pictures, from this one on.
    void enter(const FlowUpdate& update, const at::Tensor& z, const at::Tensor& start, std::int64_t picture = 0);

    /// What a pass is told, float64: the range, whether it is to do nothing where the one before it met its limits, and the
    /// limits that it meets or not.
    static constexpr std::int64_t kTold = 6;
    static void tell(const FlowRange& range, bool isOptional, const FlowNext& limits, const at::Tensor& told);
    /// Of the next pass. told: on the host, left as it is until the pass began.
    void setPass(const at::Tensor& told) { m_told.copy_(told, true); }

    /// Of a pass of so many rows, at least its range's count.
    FlowRows enqueueRows(std::int64_t rows);

    /// parameters [branches, batch, rows, outputs] of the rows of the last enqueueRows(); rewrites x. isWorking: [batch] bool, of
    /// pictures that are not left as they are, whose changes are then of no meaning; undefined: of all.
    void enqueueUpdate(const at::Tensor& parameters, const at::Tensor& isWorking = {});

    const at::Tensor& x() const { return m_x; }           ///< [batch, places, channels]
    const at::Tensor& z() const { return m_z; }           ///< the same
    const at::Tensor& lowest() const { return m_lowest; } ///< [] what values are cut to
    const at::Tensor& highest() const { return m_highest; }
    at::Tensor tokens() const { return m_x.narrow(1, 0, m_tokens); } ///< of x

    /// What a pass of so many rows leaves, float64: whether it did nothing, then squares, largest change and values set back of
    /// each picture and row.
    std::int64_t leftBy(std::int64_t rows) const { return 1 + 3 * m_batch * rows; }
    at::Tensor left(std::int64_t rows) const { return m_left.narrow(0, 0, leftBy(rows)); } ///< on the device
    /// left: on the host. Sets the entries of the range's tokens; false where the pass did nothing.
    bool takeChanges(const at::Tensor& left, std::int64_t rows, const FlowRange& range,
                     FlowIterate::Changes& changes) const;

    /// x and whether limits were met; both can be put back.
    struct Moment {
        at::Tensor x, isMet;
    };
    Moment moment() const { return {m_x.clone(), m_isMet.clone()}; }
    void putBack(const Moment& moment);

private:
    std::int64_t m_batch;
    std::int64_t m_tokens;
    std::int64_t m_channels;
    bool m_affine;

    at::Tensor m_z, m_start, m_x; ///< [batch, places, channels]; zeros behind the tokens
    at::Tensor m_guidance;        ///< [places, outputs]: weight of the difference between the branches
    at::Tensor m_lowest;          ///< [] the clip, or -infinity
    at::Tensor m_highest;         ///< [] the clip, or infinity
    at::Tensor m_told;            ///< [kTold] float64
    at::Tensor m_left;            ///< [leftBy(maxRows)] float64
    at::Tensor m_isMet;           ///< [] bool: the last pass met its limits
    at::Tensor m_rowNumbers;      ///< [maxRows] int64
    at::Tensor m_placeNumbers;    ///< [places] int64
    at::Tensor m_seen, m_hidden;  ///< [] of the real type: 0, -infinity
    // Of the last enqueueRows():
    at::Tensor m_isHeld;    ///< [] bool: this pass does nothing
    at::Tensor m_isWritten; ///< [rows] bool
    at::Tensor m_targets;   ///< [rows] int64: the place a row rewrites
};

} // namespace jacobi
