// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/attentiontiming.h"

#include "core/device/layertiming.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace jacobi {

Result<double> attentionSeconds(const AttentionShape& shape, AttentionPath path, at::ScalarType type,
                                const AttentionPlace& place)
{
    constexpr int kLayers = 8;
    const c10::InferenceMode inference;
    const auto real = at::TensorOptions().dtype(type).device(place.device);
    const at::Tensor q = at::randn({shape.lanes * shape.rows, shape.heads * shape.headSize}, real);
    const at::Tensor keys = at::randn({shape.lanes, shape.capacity, shape.keyHeads, shape.headSize}, real);
    const at::Tensor values = at::randn(keys.sizes(), real);
    const at::Tensor lengths =
        at::full({shape.lanes}, std::max<std::int64_t>(shape.capacity - shape.rows, 0) / 2, real.dtype(at::kInt));
    DeviceAttention attention(*place.ops, shape, path, type, place.device);
    std::vector<at::Tensor> kept;
    return layerSeconds(*place.ops, place.stream, kLayers, [&]() -> Result<void> {
        kept.clear();
        attention.prepare(lengths);
        for (int layer = 0; layer < kLayers; ++layer) {
            if (const auto done = attention.attend(q, keys, values, kept, place.stream); !done) {
                return tl::unexpected(done.error());
            }
        }
        return {};
    });
}

} // namespace jacobi
