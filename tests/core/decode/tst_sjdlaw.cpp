// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/initialisation.h"
#include "tests/core/decode/chisquare.h"
#include "tests/core/decode/decoderrun.h"
#include "tests/testmain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr std::array<const char*, 4> kCouplings{"independent", "maximal", "gumbel-exact", "gumbel-spec"};
constexpr std::array<std::uint32_t, 4> kWindows{1, 2, 4, 8};
constexpr std::array<const char*, 4> kMasks{"no mask", "line ends", "a set a column", "terminal"};
constexpr std::array<double, 2> kTopP{1.0, 0.85};
constexpr std::array<double, 3> kTemperatures{1.0, 0.7, 1.4};

/// One index into each of: couplings, initialisations, windows, masks, top-p, temperatures.
using Setup = std::array<std::size_t, 6>;
constexpr Setup kLevels{kCouplings.size(), kInitialisations.size(), kWindows.size(), kMasks.size(),
                        kTopP.size(),      kTemperatures.size()};

/// Every coupling with every initialisation and every window; the others so that every two values meet.
std::vector<Setup> setups()
{
    std::vector<Setup> all;
    for (std::size_t coupling = 0; coupling < kLevels[0]; ++coupling) {
        for (std::size_t initialisation = 0; initialisation < kLevels[1]; ++initialisation) {
            for (std::size_t window = 0; window < kLevels[2]; ++window) {
                all.push_back({coupling, initialisation, window, (coupling + initialisation + 3 * window) % kLevels[3],
                               (coupling / 2 + initialisation + window) % kLevels[4], all.size() % kLevels[5]});
            }
        }
    }
    return all;
}

TokenLayout layoutOf(std::size_t mask)
{
    switch (mask) {
    case 1: return inLines(lineEndLayout(6, 3, 2, {2, 5}), 3);
    case 2: return columnSetLayout(2, 3, 3);
    default: break;
    }
    TokenLayout layout = inLines(plainLayout(6, 3), 3);
    if (mask == 3) {
        layout.terminals = {1};
    }
    return layout;
}

} // namespace

/// The law of the pictures that the decoder really makes, in batches, against that of sequential sampling.
class SjdLawTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTwoValuesMeet()
    {
        const std::vector<Setup> all = setups();
        for (std::size_t a = 0; a < kLevels.size(); ++a) {
            for (std::size_t b = a + 1; b < kLevels.size(); ++b) {
                std::set<std::pair<std::size_t, std::size_t>> met;
                for (const Setup& setup : all) {
                    met.emplace(setup[a], setup[b]);
                }
                QCOMPARE(met.size(), kLevels[a] * kLevels[b]);
            }
        }
    }

    void followsTheLaw_data()
    {
        QTest::addColumn<std::size_t>("index");
        const std::vector<Setup> all = setups();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const Setup& s = all[i];
            QTest::addRow("%s, %s, window %u, %s, top-p %.2f, temperature %.1f", kCouplings[s[0]],
                          kInitialisations[s[1]].name.data(), kWindows[s[2]], kMasks[s[3]], kTopP[s[4]],
                          kTemperatures[s[5]])
                << i;
        }
    }
    /// 40000 pictures, every step of every picture checked, chi-square over all sequences.
    void followsTheLaw()
    {
        QFETCH(std::size_t, index);
        constexpr std::size_t kItems = 200;
        constexpr std::size_t kSamples = 40000;
        const Setup setup = setups()[index];
        DecodeSettings settings;
        settings.method = "sjd";
        settings.coupling = kCouplings[setup[0]];
        settings.initialisation = kInitialisations[setup[1]].name;
        settings.window = kWindows[setup[2]];
        settings.topP = kTopP[setup[4]];
        settings.temperature = kTemperatures[setup[5]];
        const TokenLayout layout = layoutOf(setup[3]);
        const TokenTable table = TokenTable(6, 3, 31).warped(plainLayout(6, 3), {.temperature = 3.0}); // rather flat
        const TokenTable laws = table.warped(layout, {1.0, settings.temperature, 0, settings.topP});
        const std::vector<double> law = sequentialLaw(laws, layout);
        QVERIFY(std::ranges::count_if(law, [](double p) { return p * kSamples >= 5.0; }) >= 8);
        std::vector<std::uint64_t> counts(law.size(), 0);
        TableModel model(table, layout, index % 2 == 0 ? at::kDouble : at::kFloat);
        for (settings.seed = 0; settings.seed < kSamples; settings.seed += kItems) {
            const DecoderRun run = runDecoder(settings, model, kItems);
            QCOMPARE(run.wrong, QString());
            for (std::size_t i = 0; i < kItems; ++i) {
                ++counts[sequenceNumber(run.tokens[i], run.lengths[i], layout.codes)];
            }
        }
        const double z = chiSquareScore(counts, law);
        QVERIFY2(std::abs(z) < 4.0, qPrintable(QString::number(z)));
    }
};

JACOBI_TEST(SjdLawTest)
#include "tst_sjdlaw.moc"
