// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/hostlearning.h"

#include "core/cuda/dispatch.h"
#include "core/cuda/learnsteps.h"

#include <algorithm>

namespace jacobi {
namespace {

constexpr std::uint32_t kRowFours = 256; ///< of the widest row
constexpr std::uint32_t kHeadFours = 16; ///< of half the largest head

bool takesHeads(const SplitHeadsJob& job)
{
    return job.headSize == 32 || job.headSize == 64 || job.headSize == 128;
}

bool takesRows(std::uint32_t width)
{
    return width % 4 == 0 && width <= 4 * kRowFours;
}

/// visit(TypeTag) with float or BFloat16, where the rest of a job can be done too.
template <class Visit>
int withLearntType(NumberType type, bool isPossible, Visit visit)
{
    if (!isPossible || type == NumberType::Float64) {
        return kDeviceNotSupported;
    }
    if (type == NumberType::BFloat16) {
        visit(TypeTag<BFloat16>());
    } else {
        visit(TypeTag<float>());
    }
    return 0;
}

} // namespace

int hostSumNorm(const SumNormJob& job)
{
    return withLearntType(job.type, takesRows(job.width), [&](auto tag) {
        for (std::uint32_t row = 0; row < job.rows; ++row) {
            sumNormRow<typename decltype(tag)::Type, kRowFours>(SoleLane(), job, row);
        }
    });
}

int hostSumNormBack(const SumNormBackJob& job)
{
    return withLearntType(job.type, takesRows(job.width), [&](auto tag) {
        for (std::uint32_t team = 0; team < job.teams; ++team) {
            Four<float> scales[kRowFours] = {};
            for (std::uint32_t row = team; row < job.rows; row += job.teams) {
                sumNormBackRow<typename decltype(tag)::Type, kRowFours>(SoleLane(), job, row, scales);
            }
            std::copy_n(&scales[0].values[0], job.width, job.dScale + std::uint64_t{team} * job.width);
        }
    });
}

int hostSplitHeads(const SplitHeadsJob& job)
{
    return withLearntType(job.type, takesHeads(job), [&](auto tag) {
        using Stored = typename decltype(tag)::Type;
        for (std::uint32_t item = 0; item < headItems(job); ++item) {
            splitHead<Stored, kHeadFours>(SoleLane(), job, item, 0);
            splitHead<Stored, kHeadFours>(SoleLane(), job, item, 1);
            splitValues<Stored>(SoleLane(), job, item);
        }
    });
}

int hostSplitHeadsBack(const SplitHeadsBackJob& job)
{
    return withLearntType(job.forward.type, takesHeads(job.forward), [&](auto tag) {
        using Stored = typename decltype(tag)::Type;
        const std::uint32_t half = job.forward.headSize / 2;
        for (std::uint32_t team = 0; team < job.teams; ++team) {
            HalvedHead<kHeadFours> scales[2] = {};
            for (std::uint32_t item = team; item < headItems(job.forward); item += job.teams) {
                splitHeadBack<Stored, kHeadFours>(SoleLane(), job, item, 0, scales[0]);
                splitHeadBack<Stored, kHeadFours>(SoleLane(), job, item, 1, scales[1]);
                splitValuesBack<Stored>(SoleLane(), job, item);
            }
            for (std::uint32_t part = 0; part < 2; ++part) {
                float* out = job.dScales + (std::uint64_t{team} * 2 + part) * 2 * half;
                std::copy_n(&scales[part].a[0].values[0], half, out);
                std::copy_n(&scales[part].b[0].values[0], half, out + half);
            }
        }
    });
}

int hostGateBack(const GateBackJob& job)
{
    return withLearntType(job.type, job.width % 4 == 0, [&](auto tag) {
        for (std::uint32_t row = 0; row < job.rows; ++row) {
            for (std::uint32_t four = 0; four < job.width / 4; ++four) {
                gateBackFour<typename decltype(tag)::Type>(job, row, four);
            }
        }
    });
}

} // namespace jacobi
