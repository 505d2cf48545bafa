// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/guard.h"

#include "core/cuda/hostkernels.h"
#include "core/device/expectdone.h"
#include "tests/testmain.h"

#include <c10/util/Exception.h>

#include <new>
#include <stdexcept>
#include <string>

using namespace jacobi;

namespace {

/// What the guard makes of it.
template <class Exception>
Error guardedError(const Exception& exception)
{
    const Result<void> done = guarded([&]() -> Result<void> { throw exception; });
    return done ? Error{} : done.error();
}

/// As libtorch reports a code of CUDA's runtime; nothing is to be read off the text.
Error errorOfCode(int code)
{
    return guardedError(c10::AcceleratorError({"run", "file.cpp", 1}, code, "CUDA error: something"));
}

/// As libtorch reports what has no code.
Error errorOfText(const std::string& text)
{
    return guardedError(c10::Error({"run", "file.cpp", 1}, text));
}

bool says(const Error& error, const char* words)
{
    return error.message.find(words) != std::string::npos;
}

} // namespace

class GuardTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatSucceedsIsPassedOn()
    {
        QCOMPARE(*guarded([]() -> Result<int> { return 3; }), 3);
        QCOMPARE(guarded([]() -> Result<int> { return fail(ErrorCode::Io, "Full."); }).error().message,
                 std::string("Full."));
    }

    void aLostDeviceIsKnownByItsCode()
    {
        for (const int code : {46, 214, 220, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911, 999}) {
            const Error error = errorOfCode(code);
            QCOMPARE(error.code, ErrorCode::NoDevice);
            QVERIFY(says(error, "start the program again"));
            QVERIFY(error.cpuWouldDo);
            QCOMPARE(error.detail, std::string("CUDA error: something"));
        }
    }

    void otherCodesAreToldApart()
    {
        QCOMPARE(errorOfCode(kDeviceOutOfMemory).code, ErrorCode::OutOfMemory);
        QVERIFY(says(errorOfCode(kDeviceOutOfMemory), "The GPU ran out of memory."));
        for (const int code : {1, 101, 209, 701, kDeviceNotSupported}) {
            const Error error = errorOfCode(code);
            QCOMPARE(error.code, ErrorCode::Internal);
            QVERIFY(error.cpuWouldDo);
        }
    }

    void aLostDeviceWithoutACodeIsKnownByItsText()
    {
        for (const char* text :
             {"CUDA driver error: an illegal memory access was encountered",
              "CUDA driver error: the launch timed out and was terminated", "CUDA driver error: hardware stack error",
              "CUDA driver error: invalid program counter",
              "CUDA driver error: operation not supported on global/shared address space"}) {
            QCOMPARE(errorOfText(text).code, ErrorCode::NoDevice);
        }
        QCOMPARE(errorOfText("shapes do not match").code, ErrorCode::Internal);
        QVERIFY(!errorOfText("shapes do not match").cpuWouldDo);
    }

    void aDevicesMemoryIsToldFromTheComputers()
    {
        for (const char* text : {"CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                                 "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
                                 "cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
                                 "CUDA out of memory. Tried to allocate 2.00 GiB."}) {
            const Error error = errorOfText(text);
            QCOMPARE(error.code, ErrorCode::OutOfMemory);
            QVERIFY(says(error, "The GPU ran out of memory."));
            for (const char* knob : {"window", "pictures", "precision"}) {
                QVERIFY(says(error, knob));
            }
        }
        const c10::OutOfMemoryError full({"run", "file.cpp", 1}, "CUDA out of memory. Tried to allocate 2.00 GiB.");
        QVERIFY(says(guardedError(full), "The GPU ran out of memory."));
        for (const Error& error :
             {errorOfText("DefaultCPUAllocator: can't allocate memory: you tried"), guardedError(std::bad_alloc())}) {
            QCOMPARE(error.code, ErrorCode::OutOfMemory);
            QVERIFY(says(error, "The computer ran out of memory."));
            QVERIFY(!error.cpuWouldDo);
        }
    }

    /// The very error comes back, whatever its sentence says.
    void whatADeviceReportsGoesThroughCodeThatThrows()
    {
        for (const int code : {0, kDeviceOutOfMemory, 702, 801}) {
            const Result<void> done = guarded([&]() -> Result<void> {
                expectDone(hostOps(), code, "make a pass");
                return {};
            });
            QCOMPARE(done.has_value(), code == 0);
            if (!done) {
                const Error expected = deviceError(hostOps(), code, "make a pass");
                QCOMPARE(done.error().code, expected.code);
                QCOMPARE(done.error().message, expected.message);
                QCOMPARE(done.error().detail, expected.detail);
                QCOMPARE(done.error().cpuWouldDo, expected.cpuWouldDo);
            }
        }
        const Error own{ErrorCode::Cancelled, "Stopped.", "out of memory", false};
        const Error found = guardedError(DeviceFailure(own));
        QCOMPARE(found.code, ErrorCode::Cancelled);
        QCOMPARE(found.message, own.message);
        QCOMPARE(std::string(DeviceFailure(own).what()), std::string("Stopped. [out of memory]"));
    }

    void everythingElseIsOurs()
    {
        QCOMPARE(guardedError(std::runtime_error("no")).detail, std::string("no"));
        QCOMPARE(guardedError(42).code, ErrorCode::Internal);
    }
};

JACOBI_TEST(GuardTest)
#include "tst_guard.moc"
