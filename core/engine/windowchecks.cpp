// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/devicewindows.h"
#include "core/decode/draftwindow.h"
#include "core/decode/draws.h"
#include "core/decode/warp.h"
#include "core/engine/checkinputs.h"

#include <deque>

namespace jacobi {
namespace {

constexpr std::uint32_t kItems = 2, kBranches = 2, kCodes = 97;

TokenLayout pictureLayout()
{
    TokenLayout layout;
    layout.rows = 4;
    layout.columns = 8;
    layout.codes = kCodes;
    layout.rules.resize(layout.positions());
    auto legal = std::make_shared<std::vector<std::uint8_t>>(kCodes, std::uint8_t{1});
    legal->back() = 0; // the last code ends a line
    for (std::uint32_t position = 0; position < layout.positions(); ++position) {
        if (position % layout.columns == layout.columns - 1) {
            layout.rules[position].forced = kCodes - 1;
        } else {
            layout.rules[position].legal = legal;
        }
    }
    return layout;
}

/// Two pictures in float64, decoded by the CPU's decoder and by the device over the same logits.
template <class Coupling>
class PictureCheck {
public:
    PictureCheck(const DeviceOps& ops, CouplingKind kind, Initialisation initialisation)
        : m_ops(&ops), m_layout(pictureLayout()), m_warp({m_knobs.guidance, m_knobs.temperature, m_knobs.topK, 1.0})
    {
        m_setup.knobs = m_knobs;
        m_setup.coupling = kind;
        m_setup.freshDrafts = static_cast<FreshDrafts>(initialisation);
        m_setup.logitsType = NumberType::Float64;
        m_setup.items = kItems;
        m_setup.branches = kBranches;
        m_setup.window = 9;
        m_setup.seed = 2024;
        for (std::uint32_t item = 0; item < kItems; ++item) {
            m_plain.emplace_back(m_layout, m_setup.window, PhiloxDraws<double>(m_setup.seed + item), initialisation);
        }
    }

    /// What differs, empty where nothing does.
    Result<std::string> run()
    {
        Result<std::unique_ptr<DeviceWindows>> windows = DeviceWindows::make(*m_ops, m_layout, m_setup);
        if (!windows) {
            return tl::unexpected(windows.error());
        }
        if (const Result<void> began = (*windows)->begin({0, 0, 0, 0}, nullptr); !began) {
            return tl::unexpected(began.error());
        }
        std::uint64_t replay = 0;
        for (std::uint32_t pass = 0; !done(); ++pass) {
            const std::vector<double> logits = logitsOfPass();
            const std::uint64_t bytes = logits.size() * sizeof(double);
            if (const int code = m_ops->toDevice((*windows)->logits(), logits.data(), bytes, nullptr); code != 0) {
                return tl::unexpected(deviceError(*m_ops, code, "copy logits"));
            }
            for (const bool held : {pass == 2, false}) { // the third pass is held first
                (*windows)->hold(held);
                Result<void> went = (*windows)->enqueue(nullptr);
                went = went ? (*windows)->await(replay++) : went;
                if (!went) {
                    return tl::unexpected(went.error());
                }
                if (!held) {
                    break;
                }
                if (((*windows)->head(replay - 1, 0).flags & kPassHeld) == 0) {
                    return std::string("a held pass went on");
                }
            }
            if (const std::string wrong = comparePass(**windows, replay - 1, pass, logits); !wrong.empty()) {
                return "pass " + std::to_string(pass) + ": " + wrong;
            }
        }
        return std::string();
    }

private:
    bool done() const
    {
        return std::all_of(m_plain.begin(), m_plain.end(), [](const auto& window) { return window.done(); });
    }

    /// [items, branches, window, codes]; a row's belong to its position and to the token before it.
    std::vector<double> logitsOfPass() const
    {
        std::vector<double> logits(std::size_t{kItems} * kBranches * m_setup.window * kCodes, 0.0);
        double* out = logits.data();
        for (std::uint32_t item = 0; item < kItems; ++item) {
            for (std::uint32_t branch = 0; branch < kBranches; ++branch) {
                for (std::uint32_t k = 0; k < m_setup.window; ++k, out += kCodes) {
                    const auto& window = m_plain[item];
                    if (window.done() || k >= window.rows()) {
                        continue;
                    }
                    const auto last = static_cast<std::uint32_t>(window.input(k) + 1);
                    for (std::uint32_t v = 0; v < kCodes; ++v) {
                        out[v] = 2.0 * normalNumber(branch + 1, (window.committed() + k) * 128 + last, v);
                    }
                }
            }
        }
        return logits;
    }

    std::string comparePass(const DeviceWindows& windows, std::uint64_t replay, std::uint32_t pass,
                            const std::vector<double>& logits)
    {
        for (std::uint32_t item = 0; item < kItems; ++item) {
            auto& window = m_plain[item];
            if (window.done()) {
                continue;
            }
            Step plain;
            plain.pass = pass;
            for (std::uint32_t k = 0; k < window.rows(); ++k) {
                const double* c = logits.data() + (std::size_t{item} * kBranches * m_setup.window + k) * kCodes;
                const double* u = c + std::size_t{m_setup.window} * kCodes;
                m_warp({c, kCodes}, {u, kCodes}, &m_layout.rules[window.committed() + k], window.row(k));
            }
            window.advance(plain);
            if (const std::string wrong = compare(windows.step(replay, item), plain); !wrong.empty()) {
                return "picture " + std::to_string(item) + ": " + wrong;
            }
        }
        return {};
    }

    static std::string compare(const Step& found, const Step& plain)
    {
        if (found.begin != plain.begin || found.end != plain.end || found.committedEnd != plain.committedEnd) {
            return "the window stands elsewhere";
        }
        if (found.token != plain.token || found.state != plain.state || found.draft != plain.draft) {
            return "other tokens";
        }
        const auto close = [](const std::vector<float>& a, const std::vector<float>& b) {
            return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
                return std::isnan(x) ? std::isnan(y) : std::abs(x - y) <= 1e-6F * (1.0F + std::abs(y));
            });
        };
        return close(found.p, plain.p) && close(found.q, plain.q) && close(found.u, plain.u) ? ""
                                                                                             : "other probabilities";
    }

    const DeviceOps* m_ops;
    TokenLayout m_layout;
    WarpKnobs m_knobs{1.5, 0.9, 1.0, 40};
    WindowSetup m_setup;
    Warp<double> m_warp;
    std::deque<DraftWindow<double, Coupling, PhiloxDraws<double>>> m_plain;
};

template <class Coupling>
KernelCheck checkCoupling(const DeviceOps& ops, CouplingKind kind)
{
    KernelCheck check;
    check.name = "windows, " + std::string(Coupling::kName) + ", float64";
    check.outcome = KernelCheck::Outcome::Passed;
    check.detail = "every step is the CPU decoder's, from every initialisation";
    for (const InitialisationName& named : kInitialisations) {
        const Result<std::string> wrong = PictureCheck<Coupling>(ops, kind, named.initialisation).run();
        if (!wrong) {
            return failedCheck(check.name, wrong.error());
        }
        if (!wrong->empty()) {
            check.outcome = KernelCheck::Outcome::Failed;
            check.detail = std::string(named.name) + ", " + *wrong;
            return check;
        }
    }
    return check;
}

} // namespace

std::vector<KernelCheck> checkWindows(const DeviceOps& ops)
{
    return {checkCoupling<IndependentCoupling>(ops, CouplingKind::Independent),
            checkCoupling<MaximalCoupling>(ops, CouplingKind::Maximal),
            checkCoupling<GumbelExactCoupling>(ops, CouplingKind::GumbelExact),
            checkCoupling<GumbelSpecCoupling>(ops, CouplingKind::GumbelSpec)};
}

} // namespace jacobi
