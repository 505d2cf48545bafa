// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/kernelcode.h"

namespace jacobi {

std::string kernelCodeText(const DeviceDescription& card)
{
    if (card.codeMajor == 0) {
        return {};
    }
    std::string text = "The kernels were compiled for compute capability " + std::to_string(card.codeMajor) + "." +
                       std::to_string(card.codeMinor);
    text += card.isCodeTranslated != 0 ? ", of which the driver made code for this card" : "";
    constexpr std::int32_t kStartsEarly = 9; // core/cuda/earlylaunch.cuh
    text += card.major >= kStartsEarly && card.codeMajor < kStartsEarly
                ? ". None starts before the one before it has ended, as code for 9.0 or newer does"
                : "";
    return text + ".";
}

} // namespace jacobi
