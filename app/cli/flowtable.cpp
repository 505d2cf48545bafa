// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/flowtable.h"

#include <cstdio>

namespace jacobi::cli {
namespace {

void printCorrelation(const char* metric, const std::optional<double>& correlation)
{
    if (correlation) {
        std::printf("%s ranks the blocks by their passes with a correlation of %+.2f (1: rightly, -1: upside down).\n",
                    metric, *correlation);
    }
}

} // namespace

void printAnalysis(const FlowAnalysis& analysis)
{
    std::printf("%5s %12s %8s %12s %12s %7s %8s\n", "block", "CRM", "share", "IGM input", "IGM zeros", "start", "passes");
    for (auto block = analysis.blocks.rbegin(); block != analysis.blocks.rend(); ++block) {
        std::printf("%5u %12.4g %6.1f %% %12.4g %12.4g %7s %8.1f\n", block->block, block->crm, block->crmPercent,
                    block->igmInput, block->igmZeros, std::string(name(block->start())).c_str(), block->passes);
    }
    std::printf("\nFrom %u pictures; the block sampled first stands first. Passes: plain Jacobi from the input, until the\n"
                "block is within %g of the exact one, mean over %u latents.\n",
                analysis.images, kMeasuredError, analysis.latents);
    printCorrelation("CRM", analysis.crmCorrelation());
    printCorrelation("IGM", analysis.igmCorrelation());
}

} // namespace jacobi::cli
