// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/devicemodel.h"

#include "core/cuda/devicememory.h"
#include "core/device/runroom.h"

#include <ATen/ATen.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace jacobi {

DeviceModel::DeviceModel(const DeviceOps& ops, at::Device device) : m_ops(&ops), m_stream(device) {}

DeviceModel::~DeviceModel()
{
    keptRoom.reset(); // it refers to what the model has
}

Result<std::unique_ptr<DeviceModel>> DeviceModel::make(const DeviceOps& ops, at::Device device,
                                                       DevicePrecision precision, const NetworkDescription& network,
                                                       const TokenLayout& layout,
                                                       const std::optional<ProductChoice>& products)
{
    const c10::InferenceMode inference;
    std::unique_ptr<DeviceModel> model(new DeviceModel(ops, device));
    if (auto selected = model->select(); !selected) {
        return tl::unexpected(selected.error());
    }
    const DeviceStream::Use use(model->m_stream);
    model->m_products =
        products ? *products : chooseProducts(network.shape, precision, {&ops, device, model->m_stream.handle()});
    giveBackCachedMemory(device);
    model->m_weights = DeviceWeights::of(network, precision, device, model->m_products.multiprocessors);
    giveBackCachedMemory(device); // what was needed on the way
    model->m_network = network;
    model->m_network.blocks.clear();
    model->m_network.table = model->m_network.norm = model->m_network.head = at::Tensor();
    model->m_layout = layout;
    if (const int code = ops.synchronize(model->m_stream.handle()); code != 0) {
        return tl::unexpected(deviceError(ops, code, "copy the weights"));
    }
    return model;
}

Result<void> DeviceModel::select() const
{
    const int number = m_stream.device().is_cpu() ? 0 : m_stream.device().index();
    const int code = m_ops->selectDevice(number);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*m_ops, code, "select the device"));
}

AttentionChoice DeviceModel::attention(std::int64_t lanes, std::int64_t rows, std::int64_t capacity)
{
    if (forcedAttention) {
        return {*forcedAttention, "it was asked for"};
    }
    const std::tuple key(lanes, rows, capacity);
    const auto known = m_attention.find(key);
    if (known != m_attention.end()) {
        return known->second;
    }
    const DeviceStream::Use use(m_stream); // libtorch's part of the comparison and ours in one order
    const TransformerShape& shape = m_weights.shape;
    return m_attention[key] = chooseAttention({lanes, rows, shape.heads, shape.keyHeads, shape.headSize, capacity},
                                              m_weights.type(), {m_ops, m_stream.device(), m_stream.handle()});
}

void giveBackCachedMemory(at::Device device)
{
    if (device.is_cuda()) {
        c10::getDeviceAllocator(device.type())->emptyCache();
    }
}

std::int64_t timesMemoryRanShort(at::Device device)
{
    return device.is_cuda() ? c10::getDeviceAllocator(device.type())->getDeviceStats(device.index()).num_alloc_retries
                            : 0;
}

} // namespace jacobi
