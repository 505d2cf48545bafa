// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flowbuffers.h"

#include "core/device/expectdone.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

namespace jacobi {

FlowBuffers::FlowBuffers(const DeviceOps& table, std::unique_ptr<FlowNetwork> its)
    : ops(&table), network(std::move(its)), recordings(table, network->device())
{
}

bool FlowBuffers::begin(std::int64_t batch, const FlowCondition& condition, std::int64_t rows, const Beside& beside)
{
    const at::Device device = network->device();
    expectDone(*ops, ops->selectDevice(std::max<int>(0, device.index())), "select the device");
    FlowRoom wanted{batch, condition.guided ? 2 : 1, room.places};
    const bool isMade = numbers == nullptr || wanted != room || rows > maxRows;
    if (isMade) {
        recordings.clear();
        slots.reset();
        numbers.reset();
        maxRows = rows;
        wanted.places = FlowNumbers::placesFor(network->layout().tokens(), rows);
        room = wanted;
        network->makeRoom(room);
        FlowRoom all = room;
        all.batch *= beside.blocks;
        numbers = std::make_unique<FlowNumbers>(network->layout(), all, rows,
                                                at::TensorOptions().dtype(network->realType()).device(device));
        auto made = FlowSlots::make(*ops, FlowNumbers::kTold + beside.told, beside.left + numbers->leftBy(rows));
        expectDone(made ? Result<void>() : tl::unexpected(made.error()));
        slots = std::move(*made);
    }
    network->setCondition(condition);
    return isMade;
}

} // namespace jacobi
