// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/requestchanges.h"
#include "tests/app/studio/fakebackend.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;

class RequestChangesTest : public QObject {
    Q_OBJECT

    static RunRequest request()
    {
        RunRequest request;
        request.modelId = fakeModel().id;
        return request;
    }

private Q_SLOTS:
    void whatIsKeptIsNotMentioned()
    {
        RunRequest shown = request();
        shown.precision = kAutoName;
        shown.device = "auto";
        QCOMPARE(requestChanges(request(), shown, fakeModel(), false), QStringList());
    }

    void anotherModelIsNamed()
    {
        RunRequest wanted = request();
        wanted.modelId = "elsewhere";
        const QStringList words = requestChanges(wanted, request(), fakeModel(), false);
        QCOMPARE(words.size(), 1);
        QVERIFY(words.first().contains("“elsewhere”") && words.first().contains("“Tiny”"));
    }

    void otherWeightsUnderTheSameNameAreToldOf()
    {
        ModelInfo model = fakeModel();
        model.hash = "aa";
        RunRequest wanted = request();
        wanted.modelHash = "aa";
        QVERIFY(requestChanges(wanted, request(), model, false).isEmpty());
        wanted.modelHash = "bb";
        QCOMPARE(requestChanges(wanted, request(), model, false).size(), 1);
    }

    /// What is usual on a device is what a run there has anyway.
    void thePrecisionIsComparedWithTheDevices_data()
    {
        QTest::addColumn<QString>("precision");
        QTest::addColumn<bool>("onGpu");
        QTest::addColumn<bool>("isTold");
        QTest::newRow("usual on the CPU") << "float32" << false << false;
        QTest::newRow("usual on a GPU") << "bfloat16" << true << false;
        QTest::newRow("auto") << "auto" << true << false;
        QTest::newRow("of the CPU, on a GPU") << "float32" << true << true;
        QTest::newRow("of a GPU, on the CPU") << "bfloat16" << false << true;
        QTest::newRow("double") << "float64" << false << true;
    }
    void thePrecisionIsComparedWithTheDevices()
    {
        QFETCH(QString, precision);
        QFETCH(bool, onGpu);
        QFETCH(bool, isTold);
        RunRequest wanted = request();
        wanted.precision = precision.toStdString();
        RunRequest shown = request();
        shown.precision = kAutoName;
        QCOMPARE(!requestChanges(wanted, shown, fakeModel(), onGpu).isEmpty(), isTold);
        shown.precision = "int8"; // chosen for a GPU; the CPU takes its own
        QCOMPARE(!requestChanges(wanted, shown, fakeModel(), false).isEmpty(),
                 precision != "auto" && precision != "float32");
        shown.precision = wanted.precision;
        QVERIFY(requestChanges(wanted, shown, fakeModel(), true).isEmpty());
    }

    void eachNumberThatIsAnotherIsNamedWithBothValues()
    {
        RunRequest wanted = request();
        wanted.topK = 600;
        wanted.pictures = 65;
        RunRequest shown = request();
        shown.topK = 8;
        shown.pictures = 64;
        QCOMPARE(requestChanges(wanted, shown, fakeModel(), false),
                 QStringList({"Top-k: 8 instead of 600.", "Pictures: 64 instead of 65."}));
    }

    void aMethodThatTheWindowDoesNotHaveIsNamed()
    {
        RunRequest wanted = request();
        wanted.method = "jacobi";
        const QStringList words = requestChanges(wanted, request(), fakeModel(), false);
        QCOMPARE(words.size(), 1);
        QVERIFY2(words.first().startsWith("Method: SJD"), qPrintable(words.first()));
    }
};

JACOBI_TEST(RequestChangesTest)
#include "tst_requestchanges.moc"
