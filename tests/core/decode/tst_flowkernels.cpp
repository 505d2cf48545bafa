// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/flowkernels.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

using namespace jacobi;

namespace {

double apart(const at::Tensor& a, const at::Tensor& b)
{
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

template <class Real>
constexpr at::ScalarType typeOf()
{
    return std::is_same_v<Real, float> ? at::kFloat : at::kDouble;
}

template <class Real>
constexpr double tolerance()
{
    return std::is_same_v<Real, float> ? 2e-5 : 1e-12;
}

template <class Real>
void compareLayers()
{
    at::manual_seed(1);
    const auto random = [](std::vector<std::int64_t> shape) { return at::randn(shape, typeOf<Real>()); };
    for (const std::int64_t width : {1, 5, 16, 64, 131}) {
        const at::Tensor bias = random({width});
        const at::Tensor weight = random({width});
        const at::Tensor shift = random({width});
        at::Tensor h = random({3, width});
        const at::Tensor sum = h + bias;
        at::Tensor y = at::empty_like(h);
        kernels::addBiasNorm<Real>(bias.template const_data_ptr<Real>(), weight.template const_data_ptr<Real>(),
                                   shift.template const_data_ptr<Real>(), h.template mutable_data_ptr<Real>(),
                                   y.template mutable_data_ptr<Real>(), 3, width);
        QVERIFY(apart(h, sum) == 0.0);
        QVERIFY(apart(y, at::layer_norm(sum, {width}, weight, shift, 1e-5)) < 10 * tolerance<Real>());
    }
    at::Tensor x = at::linspace(-12.0, 12.0, 4001, typeOf<Real>());
    const at::Tensor expected = at::gelu(x.to(at::kDouble));
    kernels::gelu<Real>(x.template mutable_data_ptr<Real>(), x.numel());
    QVERIFY(apart(x, expected) < (std::is_same_v<Real, float> ? 2e-6 : 1e-14));
}

template <class Real>
void compareAttention()
{
    at::manual_seed(2);
    const std::int64_t lanes = 2;
    const std::int64_t heads = 3;
    const std::int64_t tokens = 9;
    const auto options = at::TensorOptions().dtype(typeOf<Real>());
    const at::Tensor qkv = at::randn({lanes, tokens, 3, heads, 64}, options);
    const at::Tensor scale = at::tensor({0.125, 0.3}, options);
    const auto part = [&](std::int64_t i) { return qkv.select(2, i).transpose(1, 2); };
    const at::Tensor expected = at::scaled_dot_product_attention(part(0) * scale.view({lanes, 1, 1, 1}), part(1),
                                                                 part(2), std::nullopt, 0.0, true, 1.0)
                                    .transpose(1, 2);
    at::Tensor keys = at::zeros({lanes, heads, tokens, 64}, options);
    at::Tensor values = at::zeros_like(keys);
    for (std::int64_t first = 0; first < tokens; first += 3) { // three windows of three
        const at::Tensor window = qkv.narrow(1, first, 3).contiguous();
        at::Tensor out = at::empty({lanes, 3, heads, 64}, options);
        const kernels::CachedShape shape{lanes, 3, first, heads, 64, tokens};
        kernels::storeKeysValues<Real>(window.template const_data_ptr<Real>(), keys.template mutable_data_ptr<Real>(),
                                       values.template mutable_data_ptr<Real>(), shape);
        kernels::attendCached<Real>(window.template const_data_ptr<Real>(), keys.template const_data_ptr<Real>(),
                                    values.template const_data_ptr<Real>(), scale.template const_data_ptr<Real>(),
                                    out.template mutable_data_ptr<Real>(), shape);
        QVERIFY(apart(out, expected.narrow(1, first, 3)) < tolerance<Real>());
    }
}

} // namespace

class FlowKernelsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void layers()
    {
        compareLayers<float>();
        compareLayers<double>();
    }

    void attention()
    {
        compareAttention<float>();
        compareAttention<double>();
    }

    void anUpdate()
    {
        // Two tokens are rewritten, the first alone; guidance 1, annealed over 4 tokens.
        const double guided[] = {0.5, 1.0, 0.0, 2.0};
        const double unguided[] = {0.0, 0.0, 0.0, 5.0};
        const double z[] = {7.0, 2.0, 3.0, 4.0};
        double x[] = {7.0, 1.0, 1.0, 1.0};
        kernels::TokenChange changes[4];
        kernels::UpdateShape shape;
        shape.batch = 1;
        shape.tokens = 4;
        shape.channels = 1;
        shape.rows = 2;
        shape.from = 1;
        shape.scaleGuidance = shape.shiftGuidance = 1.0;
        shape.annealed = true;
        kernels::updateTokens<double>(guided, unguided, z, z, x, changes, shape);
        const double third = 1.0 / 3.0;
        QCOMPARE(x[0], 7.0);
        QCOMPARE(x[1], 2.0 * std::exp(0.5 + third * 0.5) + 1.0 + third * 1.0);
        QCOMPARE(x[2], 3.0 + 2.0 + 2.0 * third * (2.0 - 5.0));
        QCOMPARE(x[3], 1.0);
        QCOMPARE(changes[1].largest, std::abs(x[1] - 1.0));
        QCOMPARE(changes[2].squares, (x[2] - 1.0) * (x[2] - 1.0));
        // From token 2 on only.
        x[1] = 9.0;
        shape.from = 2;
        kernels::updateTokens<double>(guided, unguided, z, z, x, changes, shape);
        QCOMPARE(x[1], 9.0);
    }

    void valuesThatCannotStandAreReplaced()
    {
        const float infinity = std::numeric_limits<float>::infinity();
        const float bad[] = {std::nanf(""), infinity, -infinity, 3e15F, 2.0F};
        for (const double clip : {0.0, 3.0}) {
            float x[] = {0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F};
            const float z[10] = {};
            float start[10];
            std::fill(std::begin(start), std::end(start), 0.5F);
            kernels::TokenChange changes[2];
            kernels::UpdateShape shape;
            shape.batch = 1;
            shape.tokens = 2;
            shape.channels = 5;
            shape.rows = 1;
            shape.from = 1;
            shape.affine = false;
            shape.clip = clip;
            kernels::updateTokens<float>(bad, nullptr, z, start, x, changes, shape);
            QCOMPARE(x[5], 0.5F); // NaN is none, whatever the clip
            QCOMPARE(x[6], clip > 0.0 ? 3.0F : 0.5F);
            QCOMPARE(x[7], clip > 0.0 ? -3.0F : 0.5F);
            QCOMPARE(x[8], clip > 0.0 ? 3.0F : 0.5F);
            QCOMPARE(x[9], 2.0F);
            QCOMPARE(changes[1].replaced, std::int64_t{clip > 0.0 ? 1 : 4});
        }
    }
};

JACOBI_TEST(FlowKernelsTest)
#include "tst_flowkernels.moc"
