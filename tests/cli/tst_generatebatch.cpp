// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
// ctest-labels: unit cli
// ctest-timeout: 900
#include "core/trace/tracefile.h"
#include "tests/cli/cliprocess.h"
#include "tests/testmain.h"

#include <QImage>
#include <QJsonArray>
#include <QTemporaryDir>

#include <set>

using namespace jacobi::test;

/// `jacobi generate --batch` with the built-in model.
class GenerateBatchTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const QString& name) const { return m_folder.filePath(name); }

    // float64: a pass over two pictures rounds otherwise than one over one.
    const QStringList m_request{"generate", "--prompt",    "the sea at night", "--guidance",
                                "1",        "--precision", "float64"};

private Q_SLOTS:
    void initTestCase() { QVERIFY(hasBuiltInModel()); }

    void everyPictureHasItsFile()
    {
        const Ran ran = runJacobi(m_request + QStringList{"--batch", "2", "--seed", "21", "--out", file("x.png"),
                                                          "--trace", file("x.jtrace"), "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files, QDir::Name),
                 (QStringList{"x-0.png", "x-1.png", "x.jtrace"}));
        QCOMPARE(QImage(file("x-0.png")).size(), QSize(128, 128));
        QVERIFY(QImage(file("x-0.png")) != QImage(file("x-1.png")));

        const QJsonObject json = ran.json();
        QCOMPARE(json["pictures"].toArray(), (QJsonArray{file("x-0.png"), file("x-1.png")}));
        QCOMPARE(json["picture"].toString(), file("x-0.png"));
        QCOMPARE(json["request"]["pictures"].toInt(), 2);
        QCOMPARE(json["tokens"].toInt(), 512);
        QCOMPARE(json["near_ties"].toInt(), 0);
        QVERIFY(json["passes"].toInt() < 256);
        QCOMPARE(json["picture_count"].toInt(), 2);
        const double each = json["tokens_per_pass_per_picture"].toDouble();
        QVERIFY(each < json["tokens_per_pass"].toDouble() && 2.0 * each >= json["tokens_per_pass"].toDouble());
        QVERIFY2(ran.err.contains("2 pictures"), qPrintable(ran.err));
        QVERIFY2(ran.err.contains("a pass of all pictures"), qPrintable(ran.err));
        const Ran info = runJacobi({"trace", "info", file("x.jtrace")});
        QVERIFY2(info.out.contains("of all 2 pictures together") && info.out.contains("per picture"),
                 qPrintable(info.out));
        QCOMPARE(
            runJacobi({"trace", "info", "--json", file("x.jtrace")}).json()["tokens_per_pass_per_picture"].toDouble(),
            each);
        QVERIFY2(ran.err.contains("512 of 512 tokens"), qPrintable(ran.err));

        const auto trace = jacobi::readTrace(std::filesystem::path(file("x.jtrace").toStdString()));
        QVERIFY(trace.has_value() && trace->damage.empty());
        QCOMPARE(trace->header->request.pictures, 2);
        QCOMPARE(trace->summary->tokens, 512U);
        std::set<std::uint32_t> finals;
        for (const auto& preview : trace->previews) {
            if (preview->isFinal) {
                finals.insert(preview->item);
            }
        }
        QCOMPARE(finals, (std::set<std::uint32_t>{0, 1}));
    }

    void theSecondIsThatOfTheNextSeed()
    {
        const QStringList text = m_request + QStringList{"--seed", "22", "--quiet", "--out", file("alone.png")};
        QCOMPARE(runJacobi(text).code, 0);
        QVERIFY(!QImage(file("alone.png")).isNull());
        QCOMPARE(QImage(file("alone.png")), QImage(file("x-1.png")));
    }

    void withoutANameEachHasItsSeed()
    {
        const QTemporaryDir folder;
        const Ran ran = runJacobi(m_request + QStringList{"--batch", "2", "--seed", "21"}, folder.path());
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files, QDir::Name),
                 (QStringList{"scenes-21.png", "scenes-22.png"}));
        QCOMPARE(QImage(folder.filePath("scenes-22.png")), QImage(file("x-1.png")));
        QVERIFY2(ran.out.contains("Picture: scenes-21.png\nPicture: scenes-22.png\n"), qPrintable(ran.out));
        QVERIFY2(ran.out.contains("512 tokens") && ran.out.contains("of all 2 pictures together"), qPrintable(ran.out));
    }

    void aBatchOfOneKeepsItsName()
    {
        const QTemporaryDir folder;
        const QString out = folder.filePath("one.png");
        QCOMPARE(runJacobi(m_request + QStringList{"--batch", "1", "--quiet", "--out", out}).code, 0);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{"one.png"});
    }
};

JACOBI_TEST(GenerateBatchTest)
#include "tst_generatebatch.moc"
