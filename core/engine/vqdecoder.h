// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/tokenmodel.h"

#include <ATen/core/Tensor.h>
#include <c10/core/MemoryFormat.h>
#include <c10/core/TensorOptions.h>

#include <array>
#include <cstdint>
#include <vector>

namespace jacobi {

/// Sizes of the decoder of a VQGAN (Esser et al. 2021, "Taming transformers for high-resolution image synthesis"): a
/// convolution into the widest level, a middle of two residual blocks with attention between them, and levels of
/// blocks + 1 residual blocks, each but the last followed by upsampling by two.
struct VqShape {
    std::int64_t embedding = 8; ///< numbers of a code
    std::int64_t latent = 256;  ///< channels that they become first
    std::int64_t width = 128;
    std::array<std::int64_t, 5> multipliers{1, 1, 2, 2, 4}; ///< of the width, from whole size down; 0: no such level
    std::int64_t blocks = 2;
    bool attendsLevel = true; ///< attention after each block of the lowest level too

    constexpr std::int64_t levels() const
    {
        std::int64_t count = 0;
        while (count < static_cast<std::int64_t>(multipliers.size()) &&
               multipliers[static_cast<std::size_t>(count)] > 0) {
            ++count;
        }
        return count;
    }
    constexpr std::int64_t patch() const { return std::int64_t{1} << (levels() - 1); } ///< pixels of a code's side
};

/// What decoding one picture takes at least.
struct VqCost {
    double operations = 0.0; ///< multiplications and additions of convolutions and attention
    double numbers = 0.0;    ///< outputs of those, each written once and read once, and their weights read once
};

/// A convolutional picture decoder of published size with normal random weights, for measuring: codes to pixels by
/// libtorch's operations. Thread rule: one thread; c10::InferenceMode is held by the caller of pixels() and decode().
class VqDecoder final : public Detokenizer {
public:
    /// options: type and device. format: how activations lie in memory. The same seed gives the same weights, rounded to the
    /// type. Sets libtorch's own random numbers to the seed.
    VqDecoder(const VqShape& shape, std::int64_t rows, std::int64_t columns, std::int64_t codes,
              const at::TensorOptions& options, at::MemoryFormat format, std::uint64_t seed = 1);

    /// codes [items, rows * columns] int64 on the device -> [items, 3, height, width] there, about -1..1.
    at::Tensor pixels(const at::Tensor& codes) const;
    at::Tensor decode(const at::Tensor& codes) override;
    std::vector<CodeColours> codeColours() override { return {}; }

    VqCost cost() const; ///< of one picture

private:
    struct Convolution {
        at::Tensor kernel, bias;
        std::int64_t in = 0, out = 0, side = 1;
    };
    struct Norm {
        at::Tensor scale, shift;
    };
    struct Layer {
        enum class Kind { Convolution, Residual, Attention, Upsample, Output };
        Kind kind = Kind::Convolution;
        std::int64_t pixels = 0; ///< of its output
        std::vector<Norm> norms;
        std::vector<Convolution> convolutions; ///< of a residual block perhaps a third: the way past it
    };

    Convolution convolution(std::int64_t in, std::int64_t out, std::int64_t side) const;
    Norm norm(std::int64_t channels) const;
    Layer residual(std::int64_t in, std::int64_t out, std::int64_t pixels) const;
    Layer attention(std::int64_t channels, std::int64_t pixels) const;
    at::Tensor run(const Layer& layer, const at::Tensor& x) const;
    at::Tensor attend(const Layer& layer, const at::Tensor& x) const;

    std::int64_t m_rows, m_columns;
    at::TensorOptions m_options;
    at::MemoryFormat m_format;
    at::Tensor m_codebook; ///< [codes, embedding]
    std::vector<Layer> m_layers;
};

} // namespace jacobi
