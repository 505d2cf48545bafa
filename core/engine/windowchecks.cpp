// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/dispatch.h"
#include "core/decode/draws.h"
#include "core/engine/picturechecks.h"

#include <deque>

namespace jacobi {
namespace {

constexpr std::uint32_t kItems = 2, kBranches = 2, kCodes = 97;

/// Two pictures, decoded by the CPU's decoder and by the device over the same logits.
template <class Stored, class Coupling>
class PictureCheck {
public:
    PictureCheck(const DeviceOps& ops, CouplingKind kind, Initialisation initialisation, std::uint64_t seed)
        : m_ops(&ops),
          m_layout(checkedLayout(kCodes)),
          m_warp({m_knobs.guidance, m_knobs.temperature, m_knobs.topK, 1.0})
    {
        m_setup.knobs = m_knobs;
        m_setup.coupling = kind;
        m_setup.freshDrafts = static_cast<FreshDrafts>(initialisation);
        m_setup.logitsType = kNumberType<Stored>;
        m_setup.items = kItems;
        m_setup.branches = kBranches;
        m_setup.window = 9;
        m_setup.seed = seed;
        for (std::uint32_t item = 0; item < kItems; ++item) {
            m_plain.emplace_back(m_layout, m_setup.window, PhiloxDraws<Real>(m_setup.seed + item), initialisation);
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
            const auto logits = checkedLogits<Stored>(m_plain, m_setup, kCodes);
            const std::uint64_t bytes = logits.size() * sizeof(Stored);
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
            if (const std::string wrong = comparePass(**windows, replay - 1, pass, loaded(logits)); !wrong.empty()) {
                return "pass " + std::to_string(pass) + ": " + wrong;
            }
        }
        return std::string();
    }

private:
    using Real = RealOf<Stored>;

    bool done() const
    {
        return std::all_of(m_plain.begin(), m_plain.end(), [](const auto& window) { return window.done(); });
    }

    std::string comparePass(const DeviceWindows& windows, std::uint64_t replay, std::uint32_t pass,
                            const std::vector<Real>& logits)
    {
        for (std::uint32_t item = 0; item < kItems; ++item) {
            auto& window = m_plain[item];
            if (window.done()) {
                continue;
            }
            Step plain;
            plain.pass = pass;
            advancePlainly(window, logits, item, m_setup, m_layout, m_warp, plain);
            if (const std::string wrong = differenceOf(windows.step(replay, item), plain, kAllowedOfRecord<Stored>);
                !wrong.empty()) {
                return "picture " + std::to_string(item) + ": " + wrong;
            }
        }
        return {};
    }

    const DeviceOps* m_ops;
    TokenLayout m_layout;
    WarpKnobs m_knobs{1.5, 0.9, 1.0, 40};
    WindowSetup m_setup;
    Warp<Real> m_warp;
    std::deque<DraftWindow<Real, Coupling, PhiloxDraws<Real>>> m_plain;
};

template <class Stored, class Coupling>
KernelCheck checkCoupling(const DeviceOps& ops, CouplingKind kind)
{
    KernelCheck check;
    check.name = "windows, " + std::string(Coupling::kName) + ", " + kNumberName<Stored>;
    check.outcome = KernelCheck::Outcome::Passed;
    check.detail = "every step is the CPU decoder's, from every initialisation";
    for (const InitialisationName& named : kInitialisations) {
        const Result<std::string> wrong = wrongOfPictures<Stored>([&](std::uint64_t seed) {
            return PictureCheck<Stored, Coupling>(ops, kind, named.initialisation, seed).run();
        });
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

KernelCheck checkWindowsOf(const DeviceOps& ops, CouplingKind kind, NumberType type)
{
    return withNumberType(type, [&](auto stored) {
        return withCoupling(kind, [&](auto coupling) {
            return checkCoupling<typename decltype(stored)::Type, typename decltype(coupling)::Type>(ops, kind);
        });
    });
}

std::vector<KernelCheck> checkWindows(const DeviceOps& ops)
{
    std::vector<KernelCheck> checks;
    for (const NumberType type : {NumberType::Float64, NumberType::Float32, NumberType::BFloat16}) {
        using enum CouplingKind;
        for (const CouplingKind kind : {Independent, Maximal, GumbelExact, GumbelSpec}) {
            checks.push_back(checkWindowsOf(ops, kind, type));
        }
    }
    checks.push_back(checkNoisyDrafts(ops));
    return checks;
}

} // namespace jacobi
