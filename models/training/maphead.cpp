// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/maphead.h"

#include "models/training/classscores.h"
#include "models/training/scenemap.h"

#include <ATen/ATen.h>

namespace jacobi {
namespace {

const ClassScores& mapClasses()
{
    static const ClassScores classes([] {
        std::vector<std::int64_t> list;
        for (std::size_t i = 0; i < kMappedCount; ++i) {
            list.push_back(classesOf(static_cast<Mapped>(i)));
        }
        return list;
    }());
    return classes;
}

constexpr std::int64_t kNoneIgnored = -100;

} // namespace

std::int64_t mapScores()
{
    return mapClasses().scores();
}

at::Tensor mapLoss(const at::Tensor& head, const at::Tensor& hidden, const at::Tensor& maps)
{
    return mapClasses().losses(head, hidden, maps.transpose(1, 2), kNoneIgnored).mean() *
           static_cast<double>(kMappedCount);
}

} // namespace jacobi
