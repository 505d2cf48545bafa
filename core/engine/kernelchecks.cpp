// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/kernelchecks.h"

#include "core/base/largererror.h"
#include "core/cuda/devicewindows.h"
#include "core/cuda/windowmemory.h"
#include "core/decode/warp.h"
#include "core/engine/checkinputs.h"

#include <algorithm>

namespace jacobi {
namespace {

/// The laws of one pass over fresh windows.
struct SamplerCase {
    std::string name;
    std::uint32_t codes = 0;
    WarpKnobs knobs;
    std::uint32_t window = 2;
    std::uint32_t branches = 2;
    bool rules = false;
};

TokenLayout layoutOf(const SamplerCase& which)
{
    TokenLayout layout;
    layout.rows = 2;
    layout.columns = 6;
    layout.codes = which.codes;
    if (which.rules) {
        auto legal = std::make_shared<std::vector<std::uint8_t>>(which.codes, std::uint8_t{1});
        for (std::uint32_t v = 0; v < which.codes; v += 5) {
            (*legal)[v] = 0;
        }
        layout.rules.resize(layout.positions());
        layout.rules[2].legal = std::move(legal);
        layout.rules[4].forced = 3;
        layout.rules[5].topK = 9;
    }
    return layout;
}

constexpr double kNegligible = 1e-9; ///< of a probability

/// Largest relative error of the laws, or what went wrong. Logits are rounded to the stored type first: what is compared is the
/// pipeline, not that rounding.
template <class Stored>
Result<double> lawError(const DeviceOps& ops, const SamplerCase& which)
{
    using Real = RealOf<Stored>;
    const TokenLayout layout = layoutOf(which);
    WindowSetup setup;
    setup.knobs = which.knobs;
    setup.logitsType = kNumberType<Stored>;
    setup.branches = which.branches;
    setup.window = which.window;
    setup.items = 2;
    const Result<std::unique_ptr<DeviceWindows>> windows = DeviceWindows::make(ops, layout, setup);
    if (!windows) {
        return tl::unexpected(windows.error());
    }
    const auto logits =
        normalNumbers<Stored>(std::size_t{setup.items} * setup.branches * setup.window * which.codes, 9, 4.0);
    const std::vector<std::int32_t> lengths(setup.items * setup.branches, 0);
    if (const Result<void> began = (*windows)->begin(lengths, nullptr); !began) {
        return tl::unexpected(began.error());
    }
    int code = ops.toDevice((*windows)->logits(), logits.data(), logits.size() * sizeof(Stored), nullptr);
    code = code != 0 ? code : ops.decideRows(&(*windows)->job(), nullptr);
    if (code != 0) {
        return tl::unexpected(deviceError(ops, code, "make laws"));
    }
    Warp<double> warp(
        {which.knobs.guidance, which.knobs.temperature, which.knobs.topK, which.knobs.topP, which.knobs.minP});
    const std::vector<double> wide = widened(logits);
    double largest = 0.0;
    for (std::uint32_t item = 0; item < setup.items; ++item) {
        const auto rows = fetched<Real>(ops, windowOf<Real>((*windows)->job(), item).rows[0],
                                        std::size_t{setup.window} * which.codes);
        if (!rows) {
            return tl::unexpected(rows.error());
        }
        for (std::uint32_t k = 0; k < setup.window; ++k) {
            const double* c = wide.data() + (std::size_t{item} * setup.branches * setup.window + k) * which.codes;
            const double* u = c + std::size_t{setup.window} * which.codes;
            std::vector<double> p(which.codes);
            warp({c, which.codes},
                 setup.branches == 2 ? std::span<const double>(u, which.codes) : std::span<const double>(),
                 layout.rules.empty() ? nullptr : &layout.rules[k], p);
            const auto begin = rows->begin() + static_cast<std::ptrdiff_t>(std::size_t{k} * which.codes);
            for (std::uint32_t v = 0; v < which.codes; ++v) { // relative to the probability itself
                const double error = std::abs(static_cast<double>(begin[v]) - p[v]) / (p[v] + kNegligible);
                largest = largerError(largest, error);
            }
        }
    }
    return largest;
}

template <class Stored>
void addChecks(const DeviceOps& ops, std::vector<KernelCheck>& checks)
{
    const SamplerCase cases[] = {
        {"guidance 3", 8192, {3.0, 1.0, 1.0, 0}},
        {"top-k 2000", 8192, {3.0, 1.0, 1.0, 2000}},
        {"top-p 0.9, rules", 1000, {1.0, 0.7, 0.9, 0}, 8, 1, true},
        {"min-p 0.1", 8192, {2.0, 1.0, 1.0, 0, 0.1}},
        {"greedy", 300, {2.0, 0.0, 1.0, 0}},
        {"65536 codes", 65536, {5.0, 1.0, 1.0, 2048}}, // more than shared memory holds
    };
    for (const SamplerCase& which : cases) {
        std::string name = "row sampler, " + which.name + ", " + kNumberName<Stored>;
        const Result<double> error = lawError<Stored>(ops, which);
        constexpr double kAllowed = std::is_same_v<Stored, double> ? 1e-11 : 1e-4;
        checks.push_back(error ? errorCheck(std::move(name), *error, kAllowed)
                               : failedCheck(std::move(name), error.error()));
    }
}

} // namespace

std::vector<KernelCheck> checkRowSampler(const DeviceOps& ops)
{
    std::vector<KernelCheck> checks;
    addChecks<double>(ops, checks);
    addChecks<float>(ops, checks);
    addChecks<BFloat16>(ops, checks);
    return checks;
}

const KernelCheck* unusableFor(const std::vector<KernelCheck>& checks)
{
    const auto found = std::ranges::find_if(checks, [](const KernelCheck& check) {
        return check.outcome == KernelCheck::Outcome::Failed && !check.isReplaceable;
    });
    return found == checks.end() ? nullptr : &*found;
}

std::vector<KernelCheck> checkKernels(const DeviceOps& ops)
{
    std::vector<KernelCheck> checks = checkRowSampler(ops);
    for (const auto more : {checkWindows, checkEmbedding, checkLayerSteps, checkProducts}) {
        for (KernelCheck& check : more(ops)) {
            checks.push_back(std::move(check));
        }
    }
    return checks;
}

} // namespace jacobi
