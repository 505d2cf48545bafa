// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/devicewindows.h"
#include "core/decode/draftwindow.h"
#include "core/decode/warp.h"
#include "core/engine/checkinputs.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace jacobi {

// What the checks of whole pictures (windowchecks.cpp, noisechecks.cpp) share: a small picture, logits that hang on what a row
// reads, and the comparison of a pass.

/// 4 lines of 8 codes, each ended by a code that stands nowhere else.
inline TokenLayout checkedLayout(std::uint32_t codes)
{
    TokenLayout layout;
    layout.rows = 4;
    layout.columns = 8;
    layout.codes = codes;
    layout.rules.resize(layout.positions());
    auto legal = std::make_shared<std::vector<std::uint8_t>>(codes, std::uint8_t{1});
    legal->back() = 0; // the last code ends a line
    for (std::uint32_t position = 0; position < layout.positions(); ++position) {
        if (position % layout.columns == layout.columns - 1) {
            layout.rules[position].forced = static_cast<std::int32_t>(codes) - 1;
        } else {
            layout.rules[position].legal = legal;
        }
    }
    return layout;
}

/// [windows, branches, window, codes]; a row's belong to its position and to the token before it.
template <class Stored, class Window>
std::vector<Stored> checkedLogits(const std::deque<Window>& windows, const WindowSetup& setup, std::uint32_t codes)
{
    std::vector<Stored> logits(windows.size() * setup.branches * setup.window * codes);
    Stored* out = logits.data();
    for (const Window& window : windows) {
        for (std::uint32_t branch = 0; branch < setup.branches; ++branch) {
            for (std::uint32_t k = 0; k < setup.window; ++k, out += codes) {
                if (window.done() || k >= window.rows()) {
                    continue;
                }
                const auto last = static_cast<std::uint32_t>(window.input(k) + 1);
                for (std::uint32_t v = 0; v < codes; ++v) {
                    const double logit = 2.0 * normalNumber(branch + 1, (window.committed() + k) * 128 + last, v);
                    store(out[v], static_cast<RealOf<Stored>>(logit));
                }
            }
        }
    }
    return logits;
}

/// Numbers as what is computed with.
template <class Stored>
std::vector<RealOf<Stored>> loaded(const std::vector<Stored>& numbers)
{
    std::vector<RealOf<Stored>> reals;
    reals.reserve(numbers.size());
    for (const Stored x : numbers) {
        reals.push_back(load(x));
    }
    return reals;
}

/// The CPU's part of a pass over the logits of item number `item`. step.pass is read.
template <class Real, class Window>
void advancePlainly(Window& window, const std::vector<Real>& logits, std::size_t item, const WindowSetup& setup,
                    const TokenLayout& layout, Warp<Real>& warp, Step& step)
{
    for (std::uint32_t k = 0; k < window.rows(); ++k) {
        const Real* c = logits.data() + (item * setup.branches * setup.window + k) * layout.codes;
        const Real* u = c + std::size_t{setup.window} * layout.codes;
        const std::span<const Real> unconditional =
            setup.branches == 2 ? std::span<const Real>(u, layout.codes) : std::span<const Real>();
        warp({c, layout.codes}, unconditional, &layout.rules[window.committed() + k], window.row(k));
    }
    window.advance(step);
}

/// Of recorded numbers, which are float32: what rounding explains where they were computed as these are.
template <class Stored>
inline constexpr float kAllowedOfRecord = std::is_same_v<Stored, double> ? 1e-6F : 1e-5F;

/// wrongOf(seed) of a picture: what differs, empty where nothing does. In float32 a device that rounds an exponential another way
/// may decide a draw otherwise that is all but a tie, of thousands one perhaps; what is wrong with the kernels is wrong with the
/// picture of another seed as well.
template <class Stored, class WrongOf>
Result<std::string> wrongOfPictures(const WrongOf& wrongOf)
{
    constexpr std::uint64_t kSeed = 2024, kOther = 77;
    Result<std::string> wrong = wrongOf(kSeed);
    const bool differs = wrong && !wrong->empty();
    return differs && !std::is_same_v<Stored, double> ? wrongOf(kOther) : wrong;
}

/// What differs between a pass's steps, empty where nothing does. allowed: kAllowedOfRecord.
inline std::string differenceOf(const Step& found, const Step& plain, float allowed)
{
    if (found.begin != plain.begin || found.end != plain.end || found.committedEnd != plain.committedEnd) {
        return "the window stands elsewhere";
    }
    if (found.token != plain.token || found.state != plain.state || found.draft != plain.draft) {
        return "other tokens";
    }
    const auto close = [allowed](const std::vector<float>& a, const std::vector<float>& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [allowed](float x, float y) {
            return std::isnan(x) ? std::isnan(y) : std::abs(x - y) <= allowed * (1.0F + std::abs(y));
        });
    };
    if (!close(found.noiseLevel, plain.noiseLevel)) {
        return "other noise";
    }
    return close(found.p, plain.p) && close(found.q, plain.q) && close(found.u, plain.u) ? "" : "other probabilities";
}

} // namespace jacobi
