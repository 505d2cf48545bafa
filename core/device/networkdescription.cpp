// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/networkdescription.h"

#include <ATen/ATen.h>

namespace jacobi {

std::uint64_t numbersOfPass(const TransformerShape& shape)
{
    const auto width = static_cast<std::uint64_t>(shape.width);
    const auto block =
        width * static_cast<std::uint64_t>(shape.projections() + shape.heads * shape.headSize + 3 * shape.feed);
    return static_cast<std::uint64_t>(shape.layers) * block + width * static_cast<std::uint64_t>(shape.codes);
}

std::uint64_t cacheNumbers(const TransformerShape& shape)
{
    return 2 * static_cast<std::uint64_t>(shape.layers * shape.keyHeads * shape.headSize);
}

NetworkSizes sizesOf(const NetworkDescription& network)
{
    return {network.shape, network.table.defined() ? network.table.size(0) : 0,
            static_cast<std::int64_t>(network.unconditionalPrompt.size()),
            network.noise ? network.noise->codes.size(1) : 0};
}

} // namespace jacobi
