// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/safetensors.h"
#include "models/tarflow/loadtarflow.h"

#include <ATen/ATen.h>

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace jacobi::test {

inline std::filesystem::path goldenFolder()
{
    return std::filesystem::path(JACOBI_TEST_DATA) / "golden" / "tarflow";
}

/// Every tensor of a file of the golden set (tests/golden/tarflow/README.md).
inline TarFlowTensors goldenTensors(const std::string& name)
{
    const auto file = SafetensorsFile::open(goldenFolder() / name);
    TarFlowTensors tensors;
    if (!file) {
        std::abort();
    }
    for (const TensorEntry& entry : file->entries()) {
        const auto type = entry.dtype == DType::I64 ? at::kLong : entry.dtype == DType::F64 ? at::kDouble : at::kFloat;
        at::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(type));
        if (!file->read(entry, std::span(static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()))) {
            std::abort();
        }
        tensors[entry.name] = tensor;
    }
    return tensors;
}

inline TarFlowWeights goldenWeights(at::ScalarType type = at::kFloat)
{
    auto weights = loadTarFlow(goldenFolder() / "weights.safetensors", type);
    if (!weights) {
        std::abort();
    }
    return std::move(*weights);
}

inline QJsonObject goldenSettings()
{
    QFile file(QString::fromStdString((goldenFolder() / "settings.json").string()));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

inline std::vector<std::int64_t> numbersOf(const at::Tensor& tensor)
{
    const auto* data = tensor.const_data_ptr<std::int64_t>();
    return {data, data + tensor.numel()};
}

/// How far `a` is from `b` beyond what is allowed: max(|a - b| - relative * |b|); infinite where shapes differ or a
/// number is not finite.
inline double distance(const at::Tensor& a, const at::Tensor& b, double relative = 0.0)
{
    if (a.numel() != b.numel()) {
        return std::numeric_limits<double>::infinity();
    }
    const at::Tensor x = a.to(at::kDouble).reshape(-1);
    const at::Tensor y = b.to(at::kDouble).reshape(-1);
    if (!at::isfinite(x).all().item<bool>()) {
        return std::numeric_limits<double>::infinity();
    }
    return ((x - y).abs() - relative * y.abs()).max().item<double>();
}

} // namespace jacobi::test
