// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testmain.h"
#include "tests/widgets/stage.h"
#include "widgets/tokenwords.h"

#include <QLocale>

#include <limits>
#include <set>

using namespace jacobi;
using namespace jacobi::test;

namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr float kEndless = std::numeric_limits<float>::infinity();

} // namespace

class TokenWordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void placesAreCountedFromOne()
    {
        TraceModel model;
        QCOMPARE(placeName(model, 0), QString());
        model.appendHeader(makeHeader(3, 5));
        QCOMPARE(placeName(model, 0), QString("row 1, column 1"));
        QCOMPARE(placeName(model, 7), QString("row 2, column 3"));
        QCOMPARE(placeName(model, 14), QString("row 3, column 5"));
        QCOMPARE(placeName(model, 15), QString());
        QCOMPARE(placeName(model, -1), QString());
        model.appendHeader(makeHeader(1, 5)); // a line has no rows to name
        QCOMPARE(placeName(model, 2), QString());
    }

    void everyStateHasItsOwnName()
    {
        std::set<QString> names;
        for (int state = 0; state <= static_cast<int>(CellState::AcceptedBefore); ++state) {
            names.insert(stateName(static_cast<CellState>(state)));
        }
        QCOMPARE(names.size(), std::size_t{6});
        QCOMPARE(stateName(CellState::AcceptedNow), QString("accepted in this pass"));
        QCOMPARE(stateName(CellState::Outside), QString("not reached yet"));
    }

    void everyVerdictIsAWordOfItsOwn()
    {
        std::set<QString> words;
        for (int state = 0; state <= static_cast<int>(TokenState::Exited); ++state) {
            const QString word = verdictName(static_cast<TokenState>(state));
            QVERIFY(!word.isEmpty() && !word.contains(' '));
            words.insert(word);
        }
        QCOMPARE(words.size(), std::size_t{10});
        QCOMPARE(verdictName(TokenState::Resampled), QString("replaced"));
        QCOMPARE(verdictName(static_cast<TokenState>(99)), QString("–"));
    }

    void probabilities_data()
    {
        QTest::addColumn<float>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("usual") << 0.3121F << "0.312";
        QTest::newRow("one") << 1.0F << "1.000";
        QTest::newRow("none") << 0.0F << "0.000";
        QTest::newRow("least shown plainly") << 0.0006F << "0.001";
        QTest::newRow("tiny") << 0.0000041F << "4.1e-06";
        QTest::newRow("least there is") << std::numeric_limits<float>::denorm_min() << "1.4e-45";
        QTest::newRow("huge") << 123456.0F << "1.2e+05";
        QTest::newRow("rounded to huge") << 999.9997F << "1.0e+03";
        QTest::newRow("not evaluated") << kNone << "–";
        QTest::newRow("endless") << kEndless << "–";
    }

    void probabilities()
    {
        QFETCH(float, value);
        QFETCH(QString, text);
        QCOMPARE(probabilityText(value), text);
        QVERIFY(probabilityText(value).size() <= 7);
    }

    void ratios()
    {
        QCOMPARE(ratioText(0.5F, 0.25F), QString("2.00"));
        QCOMPARE(ratioText(0.0F, 0.25F), QString("0.00"));
        QCOMPARE(ratioText(0.5F, 0.0F), QString("–"));
        QCOMPARE(ratioText(kNone, 0.5F), QString("–"));
        QCOMPARE(ratioText(0.5F, kNone), QString("–"));
        QCOMPARE(ratioText(1.0F, 1e-30F), QString("1.0e+30"));
    }

    void numbersAreWrittenAsTheUsersCountryDoes()
    {
        QLocale::setDefault(QLocale(QLocale::German));
        QCOMPARE(probabilityText(0.25F), QString("0,250"));
    }
};

JACOBI_TEST(TokenWordsTest)
#include "tst_tokenwords.moc"
