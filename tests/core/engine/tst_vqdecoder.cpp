// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/vqdecoder.h"

#include "core/engine/benchshapes.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

using namespace jacobi;

namespace {

/// Two levels, one block each but the one more, no attention in a level.
constexpr VqShape kSmall{4, 32, 32, {1, 2, 0, 0, 0}, 0, false};

at::Tensor someCodes()
{
    return at::remainder(at::arange(12, at::kLong) * 5, 16).view({1, 12});
}

at::Tensor pixelsOf(const VqShape& shape, at::ScalarType type, at::MemoryFormat format)
{
    const c10::InferenceMode inference;
    const VqDecoder decoder(shape, 3, 4, 16, at::TensorOptions().dtype(type), format);
    return decoder.pixels(someCodes()).to(at::kDouble);
}

double difference(const at::Tensor& a, const at::Tensor& b)
{
    return ((a - b).abs().max() / b.abs().max()).item<double>();
}

} // namespace

class VqDecoderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyShapeHasItsPicturesSize()
    {
        std::vector<std::pair<std::string_view, std::int64_t>> patches;
        for (const BenchShape& shape : kBenchShapes) {
            patches.emplace_back(shape.name, shape.pictures.patch());
        }
        QCOMPARE(patches, (std::vector<std::pair<std::string_view, std::int64_t>>{{"tiny", 2},
                                                                                  {"llamagen-xl", 16},
                                                                                  {"janus-pro-1b", 16},
                                                                                  {"janus-pro-7b", 16},
                                                                                  {"lumina-mgpt-7b", 16},
                                                                                  {"emu3-8b", 8}}));
    }

    void pixelsAreNumbersThatHangOnTheCodes()
    {
        const c10::InferenceMode inference;
        VqDecoder decoder(kSmall, 3, 4, 16, at::kFloat, at::MemoryFormat::Contiguous);
        const at::Tensor pixels = decoder.pixels(someCodes());
        QCOMPARE(pixels.sizes().vec(), (std::vector<std::int64_t>{1, 3, 6, 8}));
        QVERIFY(at::isfinite(pixels).all().item<bool>());
        const double size = pixels.abs().mean().item<double>();
        QVERIFY2(size > 0.05 && size < 20.0, qPrintable(QString::number(size)));
        at::Tensor other = someCodes();
        other[0][5] = 3;
        QVERIFY(difference(decoder.pixels(other), pixels) > 0.01);
        const at::Tensor bytes = decoder.decode(someCodes());
        QCOMPARE(bytes.sizes().vec(), (std::vector<std::int64_t>{1, 6, 8, 3}));
        QVERIFY(bytes.scalar_type() == at::kByte);
    }

    /// What is timed in several types and layouts is one and the same network.
    void typesAndLayoutsGiveTheSamePicture()
    {
        VqShape attentive = kSmall;
        attentive.attendsLevel = true;
        for (const VqShape& shape : {kSmall, attentive}) {
            const at::Tensor exact = pixelsOf(shape, at::kDouble, at::MemoryFormat::Contiguous);
            QVERIFY(difference(pixelsOf(shape, at::kFloat, at::MemoryFormat::Contiguous), exact) < 1e-4);
            QVERIFY(difference(pixelsOf(shape, at::kFloat, at::MemoryFormat::ChannelsLast), exact) < 1e-4);
            QVERIFY(difference(pixelsOf(shape, at::kBFloat16, at::MemoryFormat::ChannelsLast), exact) < 0.15);
        }
        QVERIFY(difference(pixelsOf(attentive, at::kDouble, at::MemoryFormat::Contiguous),
                           pixelsOf(kSmall, at::kDouble, at::MemoryFormat::Contiguous)) > 0.01);
    }

    /// Added up by hand for kSmall on 3 x 4 codes: 12 places of 64 channels, then 48 of 32.
    void theCostIsThatOfItsConvolutions()
    {
        const c10::InferenceMode inference;
        const VqDecoder decoder(kSmall, 3, 4, 16, at::kFloat, at::MemoryFormat::Contiguous);
        const double wide = 64.0 * 64.0 * 9.0; // weights of a convolution of the lower level
        const double low = 4.0 * 32.0 + 32.0 * 64.0 * 9.0 + 2.0 * 3.0 * wide + 64.0 * 64.0 * 4.0;
        const double high = wide + (64.0 * 32.0 * 9.0 + 32.0 * 32.0 * 9.0 + 64.0 * 32.0) + 32.0 * 3.0 * 9.0;
        const double attention = 4.0 * 64.0 * 12.0 * 12.0;
        QCOMPARE(decoder.cost().operations, 2.0 * (12.0 * low + 48.0 * high) + attention);
        const double lowOutputs = 32.0 + 64.0 + 6.0 * 64.0 + 4.0 * 64.0 + 64.0;
        const double highOutputs = 64.0 + 3.0 * 32.0 + 3.0;
        QCOMPARE(decoder.cost().numbers, 2.0 * (12.0 * lowOutputs + 48.0 * highOutputs) + low + high);
    }
};

JACOBI_TEST(VqDecoderTest)
#include "tst_vqdecoder.moc"
