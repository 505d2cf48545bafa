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
// An embedding has more numbers than a block draws or mixes at once, and a part of it more than one reads at once.
constexpr std::uint32_t kItems = 2, kCodes = 97, kWindow = 11, kWidth = 353, kParts = 3, kSize = kParts * kWidth;

/// What rounding to the stored type explains, of numbers around 1.
template <class Stored>
constexpr double kAllowed = std::is_same_v<Stored, double>  ? 1e-11
                            : std::is_same_v<Stored, float> ? 1e-5
                                                            : 0.02;

/// Passes that drafts spend as noise, and whether they are redrawn afterwards.
struct NoiseCase {
    std::uint32_t steps = 1;
    bool refines = true;
};

/// Two pictures whose drafts begin as noise, by the CPU's window and noise (as sjd2.cpp puts them together) and by the device.
/// Tokens and logits hang on each other only, so that they are the same whatever rounding does to noise.
template <class Stored, class Coupling>
class NoisyPictureCheck {
public:
    NoisyPictureCheck(const DeviceOps& ops, CouplingKind kind, NoiseCase noise, std::uint64_t seed)
        : m_ops(&ops),
          m_layout(checkedLayout(kCodes)),
          m_warp({1.0, 0.9, 40, 1.0}),
          m_levels(noiseLevels({}, noise.steps)),
          m_codes(normalNumbers<Real>(std::size_t{kCodes} * kSize, 31)),
          m_scale(normalNumbers<Real>(kSize, 32)),
          m_shift(normalNumbers<Real>(m_levels.size() * kSize, 33)),
          m_table(normalNumbers<Stored>(std::size_t{kParts * (kCodes + 1) + m_layout.positions() + 1} * kWidth, 34)),
          m_shown(std::size_t{kItems} * m_layout.positions())
    {
        m_setup.knobs = {1.0, 0.9, 1.0, 40};
        m_setup.coupling = kind;
        m_setup.logitsType = kNumberType<Stored>;
        m_setup.items = kItems;
        m_setup.window = kWindow;
        m_setup.seed = seed;
        m_setup.noise.steps = noise.steps;
        m_setup.noise.refines = noise.refines ? 1 : 0;
        m_setup.noise.size = kSize;
        for (std::size_t i = 0; i < m_shown.size(); ++i) {
            m_shown[i] = static_cast<std::int32_t>(i * 7 % (kCodes - 1));
        }
        for (std::uint32_t item = 0; item < kItems; ++item) {
            m_plain.emplace_back(m_layout, kWindow, PhiloxDraws<Real>(seed + item), Initialisation::Uniform,
                                 typename Window::Noise{noise.steps, noise.refines});
            m_noise.emplace_back(seed + item, m_levels, kWindow, std::span<const Real>(m_codes), std::size_t{kSize});
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
    using Real = RealOf<Stored>;
    using Window = DraftWindow<Real, Coupling, PhiloxDraws<Real>>;

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
            pointer = static_cast<std::remove_reference_t<decltype(pointer)>>(m_memory.back().template as<>());
        };
        const std::vector<NoiseMix> levels(m_levels.begin(), m_levels.end());
        const std::vector<std::int32_t> first(kItems, static_cast<std::int32_t>(kParts * (kCodes + 1)));
        put(m_setup.noise.levels, levels);
        put(m_setup.noise.shown, m_shown);
        put(m_setup.noise.codes, m_codes);
        put(m_setup.noise.scale, m_scale);
        put(m_setup.noise.shift, m_shift);
        put(m_setup.noise.fresh, std::vector<Real>(std::size_t{kItems} * m_layout.positions() * kSize, Real(0)));
        put(m_setup.noise.rows, std::vector<Real>(std::size_t{kItems} * kWindow * kSize, Real(0)));
        put(m_embed.first, first);
        put(m_embed.table, m_table);
        put(m_embed.y, std::vector<Stored>(std::size_t{kItems} * kWindow * kWidth));
        using enum EmbedPart::Source;
        m_embed.type = kNumberType<Stored>;
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
        const auto logits = checkedLogits<Stored>(m_plain, m_setup, kCodes);
        const std::vector<Real> plainLogits = loaded(logits);
        if (const int code = m_ops->toDevice(windows.logits(), logits.data(), logits.size() * sizeof(Stored), nullptr);
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
            advancePlainly(window, plainLogits, item, m_setup, m_layout, m_warp, plain);
            denoise(item);
            recordNoise(item, plain);
            if (const std::string wrong =
                    differenceOf(windows.step(m_replays - 1, item), plain, kAllowedOfRecord<Stored>);
                !wrong.empty()) {
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
        const auto found = fetched<Stored>(*m_ops, m_embed.y, std::size_t{kItems} * kWindow * kWidth);
        if (!found) {
            return tl::unexpected(found.error());
        }
        for (std::uint32_t item = 0; item < kItems; ++item) {
            const Window& window = m_plain[item];
            for (std::uint32_t k = 0; !window.done() && k < window.rows(); ++k) {
                const Stored* row = found->data() + (std::size_t{item} * kWindow + k) * kWidth;
                if (!isInput(row, item, window.committed() + k)) {
                    return "picture " + std::to_string(item) + ": row " + std::to_string(k) + " reads something else";
                }
            }
        }
        return std::string();
    }

    bool isInput(const Stored* row, std::uint32_t item, std::uint32_t position) const
    {
        for (std::uint32_t i = 0; i < kWidth; ++i) {
            const double expected = inputOf(item, position, i);
            const double error = std::abs(static_cast<double>(load(row[i])) - expected) / (1.0 + std::abs(expected));
            if (!(error <= kAllowed<Stored>)) {
                return false;
            }
        }
        return true;
    }

    /// Number i of the row that predicts a position, by the formula.
    double inputOf(std::uint32_t item, std::uint32_t position, std::uint32_t i) const
    {
        const auto columns = static_cast<int>(m_layout.columns);
        const int row = static_cast<int>(position) / columns - 1, column = static_cast<int>(position) % columns;
        const auto at = [&](std::uint32_t tableRow) { return inTable(tableRow, i); };
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
            const auto e = static_cast<double>(m_noise[item].at(place)[number]);
            return e * static_cast<double>(m_scale[number]) + static_cast<double>(m_shift[level * kSize + number]);
        }
        return inTable(tableOf(part) + static_cast<std::uint32_t>(window.tokens()[place]), i);
    }

    double inTable(std::uint32_t row, std::uint32_t i) const
    {
        return static_cast<double>(load(m_table[std::size_t{row} * kWidth + i]));
    }

    const DeviceOps* m_ops;
    TokenLayout m_layout;
    WindowSetup m_setup;
    Warp<Real> m_warp;
    std::vector<NoiseLevel> m_levels;
    std::vector<Real> m_codes, m_scale, m_shift;
    std::vector<Stored> m_table;
    std::vector<std::int32_t> m_shown;
    std::deque<Window> m_plain;
    std::vector<NoisyDrafts<Real>> m_noise;
    std::vector<std::uint32_t> m_begun;
    std::vector<DeviceMemory> m_memory;
    EmbedJob m_embed;
    std::uint64_t m_replays = 0;
};

template <class Stored>
Result<std::string> wrongOf(const DeviceOps& ops, NoiseCase noise)
{
    return wrongOfPictures<Stored>([&](std::uint64_t seed) {
        return noise.steps == 3
                   ? NoisyPictureCheck<Stored, GumbelExactCoupling>(ops, CouplingKind::GumbelExact, noise, seed).run()
                   : NoisyPictureCheck<Stored, MaximalCoupling>(ops, CouplingKind::Maximal, noise, seed).run();
    });
}

/// False where something is wrong, which `check` then says.
template <class Stored>
bool passes(const DeviceOps& ops, KernelCheck& check)
{
    constexpr NoiseCase kCases[] = {{1, true}, {3, true}, {2, false}};
    for (const NoiseCase& noise : kCases) {
        const Result<std::string> wrong = wrongOf<Stored>(ops, noise);
        if (!wrong) {
            check = failedCheck(check.name, wrong.error());
            return false;
        }
        if (!wrong->empty()) {
            check.outcome = KernelCheck::Outcome::Failed;
            check.detail =
                std::string(kNumberName<Stored>) + ", " + std::to_string(noise.steps) + " noise steps, " + *wrong;
            return false;
        }
    }
    return true;
}

} // namespace

KernelCheck checkNoisyDrafts(const DeviceOps& ops)
{
    KernelCheck check;
    check.name = "noisy drafts, every kind of number";
    if (passes<double>(ops, check) && passes<float>(ops, check) && passes<BFloat16>(ops, check)) {
        check.outcome = KernelCheck::Outcome::Passed;
        check.detail = "every step, noisy embedding and input is the CPU decoder's";
    }
    return check;
}

} // namespace jacobi
