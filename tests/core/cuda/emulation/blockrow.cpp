// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/emulation/blockrow.h"

#include "core/cuda/blockteam.cuh"
#include "tests/core/cuda/emulation/block.h"

namespace jacobi::test {
namespace {

template <class Real>
TeamRow<Real> byBlock(std::uint32_t lanes, const std::vector<Real>& logits, const WarpKnobs& knobs)
{
    TeamRow<Real> row{std::vector<Real>(logits.size())};
    emulation::runBlocks({1, 1, 1}, lanes, BlockTeam::bytesFor(lanes), [&] {
        BlockTeam team(static_cast<unsigned char*>(emulation::blockMemory()));
        makeRow(team, logits, knobs, row);
    });
    return row;
}

} // namespace

TeamRow<float> rowByBlock(std::uint32_t lanes, const std::vector<float>& logits, const WarpKnobs& knobs)
{
    return byBlock(lanes, logits, knobs);
}

TeamRow<double> rowByBlock(std::uint32_t lanes, const std::vector<double>& logits, const WarpKnobs& knobs)
{
    return byBlock(lanes, logits, knobs);
}

} // namespace jacobi::test
