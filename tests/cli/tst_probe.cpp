// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors.h"
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QTemporaryDir>

using namespace jacobi;
using namespace jacobi::test;

namespace {

QString golden()
{
    return QStringLiteral(JACOBI_TEST_DATA "/golden/tarflow");
}

} // namespace

class ProbeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aGoldenFolder()
    {
        const QTemporaryDir folder;
        const QString out = folder.filePath("out.safetensors");
        const Ran ran =
            runJacobi({"probe", "--model", golden(), "--inputs", golden() + "/reverse.safetensors", "--out", out});
        QCOMPARE(ran.code, 0);
        const auto file = SafetensorsFile::open(out.toStdString());
        QVERIFY(file);
        const TensorEntry* picture = file->find("guided_const.after_b0");
        QVERIFY(picture != nullptr);
        QVERIFY(picture->shape == (std::vector<std::int64_t>{3, 3, 16, 16}));
    }

    void mistakesAreTold()
    {
        QCOMPARE(runJacobi({"probe"}).code, 2);
        QCOMPARE(runJacobi({"probe", "--model", "nowhere", "--inputs", "nowhere", "--out", "x"}).code, 3);
        const QTemporaryDir folder;
        const QStringList request{"probe", "--model", golden(), "--inputs", golden() + "/weights.safetensors", "--out"};
        const Ran nowhere = runJacobi(request + QStringList{"/nonexistent/x"});
        QCOMPARE(nowhere.code, 3);
        QVERIFY(nowhere.err.contains("/nonexistent/x"));
        const Ran empty = runJacobi(request + QStringList{folder.filePath("x")});
        QCOMPARE(empty.code, 2);
        QVERIFY(empty.err.contains("holds no inputs"));
    }
};

JACOBI_TEST(ProbeTest)
#include "tst_probe.moc"
