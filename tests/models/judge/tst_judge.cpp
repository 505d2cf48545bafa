// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/backend.h"
#include "models/judge/judge.h"
#include "models/judge/judgetrainer.h"
#include "models/scenes/tensorfile.h"
#include "models/training/exportscenes.h"
#include "models/training/sceneplan.h"
#include "tests/models/scenes/tinyscenes.h"
#include "tests/testmain.h"

#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <ATen/ATen.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

const QString kShipped = QStringLiteral(JACOBI_SOURCE_DIR "/models/pretrained/judge");

std::filesystem::path pathOf(const QTemporaryDir& folder)
{
    return folder.path().toStdString();
}

void replaceInFile(const QString& path, const QByteArray& from, const QByteArray& to)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray text = file.readAll();
    file.close();
    QVERIFY(text.contains(from));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(QByteArray(text).replace(from, to));
}

} // namespace

class JudgeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(5); }

    void itComesBackAsItWasRounded()
    {
        const QTemporaryDir folder;
        const TensorMap weights = randomTensors(judgeTensors());
        const auto written = exportJudge(pathOf(folder), weights);
        QVERIFY2(written, written ? "" : written.error().message.c_str());
        QVERIFY(QFileInfo(folder.filePath("judge.safetensors")).size() < 2'000'000);
        const auto read = Judge::load(pathOf(folder));
        QVERIFY2(read, read ? "" : (read.error().message + read.error().detail).c_str());
        QCOMPARE(read->hash().size(), 64U);
        const at::Tensor pictures = at::randint(256, {3, kJudgeSide, kJudgeSide, 3}, at::kByte);
        const Judge rounded(roundedToHalf(weights));
        QVERIFY(at::equal(read->features(pictures), rounded.features(pictures)));
        for (std::size_t i = 0; i < kJudgedCount; ++i) {
            QVERIFY(at::equal(read->judge(pictures)[i], rounded.judge(pictures)[i]));
        }
        QVERIFY(worst(Judge(weights).features(pictures), read->features(pictures)) > 0.0); // rounding does something
    }

    void bytesAndNumbersAreReadAlike()
    {
        const Judge judge(randomTensors(judgeTensors()));
        const at::Tensor bytes = at::randint(256, {2, kJudgeSide, kJudgeSide, 3}, at::kByte);
        QVERIFY(at::equal(judge.features(bytes), judge.features(bytes.to(at::kFloat) / 255.0)));
        QVERIFY(at::equal(bytesOfPictures(bytes.permute({0, 3, 1, 2}).to(at::kFloat) / 255.0), bytes));
    }

    void manyPicturesAreReadAsOneByOne()
    {
        const Judge judge(randomTensors(judgeTensors()));
        const at::Tensor pictures = at::rand({35, kJudgeSide, kJudgeSide, 3}); // more than are looked at together
        const at::Tensor all = judge.features(pictures);
        QCOMPARE(all.sizes().vec(), (std::vector<std::int64_t>{35, kJudgeFeatures}));
        QVERIFY(worst(all[34], judge.features(pictures.narrow(0, 34, 1))[0]) < 1e-3 * all.abs().max().item<double>());
        QCOMPARE(judge.features(pictures.narrow(0, 0, 0)).size(0), 0);
        QCOMPARE(judge.values(pictures).size(), 35U);
    }

    /// A larger picture is read as the small one that it shows.
    void largerPicturesAreReadByTheirMeans()
    {
        const Judge judge(randomTensors(judgeTensors()));
        const at::Tensor small = at::rand({2, kJudgeSide, kJudgeSide, 3});
        const at::Tensor large = small.repeat_interleave(2, 1).repeat_interleave(2, 2);
        QVERIFY(worst(judge.features(large), judge.features(small)) <
                1e-4 * judge.features(small).abs().max().item<double>());
        QVERIFY(judgeReads(256, 256));
        for (const auto& [width, height] :
             {std::pair{64, 64}, std::pair{128, 256}, std::pair{192, 192}, std::pair{0, 0}}) {
            QVERIFY(!judgeReads(width, height));
        }
    }

    void whatDoesNotApplyIsNotAnswered()
    {
        // Only biases speak: every picture is a rainy sea without subjects.
        TensorMap weights;
        for (const auto& [name, tensor] : randomTensors(judgeTensors())) {
            weights[name] = at::zeros_like(tensor);
        }
        weights["head.weather.bias"][static_cast<std::int64_t>(Weather::Rain)] = 1.0;
        weights["head.terrain.bias"][static_cast<std::int64_t>(Terrain::Sea)] = 1.0;
        weights["head.side_colour.bias"][3] = 1.0;
        const at::Tensor picture = at::rand({1, kJudgeSide, kJudgeSide, 3});
        const JudgedValues empty = Judge(weights).values(picture).front();
        QCOMPARE(valueOf(empty, Judged::Weather), static_cast<int>(Weather::Rain));
        QCOMPARE(valueOf(empty, Judged::LeftKind), static_cast<int>(SubjectKind::None));
        for (const Judged attribute : {Judged::Season, Judged::SunSide, Judged::SunHeight, Judged::LeftColour,
                                       Judged::LeftCount, Judged::RightColour, Judged::RightCount}) {
            QCOMPARE(valueOf(empty, attribute), kNotJudged);
        }
        weights["head.side_kind.bias"][static_cast<std::int64_t>(SubjectKind::Lighthouse)] = 1.0;
        const JudgedValues towers = Judge(weights).values(picture).front();
        QCOMPARE(valueOf(towers, Judged::RightColour), 3);
        QCOMPARE(valueOf(towers, Judged::RightCount), kNotJudged); // there is only ever one
    }

    void itIsNoModelToGenerateWith()
    {
        const QTemporaryDir folder;
        std::filesystem::create_directories(pathOf(folder) / "judge");
        QVERIFY(exportJudge(pathOf(folder) / "judge", randomTensors(judgeTensors())));
        QVERIFY(findModels({folder.path().toStdString()}).empty());
    }

    void damageIsTold_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* what, ErrorCode code, const char* says) {
            QTest::newRow(what) << QString(what) << static_cast<int>(code) << QString(says);
        };
        row("no folder", ErrorCode::NotFound, "judge.json");
        row("no weights", ErrorCode::NotFound, "judge.safetensors");
        row("cut weights", ErrorCode::Corrupt, "judge.safetensors");
        row("altered weights", ErrorCode::Corrupt, "SHA-256");
        row("no JSON", ErrorCode::Corrupt, "judge.json");
        row("another kind", ErrorCode::Corrupt, "kind");
        row("newer", ErrorCode::Unsupported, "newer");
        row("other attributes", ErrorCode::Unsupported, "train judge");
        row("another file", ErrorCode::Corrupt, "files");
    }
    void damageIsTold()
    {
        QFETCH(QString, what);
        QFETCH(int, code);
        QFETCH(QString, says);
        const QTemporaryDir folder;
        const QString json = folder.filePath("judge.json");
        const QString weights = folder.filePath("judge.safetensors");
        QVERIFY(exportJudge(pathOf(folder), randomTensors(judgeTensors())));
        if (what == "no folder") {
            QVERIFY(QFile::remove(json));
        } else if (what == "no weights") {
            QVERIFY(QFile::remove(weights));
        } else if (what == "cut weights") {
            QVERIFY(QFile::resize(weights, 1000));
        } else if (what == "altered weights") {
            QFile file(weights);
            QVERIFY(file.open(QIODevice::ReadWrite));
            file.seek(file.size() - 1);
            file.write("x");
        } else if (what == "no JSON") {
            replaceInFile(json, "{", "[");
        } else if (what == "another kind") {
            replaceInFile(json, "\"kind\": \"judge\"", "\"kind\": \"scenes\"");
        } else if (what == "newer") {
            replaceInFile(json, "\"schema\": 1", "\"schema\": 2");
        } else if (what == "other attributes") {
            replaceInFile(json, "\"sunset\"", "\"teatime\"");
        } else {
            replaceInFile(json, "judge.safetensors", "other.safetensors");
        }
        const auto read = Judge::load(pathOf(folder));
        QVERIFY(!read);
        QCOMPARE(static_cast<int>(read.error().code), code);
        const QString told = QString::fromStdString(read.error().message);
        QVERIFY2((told + QString::fromStdString(read.error().detail)).contains(says), qPrintable(told));
        QVERIFY2(told.endsWith('.'), qPrintable(told));
    }

    void theShippedOneReadsFreshPictures()
    {
        if (!QFileInfo::exists(kShipped)) {
            QSKIP("This build comes without models/pretrained/judge, so its judge cannot be measured.");
        }
        const auto weights = readTensors((kShipped + "/judge.safetensors").toStdString(), judgeTensors(), at::kFloat);
        QVERIFY2(weights, weights ? "" : weights.error().message.c_str());
        QVERIFY(Judge::load(kShipped.toStdString()));
        const JudgeFigures figures = measureJudge(*weights, 77, 0, 300); // a seed that it was not trained with
        for (std::size_t i = 0; i < kJudgedCount; ++i) {
            const double share = static_cast<double>(figures[i].right) / static_cast<double>(figures[i].asked);
            QVERIFY2(share >= 0.985,
                     qPrintable(QString("%1: %2 of %3")
                                    .arg(QString::fromStdString(std::string(nameOf(static_cast<Judged>(i)))))
                                    .arg(figures[i].right)
                                    .arg(figures[i].asked)));
        }
    }
};

JACOBI_TEST(JudgeTest)
#include "tst_judge.moc"
