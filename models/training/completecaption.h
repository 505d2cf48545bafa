// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jacobi {

/// A prompt together with what it leaves open: sides, colours and numbers of its subjects, place, season, time, sun and weather,
/// chosen by the seed among what goes together. What it says stays as it is, word for word; nothing is added that has no room
/// within longestSceneCaption() words, subjects never.
///
/// A network that writes a picture row by row has to choose for itself what a prompt leaves open, patch by patch, while it
/// draws; and prompts much shorter than the captions it learned from are strange to it: of these, what says nothing of sun and
/// weather shows rain, where neither is to be seen. So it is told, as in caption upsampling (Betker et al. 2023). Seeds of one
/// prompt still differ, in more than before. Pure; same arguments, same prompt.
std::string completeCaption(std::string_view prompt, std::uint64_t seed);

} // namespace jacobi
