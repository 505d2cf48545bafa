// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/keptmodel.h"

#include "core/engine/engine.h"
#include "core/engine/memory.h"

#include <ATen/ATen.h>

namespace jacobi {

Result<LoadedModel*> KeptModel::load(const RunTarget& target)
{
    if (target.device.id != "cpu") {
        m_gpuId = target.device.id;
    }
    if (target.device.id != "cpu" && !isKept(target)) {
        m_kept.reset(); // what it holds there is free for this one
        const Result<void> fits = guarded(
            [&] { return m_gpu->checkFits(target.resolved.request, target.device.id, target.model, *target.family); });
        if (!fits) {
            return tl::unexpected(fits.error());
        }
    }
    Result<LoadedModel*> loaded = loadOnCpu(target);
    if (!loaded || target.device.id == "cpu") {
        return loaded;
    }
    const Result<void> placed = guarded([&] {
        const auto place = target.model.layout.isFlow() ? &GpuHost::placeFlow : &GpuHost::place;
        return (m_gpu->*place)(target.resolved.request, target.device.id, target.model, *target.family, **loaded);
    });
    if (!placed) {
        m_gpu->giveBackAfter(placed.error(), target.device.id);
        return tl::unexpected(placed.error());
    }
    return loaded;
}

void KeptModel::endedWith(const Error& error)
{
    if (m_kept && m_gpu->mustFreeAfter(error, m_kept->model)) {
        m_kept.reset();
        m_gpu->giveBackAfter(error, m_gpuId);
    }
}

bool KeptModel::isKept(const RunTarget& target) const
{
    return m_kept && m_kept->folder == target.model.folder && m_kept->hash == target.model.hash &&
           m_kept->precision == target.resolved.request.precision &&
           (m_kept->model.flowPlace == "cpu" || m_kept->model.flowPlace == target.device.id);
}

Result<LoadedModel*> KeptModel::loadOnCpu(const RunTarget& target)
{
    if (isKept(target)) {
        if (m_kept->model.flowPlace != "cpu") { // a flow that left the computer's memory
            return &m_kept->model;
        }
        // What this request needs beyond the least one: the rest is there.
        RunRequest least = target.resolved.request;
        least.window = least.pictures = 1;
        const std::uint64_t more = target.family->memoryBytes(target.model, target.resolved.request) -
                                   target.family->memoryBytes(target.model, least);
        if (auto fits = checkMemory(more, availableMemory()); !fits) {
            return tl::unexpected(fits.error());
        }
        return &m_kept->model;
    }
    m_kept.reset(); // Before the next one comes: two do not have to fit.
    const std::uint64_t needed = target.family->memoryBytes(target.model, target.resolved.request);
    if (auto fits = checkMemory(needed, availableMemory()); !fits) {
        return tl::unexpected(fits.error());
    }
    return guarded([&] { return loadAnew(target); });
}

Result<LoadedModel*> KeptModel::loadAnew(const RunTarget& target)
{
    const std::string& precision = target.resolved.request.precision;
    Result<LoadedModel> loaded = target.family->load(target.model, precision == "float64" ? at::kDouble : at::kFloat);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    prepareModel(*loaded, target.model.layout);
    m_kept = Kept{target.model.folder, target.model.hash, precision, std::move(*loaded)};
    return &m_kept->model;
}

} // namespace jacobi
