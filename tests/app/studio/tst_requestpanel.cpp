// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/requestpanel.h"
#include "tests/app/studio/studiodriver.h"
#include "tests/testmain.h"

#include <QScrollArea>

using namespace jacobi;
using namespace jacobi::test;

class RequestPanelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyMethodFitsIntoTheWidth_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"sequential", "sjd", "sjd2"}) {
            QTest::newRow(method) << QString(method);
        }
    }
    /// The panel does not scroll sideways: what is wider would be cut off.
    void everyMethodFitsIntoTheWidth()
    {
        QFETCH(QString, method);
        Theme::apply(*qApp, Theme::Mode::Dark);
        RequestPanel panel;
        ModelInfo model = fakeModel();
        model.name = "A model, tuned for SJD2";
        model.parameters = 6'200'000;
        model.mostNoiseSteps = 3;
        panel.setModels({model});
        RunRequest request;
        request.modelId = model.id;
        request.method = method.toStdString();
        panel.setRequest(request);
        panel.resize(panel.width(), 900);
        panel.show();
        QVERIFY(QTest::qWaitForWindowExposed(&panel));
        const auto* scroll = panel.findChild<QScrollArea*>();
        QVERIFY(scroll != nullptr);
        QVERIFY2(scroll->widget()->minimumSizeHint().width() <= scroll->viewport()->width(),
                 qPrintable(QStringLiteral("%1 > %2")
                                .arg(scroll->widget()->minimumSizeHint().width())
                                .arg(scroll->viewport()->width())));
    }
};

JACOBI_TEST(RequestPanelTest)
#include "tst_requestpanel.moc"
