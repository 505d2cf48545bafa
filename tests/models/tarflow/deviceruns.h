// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cuda/hostkernels.h"
#include "core/device/deviceflow.h"
#include "models/tarflow/devicetarflow.h"
#include "tests/models/tarflow/flowruns.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <memory>

namespace jacobi::test {

inline constexpr double kExact = 1e-9; // float64; sums run in another order

inline DeviceFlow onDevice(const TarFlowWeights& weights)
{
    return DeviceFlow(hostOps(), std::make_unique<DeviceTarFlow>(placedOn(weights, at::kCPU)));
}

/// Largest difference, of large numbers by their size.
inline double differenceOf(const at::Tensor& a, const at::Tensor& b)
{
    return ((a - b).abs() / b.abs().clamp_min(1.0)).max().item<double>();
}

/// Both runs, whose states were kept, took the same passes, which did the same.
inline void compareRuns(const FlowRunResult& found, const FlowRunResult& expected, double allowed = kExact)
{
    QCOMPARE(found.error, expected.error);
    QCOMPARE(found.steps.size(), expected.steps.size());
    QCOMPARE(found.states.size(), expected.states.size());
    QCOMPARE(found.report.rows, expected.report.rows);
    QCOMPARE(found.report.passes, expected.report.passes);
    QVERIFY(differenceOf(found.tokens, expected.tokens) < allowed);
    for (std::size_t i = 0; i < found.states.size(); ++i) {
        const double off = differenceOf(found.states[i], expected.states[i]);
        QVERIFY2(off < allowed, qPrintable(QStringLiteral("state %1: %2").arg(i).arg(off)));
    }
    for (std::size_t i = 0; i < found.steps.size(); ++i) {
        const Step& a = *found.steps[i];
        const Step& b = *expected.steps[i];
        QCOMPARE(a.pass, b.pass);
        QCOMPARE(a.lane, b.lane);
        QCOMPARE(a.segment, b.segment);
        QCOMPARE(a.begin, b.begin);
        QCOMPARE(a.end, b.end);
        QCOMPARE(a.committedEnd, b.committedEnd);
        QCOMPARE(a.residual.size(), b.residual.size());
        for (std::size_t t = 0; t < a.residual.size(); ++t) {
            QCOMPARE(std::isnan(a.residual[t]), std::isnan(b.residual[t]));
            QVERIFY(std::isnan(a.residual[t]) ||
                    std::abs(a.residual[t] - b.residual[t]) <= 1e3 * allowed * std::max(1.0F, b.residual[t]));
        }
    }
    for (std::size_t i = 0; i < found.report.segments.size(); ++i) {
        QCOMPARE(found.report.segments[i].passes, expected.report.segments[i].passes);
        QCOMPARE(found.report.segments[i].replaced, expected.report.segments[i].replaced);
        QCOMPARE(found.report.segments[i].fellBack, expected.report.segments[i].fellBack);
    }
}

} // namespace jacobi::test
