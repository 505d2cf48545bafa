// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/kernelplugin.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

#include <QCoreApplication>
#include <QFile>
#include <QTemporaryDir>

#include <utility>

using namespace jacobi;

namespace {

KernelPlugin openTestPlugin(const char* name)
{
    return openKernelPlugin((QCoreApplication::applicationDirPath() + "/" + name).toStdString());
}

} // namespace

class KernelPluginTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneThatFits()
    {
        const KernelPlugin plugin = openTestPlugin("libtest_plugin_hosttable.so");
        QVERIFY2(plugin.ops != nullptr, plugin.detail.c_str());
        QVERIFY(plugin.problem.empty());
        DeviceDescription description;
        QCOMPARE(plugin.ops->describe(0, &description), 0);
        QVERIFY(plugin.ops->describe(1, &description) != 0);
    }

    void anotherVersionIsNotUsed()
    {
        const KernelPlugin other = openTestPlugin("libtest_plugin_othertable.so");
        QVERIFY(other.ops == nullptr);
        QVERIFY2(other.problem.find("another version") != std::string::npos, other.problem.c_str());
        const std::string next = "is number " + std::to_string(kDeviceOpsAbi + 1);
        QVERIFY2(other.detail.find(next) != std::string::npos, other.detail.c_str());
        const KernelPlugin none = openTestPlugin("libtest_plugin_notable.so");
        QVERIFY(none.ops == nullptr);
        QVERIFY(none.problem.find("another version") != std::string::npos);
    }

    void aCardWithoutCodeIsToldFromOneThatIsFullOrLost()
    {
        QCOMPARE(whyNoKernels(hostOps(), 0).value(), std::string());
        static int code = 0;
        DeviceOps ops = hostOps();
        ops.hasKernels = [](int) { return code; };
        ops.describe = [](int, DeviceDescription* out) {
            *out = DeviceDescription{};
            out->major = 12;
            out->minor = 1;
            return 0;
        };
        code = 209; // cudaErrorNoKernelImageForDevice
        QCOMPARE(whyNoKernels(ops, 0).value(),
                 std::string("the kernels of this build have no code for its compute capability 12.1 (a build with "
                             "-DCMAKE_CUDA_ARCHITECTURES=121 has)"));
        for (const auto& [found, expected] : {std::pair{kDeviceOutOfMemory, ErrorCode::OutOfMemory},
                                              {702, ErrorCode::NoDevice},
                                              {101, ErrorCode::Internal}}) {
            code = found;
            const auto asked = whyNoKernels(ops, 0);
            QVERIFY(!asked);
            QCOMPARE(asked.error().code, expected);
        }
    }

    void whatIsNotThereOrNoLibrary()
    {
        QCOMPARE(openKernelPlugin("/nonexistent/libjacobi_cuda.so").problem,
                 std::string("this build has no GPU engine"));
        QCOMPARE(openKernelPlugin({}).problem, std::string("this build has no GPU engine"));
        const QTemporaryDir folder;
        QFile file(folder.filePath("libjacobi_cuda.so"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("not a library");
        file.close();
        const KernelPlugin broken = openKernelPlugin(file.fileName().toStdString());
        QVERIFY(broken.ops == nullptr);
        QVERIFY(broken.problem.find("cannot be opened") != std::string::npos);
        QVERIFY(!broken.detail.empty());
    }

    void itIsLookedForBesideThisCode()
    {
        const std::filesystem::path path = kernelPluginPath();
        QCOMPARE(path.filename().string(), std::string("libjacobi_cuda.so"));
        QVERIFY(std::filesystem::equivalent(path.parent_path(), QCoreApplication::applicationDirPath().toStdString()));
    }
};

JACOBI_TEST(KernelPluginTest)
#include "tst_kernelplugin.moc"
