// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/decoder.h"
#include "tests/core/decode/tablemodel.h"
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
