// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/scenes/tensorfile.h"

#include "tests/testmain.h"

#include <QTemporaryDir>

#include <ATen/ATen.h>

#include <limits>

using namespace jacobi;

class TensorFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsRead()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("weights.safetensors").toStdString();
        const TensorMap written{{"half", at::randn({3, 5000}).to(at::kHalf)},
                                {"whole", at::randn({7})},
                                {"large", at::tensor({65504.0, -65504.0, 6e-8, 0.0}).to(at::kHalf)}};
        QVERIFY(writeTensorFile(path, written, {{"step", "4"}}).has_value());
        const auto all = readTensorFile(path);
        QVERIFY(all);
        QCOMPARE(all->metadata.at("step"), std::string("4"));
        for (const auto& [name, value] : written) {
            QVERIFY(at::equal(all->tensors.at(name), value));
        }
        const auto wanted = readTensors(path, {{"half", {3, 5000}}, {"whole", {7}}, {"large", {4}}}, at::kFloat, true);
        QVERIFY(wanted);
        QVERIFY(at::equal(wanted->at("half"), written.at("half").to(at::kFloat)));
        QVERIFY(at::equal(wanted->at("large"), written.at("large").to(at::kFloat)));
    }

    void oneNumberThatIsNotFiniteIsFound_data()
    {
        QTest::addColumn<double>("number");
        QTest::newRow("infinity") << std::numeric_limits<double>::infinity();
        QTest::newRow("minus infinity") << -std::numeric_limits<double>::infinity();
        QTest::newRow("no number") << std::numeric_limits<double>::quiet_NaN();
    }

    /// At the start, at the end, and on either side of where pieces of the check meet.
    void oneNumberThatIsNotFiniteIsFound()
    {
        QFETCH(const double, number);
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("weights.safetensors").toStdString();
        constexpr std::int64_t kNumbers = 300'001;
        for (const at::ScalarType type : {at::kHalf, at::kFloat, at::kDouble}) {
            for (const std::int64_t at : {0L, 4095L, 4096L, 262'143L, 262'144L, kNumbers - 1}) {
                at::Tensor tensor = at::ones({kNumbers}, type);
                tensor[at].fill_(number);
                QVERIFY(writeTensorFile(path, {{"weights", tensor}}, {}).has_value());
                const auto read = readTensorFile(path);
                QVERIFY(!read);
                QCOMPARE(read.error().code, ErrorCode::Corrupt);
                QVERIFY(read.error().message.find("weights holds a number that is not finite") != std::string::npos);
            }
        }
    }
};

JACOBI_TEST(TensorFileTest)
#include "tst_tensorfile.moc"
