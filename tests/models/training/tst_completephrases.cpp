// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/completecaption.h"
#include "models/training/scenerandom.h"
#include "tests/testmain.h"

#include <QRegularExpression>
#include <QStringList>

using namespace jacobi;

namespace {

const QString kNumbers = QStringLiteral("two|three");
const QString kColours = QStringLiteral("red|yellow|blue|white|green|orange|pink|purple|brown|grey|black");

/// What a user may write of one subject, and what may become of it.
struct Written {
    QString text;
    QString completed; ///< a regular expression
};

/// Prompts in the words that users take, known to captions or not.
class Writer {
public:
    explicit Writer(std::uint64_t seed) : m_random(seed, 0, ScenePart::Caption) {}

    Written prompt()
    {
        Written all;
        const int subjects = 1 + m_random.pick(2);
        for (int i = 0; i < subjects; ++i) {
            const Written one = subject();
            const QString between = i == 0 ? QString() : oneOf({" and ", ", ", " behind ", " near "});
            all.text += between + one.text;
            all.completed += QRegularExpression::escape(between) + one.completed;
        }
        const QString rest = oneOf({"", "", " by a lake", ", violet mountains, night, full moon", ", at dusk",
                                    " in the rain", " over the hills in winter"});
        all.text += rest;
        // Behind what was written come place, time, sun, weather and season, and inside of it the moon's height and side.
        QString written = QRegularExpression::escape(rest);
        written.replace(QStringLiteral("moon"), QStringLiteral("moon[a-z ]*"));
        all.completed =
            "^" + all.completed + written + "(, (?!.*(house|tree|pine|boat|bird|horse|cact|balloon|deer)).*)?$";
        return all;
    }

private:
    QString oneOf(const QStringList& list) { return list[m_random.pick(static_cast<int>(list.size()))]; }

    Written subject()
    {
        const bool several = m_random.chance(0.7F);
        const QString determiner =
            several
                ? oneOf({"", "", "two", "three", "3", "four", "several", "some", "the", "my", "the two", "a pair of"})
                : oneOf({"a", "a", "the", "one", "", "this"});
        const QString noun = several ? oneOf({"trees", "boats", "houses", "pines", "pine trees", "hot air balloons",
                                              "cacti", "birds", "horses"})
                                     : oneOf({"tree", "boat", "house", "pine", "tower", "balloon", "cactus", "deer"});
        QStringList adjectives;
        for (int i = m_random.pick(3); i > 0; --i)
            adjectives << oneOf({"dark", "snowy", "tall", "old", "bright", "misty", "shiny", "weathered", "autumn"});
        if (m_random.chance(0.35F))
            adjectives.insert(m_random.pick(static_cast<int>(adjectives.size()) + 1),
                              oneOf({"red", "green", "white", "violet", "golden", "black"}));
        const QString between = m_random.chance(0.7F) ? QStringLiteral(" ") : oneOf({" and ", ", "});
        if (determiner.isEmpty() && between != " ")
            adjectives.removeAll("autumn"); // "autumn and dark boats" are two things
        const QString joined = adjectives.join(between);
        return written(determiner, joined, noun, several);
    }

    Written written(const QString& determiner, const QString& adjectives, const QString& noun, bool several)
    {
        static const QRegularExpression colour("\\b(" + kColours + "|violet|golden)\\b");
        const bool isNumbered = !several || (!determiner.isEmpty() && determiner != "the");
        const QString number = isNumbered ? QString() : "((" + kNumbers + ") )?";
        const QString ownColour = adjectives.contains(colour) ? QString() : "((" + kColours + ") )?";
        const QString sideBefore = m_random.chance(0.15F) ? oneOf({"on the left ", "on the right, "}) : QString();
        const QString sideAfter =
            sideBefore.isEmpty() && m_random.chance(0.25F) ? oneOf({" on the right", " to the left"}) : QString();
        const QString side = sideBefore.isEmpty() && sideAfter.isEmpty() ? "( on the (left|right))?" : sideAfter;
        const auto spaced = [](const QString& words) { return words.isEmpty() ? words : words + " "; };
        const QString article = determiner == "a" ? QStringLiteral("an? ") : spaced(determiner);
        return {sideBefore + spaced(determiner) + spaced(adjectives) + noun + sideAfter,
                sideBefore + article + number + spaced(adjectives) + ownColour + noun + side};
    }

    SceneRandom m_random;
};

} // namespace

class CompletePhrasesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Nothing that is filled in contradicts what was said: the words stay, in their order; no phrase that has a number or an
    /// article gets a number, and none that has a colour another one, wherever in the phrase it stands.
    void noPhraseIsContradicted()
    {
        for (std::uint64_t seed = 0; seed < 4000; ++seed) {
            const Written prompt = Writer(seed).prompt();
            const QRegularExpression expected(prompt.completed);
            QVERIFY2(expected.isValid(), qPrintable(prompt.completed));
            const QString completed = QString::fromStdString(completeCaption(prompt.text.toStdString(), seed));
            QVERIFY2(completed.contains(expected),
                     qPrintable(prompt.text + " -> " + completed + "\nshould be " + prompt.completed));
        }
    }

    /// Plurals in words of the captions, of which nothing says how many, still get a number.
    void bareNounsAreCounted()
    {
        const QRegularExpression counted("\\b(" + kNumbers + ") ");
        for (const char* prompt :
             {"trees", "dark trees", "the snowy boats", "black birds", "a house and bright green trees"})
            QVERIFY2(QString::fromStdString(completeCaption(prompt, 5)).contains(counted), prompt);
    }
};

JACOBI_TEST(CompletePhrasesTest)
#include "tst_completephrases.moc"
