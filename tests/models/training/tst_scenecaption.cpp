// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scenecaption.h"
#include "tests/testmain.h"

#include <algorithm>
#include <set>

using namespace jacobi;

namespace {

QStringList wordsOf(const std::string& caption)
{
    return QString::fromStdString(caption).remove(',').split(' ', Qt::SkipEmptyParts);
}

bool hasOneOf(const QStringList& words, std::initializer_list<const char*> wanted)
{
    return std::ranges::any_of(wanted, [&](const char* word) { return words.contains(word); });
}

/// One caption with its scene, told apart in a failure by the text.
struct Told {
    Scene scene;
    SceneCaption caption;
    QStringList words;
};

Told tell(std::uint64_t index, std::uint64_t variant)
{
    Told told;
    told.scene = planScene(11, index, SceneSet::All);
    told.caption = captionOf(told.scene, variant);
    told.words = wordsOf(told.caption.text);
    return told;
}

bool claims(const Told& told, Judged attribute)
{
    return valueOf(told.caption.claims.values, attribute) != kNotJudged;
}

} // namespace

class SceneCaptionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatItClaimsIsSo()
    {
        for (std::uint64_t i = 0; i < 3000; ++i) {
            const Told told = tell(i, i % 3);
            QVERIFY2(scoreClaims(told.caption.claims, judgedValuesOf(told.scene)).isWhole(), told.caption.text.c_str());
        }
    }

    // The words themselves, whatever the claims are.
    void noWordIsFalse()
    {
        for (std::uint64_t i = 0; i < 4000; ++i) {
            const Told told = tell(i, 1);
            const Scene& s = told.scene;
            const QStringList& w = told.words;
            const auto only = [&](std::initializer_list<const char*> words, bool isSo) {
                return !hasOneOf(w, words) || isSo;
            };
            const char* text = told.caption.text.c_str();
            QVERIFY2(only({"rain", "rainy", "raining"}, s.weather == Weather::Rain), text);
            QVERIFY2(only({"fog", "foggy", "mist", "misty"}, s.weather == Weather::Fog), text);
            QVERIFY2(only({"snowing", "falling", "snowfall"}, s.weather == Weather::Snowfall), text);
            QVERIFY2(only({"clear", "no"}, s.weather == Weather::Clear), text);
            QVERIFY2(only({"cloudy", "some"}, s.weather == Weather::Clouds || w.contains("flowers")), text);
            QVERIFY2(only({"stars", "starry"}, s.hasStars()), text);
            QVERIFY2(only({"snow", "snowy", "winter"}, s.hasSnow()), text);
            QVERIFY2(only({"spring"}, s.season == Season::Spring), text);
            QVERIFY2(only({"summer"}, s.season == Season::Summer && s.hasSeason()), text);
            QVERIFY2(only({"autumn", "fall"}, s.season == Season::Autumn), text);
            QVERIFY2(only({"night", "midnight", "moon"}, s.isNight()), text);
            QVERIFY2(only({"sun", "sunny"}, !s.isNight() && s.hasSun()), text);
            QVERIFY2(only({"noon", "midday", "day"}, s.time == SceneTime::Day), text);
            QVERIFY2(only({"noon", "midday"}, s.sunHeight == SunHeight::High), text);
            QVERIFY2(only({"sunset", "dusk", "evening", "setting", "sundown"}, s.time == SceneTime::Sunset), text);
            QVERIFY2(only({"dawn", "sunrise", "morning", "rising", "early"}, s.time == SceneTime::Dawn), text);
            QVERIFY2(only({"sea", "ocean", "lake", "water"}, s.terrain == Terrain::Sea), text);
            QVERIFY2(only({"desert", "dunes"}, s.terrain == Terrain::Desert), text);
            const auto coloured = [&](SubjectColour colour) {
                return (s.left.kind != SubjectKind::None && s.left.colour == colour) ||
                       (s.right.kind != SubjectKind::None && s.right.colour == colour);
            };
            for (const auto& [word, colour] :
                 {std::pair{"red", SubjectColour::Red}, std::pair{"yellow", SubjectColour::Yellow},
                  std::pair{"orange", SubjectColour::Orange}, std::pair{"pink", SubjectColour::Pink},
                  std::pair{"purple", SubjectColour::Purple}, std::pair{"brown", SubjectColour::Brown},
                  std::pair{"grey", SubjectColour::Grey}, std::pair{"gray", SubjectColour::Grey},
                  std::pair{"black", SubjectColour::Black}}) {
                QVERIFY2(only({word}, coloured(colour)), text);
            }
            QVERIFY2(only({"two"}, s.left.count == 2 || s.right.count == 2), text);
            QVERIFY2(only({"three"}, s.left.count == 3 || s.right.count == 3), text);
        }
    }

    void whatItClaimsIsSaid()
    {
        for (std::uint64_t i = 0; i < 3000; ++i) {
            const Told told = tell(i, 2);
            const Scene& s = told.scene;
            const char* text = told.caption.text.c_str();
            if (s.weather == Weather::Rain) {
                QCOMPARE(claims(told, Judged::Weather), hasOneOf(told.words, {"rain", "rainy", "raining"}));
            }
            if (s.weather == Weather::Fog) {
                QCOMPARE(claims(told, Judged::Weather), hasOneOf(told.words, {"fog", "foggy", "mist", "misty"}));
            }
            if (s.season == Season::Autumn) {
                QVERIFY2(claims(told, Judged::Season) == hasOneOf(told.words, {"autumn", "fall"}), text);
            }
            if (s.hasSnow()) {
                QVERIFY2(claims(told, Judged::Season) && hasOneOf(told.words, {"snow", "snowy", "winter"}), text);
            }
            QVERIFY2(claims(told, Judged::SunSide) == hasOneOf(told.words, {"sun", "moon"}), text);
            QVERIFY2(!claims(told, Judged::SunHeight) || hasOneOf(told.words, {"low", "high", "setting", "rising"}),
                     text);
            const bool subjects = s.left.kind != SubjectKind::None || s.right.kind != SubjectKind::None;
            if (subjects && !told.caption.claims.sides) {
                QVERIFY2(!claims(told, Judged::SunSide) || told.words.count("left") + told.words.count("right") <= 1,
                         text);
            }
            if (s.left.kind != SubjectKind::None && told.caption.claims.sides) {
                QVERIFY2(told.words.contains("left"), text);
            }
            if (s.right.kind != SubjectKind::None && told.caption.claims.sides) {
                QVERIFY2(told.words.contains("right"), text);
            }
        }
    }

    void mostCaptionsStateSunAndColours()
    {
        int sun = 0;
        int subjects = 0;
        int colours = 0;
        constexpr int kCount = 4000;
        for (std::uint64_t i = 0; i < kCount; ++i) {
            const Told told = tell(i, 0);
            sun += claims(told, Judged::SunSide) ? 1 : 0;
            for (const auto& [subject, colour] :
                 {std::pair{told.scene.left, Judged::LeftColour}, std::pair{told.scene.right, Judged::RightColour}}) {
                subjects += subject.kind != SubjectKind::None ? 1 : 0;
                colours += claims(told, colour) ? 1 : 0;
            }
        }
        QVERIFY2(sun > 0.75 * kCount && sun < 0.88 * kCount, qPrintable(QString::number(sun)));
        QVERIFY2(colours > 0.8 * subjects && colours < subjects, qPrintable(QString::number(colours)));
    }

    void captionsFitThePrompt()
    {
        int longest = 0;
        for (std::uint64_t i = 0; i < 20000; ++i) {
            longest = std::max(longest, wordsIn(captionOf(planScene(12, i), 0).text));
        }
        QVERIFY2(longest > 24 && longest <= longestSceneCaption(), qPrintable(QString::number(longest)));
        QVERIFY(longestSceneCaption() <= 32);
    }

    void theVocabularyIsWhatIsSaid()
    {
        std::set<std::string> said;
        for (std::uint64_t i = 0; i < 20000; ++i) {
            for (const QString& word : wordsOf(captionOf(planScene(13, i), 0).text)) {
                said.insert(word.toStdString());
            }
        }
        const std::set<std::string> known(sceneWords().begin(), sceneWords().end());
        QCOMPARE(known.size(), sceneWords().size());
        for (const std::string& word : said) {
            QVERIFY2(known.contains(word), word.c_str());
        }
        for (const std::string& word : known) {
            QVERIFY2(said.contains(word), word.c_str());
        }
        QVERIFY2(known.size() >= 90 && known.size() <= 130, qPrintable(QString::number(known.size())));
    }

    void promptsOfTheDocumentsAreKnown()
    {
        const std::set<std::string> known(sceneWords().begin(), sceneWords().end());
        for (const char* prompt :
             {"a red house by the sea at sunset", "a red house on the left below snowy mountains, sunset",
              "a red house by a lake at sunset", "midnight over snowy hills, a red house, clear sky with stars",
              "a white boat on the ocean on a bright day, the high sun in the middle, some clouds",
              "a purple cactus on the right, moon high on the left",
              "a blue lighthouse on hills in snow in the morning",
              "a green tree on the right in front of rocky mountains with snow at dusk, sun left", "two boats",
              "three trees", "the sun low on the left", "at dusk in autumn"}) {
            for (const QString& word : wordsOf(prompt)) {
                QVERIFY2(known.contains(word.toStdString()), qPrintable(word));
            }
        }
    }
};

JACOBI_TEST(SceneCaptionTest)
#include "tst_scenecaption.moc"
