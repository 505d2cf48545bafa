// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/learnjobs.h"
#include "core/cuda/matrixproduct.h"
#include "core/cuda/windowjob.h"

#include <cstdint>

namespace jacobi {

// What the plug-in jacobi_cuda gives to the engine: one table of functions, found by name after dlopen. Plain types only,
// so that no library of CUDA is needed to be compiled against it. hostkernels.h has the same table on the CPU.
//
// Memory named "device" is what allocate() returned; pinned memory is what allocatePinned() returned, which both sides
// read and write. Every kernel is put behind what its stream holds and returns at once; a stream of null is the default
// one. Functions return 0, or a code that errorText() explains. One thread at a time.

inline constexpr std::uint32_t kDeviceOpsAbi = 15; ///< counted up with every change of what lies below

/// x [rows, width] += delta where there is one; y = x / rms(x) * scale. delta and y may be the same memory.
struct NormJob {
    NumberType type = NumberType::Float32; ///< of all four
    void* x = nullptr;
    const void* delta = nullptr;
    const void* scale = nullptr; ///< [width]
    void* y = nullptr;           ///< null: only the sum is wanted
    std::uint32_t rows = 0;
    std::uint32_t width = 0;
    double epsilon = 1e-6;
    SplitSums deltaSums = {}; ///< of bfloat16: delta in parts
};

/// Which two numbers of a head turn together.
enum class RotaryPairs : std::uint32_t {
    Halves = 0, ///< i and i + headSize / 2
    Neighbours = 1
}; ///< 2 i and 2 i + 1

/// qkv [lanes, rows, (heads + 2 * keyHeads) * headSize]: queries and keys are normalised over the head where they have a
/// scale, rotated, and put down; keys and values behind what each lane's cache holds.
struct HeadsJob {
    NumberType type = NumberType::Float32; ///< of everything but the table
    RotaryPairs pairs = RotaryPairs::Halves;
    const void* qkv = nullptr;
    SplitSums qkvSums = {};           ///< of bfloat16: qkv in parts
    const void* queryScale = nullptr; ///< [headSize], or null
    const void* keyScale = nullptr;   ///< [headSize], or null
    const float* cosine = nullptr;    ///< [tableRows, headSize / 2], a row for each place of the cache
    const float* sine = nullptr;
    const std::int32_t* lengths = nullptr; ///< [lanes] rows each cache holds before this pass
    void* q = nullptr;                     ///< [lanes, rows, heads, headSize]
    void* keys = nullptr;                  ///< [lanes, capacity, keyHeads, headSize]
    void* values = nullptr;                ///< the same
    std::uint32_t lanes = 0, rows = 0, heads = 0, keyHeads = 0, headSize = 0, capacity = 0, tableRows = 0;
    double epsilon = 1e-6;
};

/// Attention of the rows of a pass against caches that hold their own keys and values already: row k of a lane sees the first
/// lengths + k + 1 places. The cache is shared out among `splits` teams, whose results are joined. On a GPU: bfloat16 or float32,
/// heads of 32, 64 or 128 numbers, compute capability 8.0; otherwise kDeviceNotSupported. In float32 a row's result hangs on what
/// the row sees alone, to the last bit; for that, splits is invariantSplits().
struct AttendJob {
    static constexpr std::uint32_t kInvariantKeys = 256; ///< places of the cache that a team takes in float32

    NumberType type = NumberType::Float32; ///< of q, keys, values and out
    const void* q = nullptr;               ///< [lanes, rows, heads, headSize]
    const void* keys = nullptr;            ///< [lanes, capacity, keyHeads, headSize]
    const void* values = nullptr;          ///< the same
    const std::int32_t* lengths = nullptr; ///< [lanes] rows each cache held before this pass
    void* out = nullptr;                   ///< as q
    void* partials = nullptr;              ///< partialFloats() float32; with one split nobody looks at it
    std::uint32_t lanes = 0, rows = 0, heads = 0, keyHeads = 0, headSize = 0, capacity = 0;
    std::uint32_t splits = 1; ///< up to 32; in float32 invariantSplits()
    float scale = 1.0F;       ///< of the scores; above 0

    static JACOBI_ANYWHERE std::uint32_t invariantSplits(std::uint32_t capacity)
    {
        return (capacity + kInvariantKeys - 1) / kInvariantKeys;
    }
    /// Rows, of all query heads that share a key head, and how many of them a team works on at once.
    JACOBI_ANYWHERE std::uint32_t groupedRows() const { return rows * (heads / keyHeads); }
    JACOBI_ANYWHERE std::uint32_t tileRows() const
    {
        const std::uint32_t all = groupedRows();
        return all <= 16 ? 16 : all <= 32 ? 32 : all <= 64 ? 64 : 128;
    }
    JACOBI_ANYWHERE std::uint32_t rowTiles() const { return (groupedRows() + tileRows() - 1) / tileRows(); }
    JACOBI_ANYWHERE std::uint64_t partialFloats() const
    {
        if (type == NumberType::Float32) {
            return std::uint64_t{splits} * lanes * heads * rows * (headSize + 2);
        }
        return std::uint64_t{splits} * lanes * keyHeads * rowTiles() * tileRows() * (headSize + 2);
    }
};

/// One of the table rows whose sum is what a row of a pass reads. Codes stand at positions in raster order; the row that
/// predicts position p reads codes at positions before p only.
struct EmbedPart {
    enum class Source : std::uint32_t {
        Previous,  ///< the code before p; at p = 0 EmbedJob::first
        Neighbour, ///< the code (rowShift, columnShift) from p; off the grid the row after the codes'
        Position   ///< p itself
    };
    Source source = Source::Previous;
    std::uint32_t table = 0; ///< the row of code or position 0
    std::int32_t rowShift = 0;
    std::int32_t columnShift = 0;
    std::uint32_t noise = 0; ///< of a code that is noise still: where this part begins in its embedding
};
inline constexpr std::uint32_t kMostEmbedParts = 8;

/// y [items, branches, window, width]: for every query row of a pass the sum of its parts, read from the windows; of a draft that
/// is noise still, the part of its embedding. Rows past the last position repeat it.
struct EmbedJob {
    NumberType type = NumberType::Float32; ///< of table and y; Float64 where the windows' logits are, and only there
    WindowJob windows;
    const void* table = nullptr;         ///< [any, width]
    const std::int32_t* first = nullptr; ///< [items, branches] rows of the table: the last tokens of the prompts
    void* y = nullptr;
    std::uint32_t width = 0;
    std::uint32_t partCount = 0;
    EmbedPart parts[kMostEmbedParts];
};

struct DeviceDescription {
    char name[256] = {};
    std::int32_t major = 0, minor = 0; ///< compute capability
    std::uint64_t totalBytes = 0, freeBytes = 0;
    std::uint64_t sharedBytesPerBlock = 0; ///< the most a kernel may ask for
    std::uint32_t multiprocessors = 0;     ///< that a kernel's blocks are shared out among
    std::uint64_t cacheBytes = 0;          ///< between its memory and all of them; 0: not known
    std::int32_t codeMajor = 0;            ///< compute capability its kernels were compiled for; 0: not known
    std::int32_t codeMinor = 0;
    std::uint32_t isCodeTranslated = 0; ///< 1: the driver made this card's code of theirs
};

struct DeviceOps {
    std::uint32_t abi = kDeviceOpsAbi;
    std::uint32_t bytes = sizeof(DeviceOps); ///< of this table

    const char* (*errorText)(int code);
    int (*describe)(int device, DeviceDescription* out);
    int (*selectDevice)(int device); ///< for the calling thread
    int (*hasKernels)(int device);   ///< 0 where the kernels were compiled for this card

    int (*allocate)(void** out, std::uint64_t bytes);
    int (*release)(void* memory);
    int (*allocatePinned)(void** out, std::uint64_t bytes);
    int (*releasePinned)(void* memory);
    int (*toDevice)(void* to, const void* from, std::uint64_t bytes, void* stream); ///< behind the stream's work; waits
    int (*fromDevice)(void* to, const void* from, std::uint64_t bytes, void* stream); ///< the same
    int (*clear)(void* memory, std::uint64_t bytes, void* stream);
    int (*createStream)(void** out);
    int (*destroyStream)(void* stream);
    int (*synchronize)(void* stream);

    int (*createEvent)(void** out);
    int (*destroyEvent)(void* event);
    int (*recordEvent)(void* event, void* stream); ///< happens when the stream gets there
    int (*awaitEvent)(void* event);                ///< blocks until it happened, without keeping a core busy

    int (*beginWindows)(const WindowJob* job, void* stream);   ///< resets the windows, puts the first drafts
    int (*decideRows)(const WindowJob* job, void* stream);     ///< logits -> laws and what each row would have happen
    int (*advanceWindows)(const WindowJob* job, void* stream); ///< commit, redraw, slide, refill, record
    int (*drawNoise)(const WindowJob* job, void* stream);      ///< NoiseView::fresh, once a run
    int (*denoiseRows)(const WindowJob* job, void* stream);    ///< NoiseView::rows, after the windows began or advanced
    int (*addNorm)(const NormJob* job, void* stream);
    int (*placeHeads)(const HeadsJob* job, void* stream);
    int (*gate)(const GateJob* job, void* stream);
    int (*attend)(const AttendJob* job, void* stream);
    int (*embedRows)(const EmbedJob* job, void* stream);
    int (*multiply)(const ProductJob* job, void* stream);

    int (*sumNorm)(const SumNormJob* job, void* stream); ///< for training, like those below
    int (*sumNormBack)(const SumNormBackJob* job, void* stream);
    int (*splitHeads)(const SplitHeadsJob* job, void* stream);
    int (*splitHeadsBack)(const SplitHeadsBackJob* job, void* stream);
    int (*gateBack)(const GateBackJob* job, void* stream);

    // What is put on the stream between begin and end is kept instead of done, and done by every launch. Only this thread's
    // calls are watched meanwhile: one that would wait is an error. kDeviceNotSupported where there is no such thing.
    int (*beginCapture)(void* stream);
    int (*endCapture)(void* stream, void** graph);
    int (*launchGraph)(void* graph, void* stream);
    int (*destroyGraph)(void* graph);
};

/// The codes with a meaning of their own.
inline constexpr int kDeviceOutOfMemory = 2;    ///< cudaErrorMemoryAllocation
inline constexpr int kDeviceNotSupported = 801; ///< cudaErrorNotSupported

using DeviceOpsFunction = const DeviceOps* (*)();
inline constexpr const char* kDeviceOpsSymbol = "jacobiDeviceOps";

} // namespace jacobi
