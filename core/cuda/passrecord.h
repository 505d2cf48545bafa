// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/devicecode.h"

#include <cstdint>

namespace jacobi {

/// Candidate of core/trace/step.h, plain.
struct RecordedCandidate {
    std::int32_t code = -1;
    float p = 0.0F;
    float q = 0.0F;
};
inline constexpr std::uint32_t kRecordedCandidates = 8;

/// What a pass leaves in its slot of the ring, as one picture saw it: this head, then the columns of a Step over
/// [begin, end). Written by the device into pinned memory; `sequence` last.
struct PassRecordHead {
    /// Number of the replay, counted from 1, whose record this is: the host waits for it.
    std::uint64_t sequence = 0;
    std::uint64_t nearTies = 0; ///< so far
    std::uint32_t pass = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t committedEnd = 0;
    std::uint32_t evaluatedEnd = 0; ///< positions [begin, evaluatedEnd) were read by the network
    std::uint32_t flags = 0;
};
inline constexpr std::uint32_t kPassHeld = 1; ///< hold was set: nothing changed
inline constexpr std::uint32_t kPassIdle = 2; ///< this picture was done already: nothing changed
inline constexpr std::uint32_t kPassDone = 4; ///< this picture is done
inline constexpr std::uint32_t kPassBad = 8; ///< logits of position `end` were not numbers: nothing changed, ever again

/// Columns of a record, each with room for 2 * window entries.
struct PassRecord {
    PassRecordHead* head = nullptr;
    RecordedCandidate* top = nullptr; ///< [room, kRecordedCandidates]
    std::int32_t* token = nullptr;
    std::int32_t* draft = nullptr;
    float* p = nullptr;
    float* q = nullptr;
    float* u = nullptr;
    float* entropy = nullptr;
    float* noise = nullptr; ///< sigma of what the position holds after the pass; 0: a token
    std::uint8_t* state = nullptr;
};

JACOBI_DEVICE inline std::uint64_t recordBytes(std::uint32_t window)
{
    const std::uint64_t room = std::uint64_t{2} * window;
    const std::uint64_t perColumn = sizeof(RecordedCandidate) * kRecordedCandidates + 7 * 4 + 1;
    return (sizeof(PassRecordHead) + room * perColumn + 63) / 64 * 64;
}

/// The record that begins at this address.
JACOBI_DEVICE inline PassRecord recordAt(void* address, std::uint32_t window)
{
    const std::uint32_t room = 2 * window;
    PassRecord record;
    record.head = static_cast<PassRecordHead*>(address);
    record.top = reinterpret_cast<RecordedCandidate*>(record.head + 1);
    record.token = reinterpret_cast<std::int32_t*>(record.top + std::uint64_t{room} * kRecordedCandidates);
    record.draft = record.token + room;
    record.p = reinterpret_cast<float*>(record.draft + room);
    record.q = record.p + room;
    record.u = record.q + room;
    record.entropy = record.u + room;
    record.noise = record.entropy + room;
    record.state = reinterpret_cast<std::uint8_t*>(record.noise + room);
    return record;
}

} // namespace jacobi
