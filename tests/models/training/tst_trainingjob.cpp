// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainingjob.h"

#include "core/cuda/devicememory.h"
#include "core/device/expectdone.h"
#include "tests/testmain.h"

#include <c10/util/Exception.h>
#include <nlohmann/json.hpp>

#include <new>
#include <stdexcept>

using namespace jacobi;

namespace {

/// What a training says that is stopped by this exception.
template <class Exception>
Error stoppedBy(const Exception& exception)
{
    const Result<nlohmann::json> done = runTraining(1, [&]() -> Result<nlohmann::json> { throw exception; });
    return done ? Error{} : done.error();
}

/// As libtorch reports a code of CUDA's runtime.
c10::AcceleratorError ofCode(int code)
{
    return {{"run", "file.cpp", 1}, code, "CUDA error: something"};
}

bool says(const Error& error, const char* words)
{
    return error.message.find(words) != std::string::npos;
}

} // namespace

class TrainingJobTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatItReturnsIsPassedOn()
    {
        QCOMPARE(runTraining(1, [] { return Result<nlohmann::json>(3); })->get<int>(), 3);
        const auto refused = runTraining(1, []() -> Result<nlohmann::json> { return fail(ErrorCode::Io, "Full."); });
        QCOMPARE(refused.error().code, ErrorCode::Io);
        QCOMPARE(refused.error().message, std::string("Full."));
    }

    /// Each kind of trouble has its code and its sentence, and all say how to go on.
    void whatIsThrownIsToldApart()
    {
        const Error card = stoppedBy(ofCode(kDeviceOutOfMemory));
        QCOMPARE(card.code, ErrorCode::OutOfMemory);
        QVERIFY2(says(card, "the GPU ran out of memory") && says(card, "batch=N"), card.message.c_str());
        QVERIFY(!says(card, "window"));
        const Error computer = stoppedBy(std::bad_alloc());
        QCOMPARE(computer.code, ErrorCode::OutOfMemory);
        QVERIFY2(says(computer, "the computer ran out of memory"), computer.message.c_str());
        const Error lost = stoppedBy(ofCode(719)); // cudaErrorLaunchFailure
        QCOMPARE(lost.code, ErrorCode::NoDevice);
        QVERIFY2(says(lost, "the GPU stopped working"), lost.message.c_str());
        const Error internal = stoppedBy(std::runtime_error("shapes"));
        QCOMPARE(internal.code, ErrorCode::Internal);
        QCOMPARE(internal.detail, std::string("shapes"));
        const Error carried = stoppedBy(DeviceFailure(Error{ErrorCode::Unsupported, "This card cannot.", "why", true}));
        QCOMPARE(carried.code, ErrorCode::Unsupported);
        QVERIFY(says(carried, "This card cannot. The last checkpoint"));
        for (const Error& error : {card, computer, lost, internal, carried, stoppedBy(3)}) {
            QVERIFY2(says(error, "The last checkpoint is kept; the same command goes on from there."),
                     error.message.c_str());
            QVERIFY(!error.cpuWouldDo); // its option is another command's
        }
    }
};

JACOBI_TEST(TrainingJobTest)
#include "tst_trainingjob.moc"
