// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/draws.h"
#include "core/decode/noisydrafts.h"
#include "core/engine/picturechecks.h"

#include <cstdio>
#include <utility>

namespace jacobi {
namespace {

// The window is longer than a line, so that rows read noise from above as well.
constexpr std::uint32_t kItems = 2, kCodes = 97, kWindow = 11, kWidth = 5, kParts = 3, kSize = kParts * kWidth;
constexpr double kAllowed = 1e-12; ///< of numbers around 1

/// Passes that drafts spend as noise, and whether they are redrawn afterwards.
struct NoiseCase {
    std::uint32_t steps = 1;
    bool refines = true;
};

/// Two pictures in float64 whose drafts begin as noise, by the CPU's window and noise (as sjd2.cpp puts them together) and by
/// the device.
template <class Coupling>
class NoisyPictureCheck {
public:
    NoisyPictureCheck(const DeviceOps& ops, CouplingKind kind, NoiseCase noise)
        : m_ops(&ops),
          m_layout(checkedLayout(kCodes)),
          m_warp({1.0, 0.9, 40, 1.0}),
          m_levels(noiseLevels({}, noise.steps)),
          m_codes(normalNumbers<double>(std::size_t{kCodes} * kSize, 31)),
          m_scale(normalNumbers<double>(kSize, 32)),
          m_shift(normalNumbers<double>(m_levels.size() * kSize, 33)),
          m_table(normalNumbers<double>(std::size_t{kParts * (kCodes + 1) + m_layout.positions() + 1} * kWidth, 34)),
          m_shown(std::size_t{kItems} * m_layout.positions())
    {
        m_setup.knobs = {1.0, 0.9, 1.0, 40};
        m_setup.coupling = kind;
        m_setup.logitsType = NumberType::Float64;
        m_setup.items = kItems;
        m_setup.window = kWindow;
        m_setup.seed = 77;
        m_setup.noise.steps = noise.steps;
        m_setup.noise.refines = noise.refines ? 1 : 0;
        m_setup.noise.size = kSize;
        for (std::size_t i = 0; i < m_shown.size(); ++i) {
            m_shown[i] = static_cast<std::int32_t>(i * 7 % (kCodes - 1));
        }
        for (std::uint32_t item = 0; item < kItems; ++item) {
            const std::uint64_t seed = m_setup.seed + item;
            m_plain.emplace_back(m_layout, kWindow, PhiloxDraws<double>(seed), Initialisation::Uniform,
                                 typename Window::Noise{noise.steps, noise.refines});
            m_noise.emplace_back(seed, m_levels, kWindow, std::span<const double>(m_codes), std::size_t{kSize});
            m_begun.push_back(0);
            denoise(item);
        }
    }

    /// What differs, empty where nothing does.
    Result<std::string> run()
    {
        if (auto placed = place(); !placed) {
            return tl::unexpected(placed.error());
        }
        auto windows = DeviceWindows::make(*m_ops, m_layout, m_setup);
        if (!windows) {
            return tl::unexpected(windows.error());
        }
        if (const int code = m_ops->drawNoise(&(*windows)->job(), nullptr); code != 0) {
            return tl::unexpected(deviceError(*m_ops, code, "draw noise"));
        }
        if (auto began = (*windows)->begin({0, 0}, nullptr); !began) {
            return tl::unexpected(began.error());
        }
        for (std::uint32_t pass = 0; !done(); ++pass) {
            auto wrong = compareInputs(**windows);
            if (wrong && wrong->empty()) {
                wrong = comparePass(**windows, pass);
            }
            if (!wrong || !wrong->empty()) {
                return wrong ? "pass " + std::to_string(pass) + ": " + *wrong : std::move(wrong);
            }
        }
        return std::string();
    }

private:
    using Window = DraftWindow<double, Coupling, PhiloxDraws<double>>;

    bool done() const
    {
        return std::all_of(m_plain.begin(), m_plain.end(), [](const Window& window) { return window.done(); });
    }

    /// Everything that the setup names, into the device's memory.
    Result<void> place()
    {
        Result<void> outcome;
        const auto put = [&](auto& pointer, const auto& data) {
            auto memory = DeviceMemory::copyOf(*m_ops, std::span(data));
            if (!memory) {
                outcome = tl::unexpected(memory.error());
                return;
            }
            m_memory.push_back(std::move(*memory));
            pointer = m_memory.back().template as<std::remove_reference_t<decltype(*data.data())>>();
        };
        const std::vector<NoiseMix> levels(m_levels.begin(), m_levels.end());
        const std::vector<double> fresh(std::size_t{kItems} * m_layout.positions() * kSize, 0.0);
        const std::vector<double> rows(std::size_t{kItems} * kWindow * kSize, 0.0);
        const std::vector<double> inputs(std::size_t{kItems} * kWindow * kWidth, 0.0);
        const std::vector<std::int32_t> first(kItems, static_cast<std::int32_t>(kParts * (kCodes + 1)));
        const double *freshThere = nullptr, *rowsThere = nullptr, *inputsThere = nullptr, *codes = nullptr,
                     *scale = nullptr, *shift = nullptr, *table = nullptr;
        put(m_setup.noise.levels, levels);
        put(m_setup.noise.shown, m_shown);
        put(m_embed.first, first);
        put(codes, m_codes);
        put(scale, m_scale);
        put(shift, m_shift);
        put(table, m_table);
        put(freshThere, fresh);
        put(rowsThere, rows);
        put(inputsThere, inputs);
        m_setup.noise.codes = codes;
        m_setup.noise.scale = scale;
        m_setup.noise.shift = shift;
        m_setup.noise.fresh = const_cast<double*>(freshThere);
        m_setup.noise.rows = const_cast<double*>(rowsThere);
        using enum EmbedPart::Source;
        m_embed.type = NumberType::Float64;
        m_embed.table = table;
        m_embed.y = const_cast<double*>(inputsThere);
        m_embed.width = kWidth;
        m_embed.partCount = kParts + 1;
        const EmbedPart parts[] = {{Previous, tableOf(0), 0, 0, 0},
                                   {Neighbour, tableOf(1), -1, 1, kWidth},
                                   {Neighbour, tableOf(2), -1, -1, 2 * kWidth},
                                   {Position, tableOf(kParts) + 1, 0, 0, 0}};
        std::copy(std::begin(parts), std::end(parts), m_embed.parts);
        return outcome;
    }

    static std::uint32_t tableOf(std::uint32_t part) { return part * (kCodes + 1); }

    /// The noisy drafts of the next pass, as Sjd2Decoder has them.
    void denoise(std::uint32_t item)
    {
        Window& window = m_plain[item];
        const std::uint32_t begun = std::exchange(m_begun[item], window.committed() + window.drafts());
        for (std::uint32_t k = 0; k < window.drafts(); ++k) {
            const std::uint32_t position = window.committed() + k;
            if (window.level(k) == 0) {
                continue;
            }
            if (position >= begun) {
                m_noise[item].enter(position);
            }
            if (window.guess(k) >= 0) {
                m_noise[item].step(position, window.guess(k), window.level(k));
            } else {
                window.show(k, m_shown[std::size_t{item} * m_layout.positions() + position]);
            }
        }
    }

    Result<std::string> comparePass(DeviceWindows& windows, std::uint32_t pass)
    {
        const std::vector<double> logits = checkedLogits(m_plain, m_setup, kCodes);
        if (const int code = m_ops->toDevice(windows.logits(), logits.data(), logits.size() * sizeof(double), nullptr);
            code != 0) {
            return tl::unexpected(deviceError(*m_ops, code, "copy logits"));
        }
        for (const bool held : {pass == 1, false}) { // the second pass is held first: nothing may be denoised twice
            windows.hold(held);
            Result<void> went = windows.enqueue(nullptr);
            went = went ? windows.await(m_replays++) : went;
            if (!went) {
                return tl::unexpected(went.error());
            }
            if (!held) {
                break;
            }
        }
        for (std::uint32_t item = 0; item < kItems; ++item) {
            Window& window = m_plain[item];
            if (window.done()) {
                continue;
            }
            Step plain;
            plain.pass = pass;
            advancePlainly(window, logits, item, m_setup, m_layout, m_warp, plain);
            denoise(item);
            recordNoise(item, plain);
            if (const std::string wrong = differenceOf(windows.step(m_replays - 1, item), plain); !wrong.empty()) {
                return "picture " + std::to_string(item) + ": " + wrong;
            }
        }
        return std::string();
    }

    void recordNoise(std::uint32_t item, Step& step) const
    {
        const Window& window = m_plain[item];
        step.noiseLevel.assign(step.token.size(), 0.0F);
        const std::size_t behind = window.committed() + window.drafts() - step.begin;
        std::replace(step.state.begin() + static_cast<std::ptrdiff_t>(behind), step.state.end(), TokenState::Noisy,
                     TokenState::New);
        for (std::uint32_t k = 0; k < window.drafts(); ++k) {
            const std::size_t column = window.committed() + k - step.begin;
            step.noiseLevel[column] = static_cast<float>(m_levels[window.level(k)].sigma);
            step.token[column] = static_cast<std::int32_t>(window.tokens()[window.committed() + k]);
        }
    }

    /// What the rows of the next pass read.
    Result<std::string> compareInputs(const DeviceWindows& windows)
    {
        m_embed.windows = windows.job();
        if (const int code = m_ops->embedRows(&m_embed, nullptr); code != 0) {
            return tl::unexpected(deviceError(*m_ops, code, "read the codes"));
        }
        const auto found =
            fetched<double>(*m_ops, static_cast<const double*>(m_embed.y), std::size_t{kItems} * kWindow * kWidth);
        if (!found) {
            return tl::unexpected(found.error());
        }
        for (std::uint32_t item = 0; item < kItems; ++item) {
            const Window& window = m_plain[item];
            for (std::uint32_t k = 0; !window.done() && k < window.rows(); ++k) {
                for (std::uint32_t i = 0; i < kWidth; ++i) {
                    const double number = (*found)[(std::size_t{item} * kWindow + k) * kWidth + i];
                    if (!(std::abs(number - inputOf(item, window.committed() + k, i)) <= kAllowed * 10.0)) {
                        return "picture " + std::to_string(item) + ": row " + std::to_string(k) +
                               " reads something else";
                    }
                }
            }
        }
        return std::string();
    }

    /// Number i of the row that predicts a position, by the formula.
    double inputOf(std::uint32_t item, std::uint32_t position, std::uint32_t i) const
    {
        const auto columns = static_cast<int>(m_layout.columns);
        const int row = static_cast<int>(position) / columns - 1, column = static_cast<int>(position) % columns;
        const auto at = [&](std::uint32_t tableRow) { return m_table[std::size_t{tableRow} * kWidth + i]; };
        const auto neighbour = [&](std::uint32_t part, int shift) {
            const int place = column + shift;
            return row < 0 || place < 0 || place >= columns
                       ? at(tableOf(part) + kCodes)
                       : codeInput(item, static_cast<std::uint32_t>(row * columns + place), part, i);
        };
        const double previous = position == 0 ? at(tableOf(kParts)) : codeInput(item, position - 1, 0, i);
        return previous + neighbour(1, 1) + neighbour(2, -1) + at(tableOf(kParts) + 1 + position);
    }

    double codeInput(std::uint32_t item, std::uint32_t place, std::uint32_t part, std::uint32_t i) const
    {
        const Window& window = m_plain[item];
        const std::uint32_t level = place >= window.committed() ? window.level(place - window.committed()) : 0;
        const std::size_t number = part * kWidth + i;
        if (level > 0) {
            return m_noise[item].at(place)[number] * m_scale[number] + m_shift[level * kSize + number];
        }
        return m_table[(tableOf(part) + static_cast<std::size_t>(window.tokens()[place])) * kWidth + i];
    }

    const DeviceOps* m_ops;
    TokenLayout m_layout;
    WindowSetup m_setup;
    Warp<double> m_warp;
    std::vector<NoiseLevel> m_levels;
    std::vector<double> m_codes, m_scale, m_shift, m_table;
    std::vector<std::int32_t> m_shown;
    std::deque<Window> m_plain;
    std::vector<NoisyDrafts<double>> m_noise;
    std::vector<std::uint32_t> m_begun;
    std::vector<DeviceMemory> m_memory;
    EmbedJob m_embed;
    std::uint64_t m_replays = 0;
};

} // namespace

KernelCheck checkNoisyDrafts(const DeviceOps& ops)
{
    KernelCheck check;
    check.name = "noisy drafts, float64";
    check.outcome = KernelCheck::Outcome::Passed;
    check.detail = "every step, noisy embedding and input is the CPU decoder's";
    constexpr NoiseCase kCases[] = {{1, true}, {3, true}, {2, false}};
    for (const NoiseCase& noise : kCases) {
        const auto wrong = noise.steps == 3
                               ? NoisyPictureCheck<GumbelExactCoupling>(ops, CouplingKind::GumbelExact, noise).run()
                               : NoisyPictureCheck<MaximalCoupling>(ops, CouplingKind::Maximal, noise).run();
        if (!wrong) {
            return failedCheck(check.name, wrong.error());
        }
        if (!wrong->empty()) {
            check.outcome = KernelCheck::Outcome::Failed;
            check.detail = std::to_string(noise.steps) + " noise steps, " + *wrong;
            return check;
        }
    }
    return check;
}

} // namespace jacobi
