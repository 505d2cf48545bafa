// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/decoder.h"
#include "core/decode/initialisation.h"
#include "tests/core/decode/decoderrun.h"
#include "tests/testmain.h"

#include <QString>

using namespace jacobi;
using namespace jacobi::test;

class DecoderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyMethodIsMade()
    {
        TableModel model(TokenTable(4, 3, 1), plainLayout(4, 3));
        for (const char* method : {"sequential", "sjd"}) {
            DecodeSettings settings;
            settings.method = method;
            settings.window = 2;
            const auto decoder = makeDecoder(settings, model);
            QVERIFY(decoder.has_value());
            QVERIFY(*decoder != nullptr);
            QVERIFY((*decoder)->start({{1}}).has_value());
            QVERIFY(!(*decoder)->done());
            QCOMPARE((*decoder)->tokens(0).size(), std::size_t{4});
        }
    }

    void everyCouplingAndInitialisationIsMade()
    {
        for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
            TableModel model(TokenTable(6, 3, 1), inLines(plainLayout(6, 3), 3), type);
            for (const char* coupling : {"independent", "maximal", "gumbel-exact", "gumbel-spec"}) {
                for (const auto& [initialisation, name] : kInitialisations) {
                    DecodeSettings settings;
                    settings.method = "sjd";
                    settings.coupling = coupling;
                    settings.initialisation = name;
                    settings.window = 3;
                    QCOMPARE(runDecoder(settings, model, 2).wrong, QString());
                }
            }
        }
    }

    /// Jacobi iteration is greedy, so that it needs temperature 0; it then is greedy sequential sampling.
    void jacobiIsGreedy()
    {
        TableModel model(TokenTable(15, 4, 3), inLines(plainLayout(15, 4), 5));
        DecodeSettings settings;
        settings.method = "jacobi";
        settings.window = 6;
        for (const double temperature : {1.0, 0.001}) {
            settings.temperature = temperature;
            QCOMPARE(runDecoder(settings, model).code, ErrorCode::InvalidRequest);
        }
        settings.temperature = 0.0;
        DecodeSettings greedy = settings;
        greedy.method = "sequential";
        const auto expected = runDecoder(greedy, model).tokens;
        for (const char* coupling : {"independent", "maximal", "gumbel-exact", "gumbel-spec"}) {
            for (const auto& [initialisation, name] : kInitialisations) {
                settings.coupling = coupling;
                settings.initialisation = name;
                const DecoderRun run = runDecoder(settings, model);
                QCOMPARE(run.wrong, QString());
                QCOMPARE(run.tokens, expected);
                QVERIFY(run.steps.size() <= 15);
            }
        }
        settings.coupling = "maximum";
        QCOMPARE(runDecoder(settings, model).code, ErrorCode::InvalidRequest);
    }

    void unknownNamesAreRefused_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("coupling");
        QTest::addColumn<QString>("initialisation");
        QTest::addColumn<QString>("named");
        QTest::newRow("method") << "sdj"
                                << "independent"
                                << "uniform"
                                << "sdj";
        QTest::newRow("no method") << ""
                                   << "independent"
                                   << "uniform"
                                   << "";
        QTest::newRow("coupling") << "sjd"
                                  << "maximum"
                                  << "uniform"
                                  << "maximum";
        QTest::newRow("initialisation") << "sjd"
                                        << "independent"
                                        << "zeros"
                                        << "zeros";
        QTest::newRow("case matters") << "SJD"
                                      << "independent"
                                      << "uniform"
                                      << "SJD";
    }
    void unknownNamesAreRefused()
    {
        QFETCH(QString, method);
        QFETCH(QString, coupling);
        QFETCH(QString, initialisation);
        QFETCH(QString, named);
        TableModel model(TokenTable(4, 3, 1), plainLayout(4, 3));
        DecodeSettings settings;
        settings.method = method.toStdString();
        settings.coupling = coupling.toStdString();
        settings.initialisation = initialisation.toStdString();
        const auto decoder = makeDecoder(settings, model);
        QVERIFY(!decoder.has_value());
        QCOMPARE(decoder.error().code, ErrorCode::InvalidRequest);
        QVERIFY(!decoder.error().message.empty());
        QVERIFY(QString::fromStdString(decoder.error().detail).contains(named));
    }

    /// Coupling and initialisation mean nothing to sequential sampling.
    void sequentialNeedsNoCoupling()
    {
        TableModel model(TokenTable(4, 3, 1), plainLayout(4, 3));
        DecodeSettings settings;
        settings.coupling = "";
        settings.initialisation = "";
        QVERIFY(makeDecoder(settings, model).has_value());
    }
};

JACOBI_TEST(DecoderTest)
#include "tst_decoder.moc"
