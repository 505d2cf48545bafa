// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace jacobi {

/// A prompt together with what it leaves open: sides, colours and numbers of its subjects, place, season, time, sun and weather,
/// chosen by the seed among what goes together. Its words stay ("a" may become "an"); nothing is added that has no room within
/// longestSceneCaption() known words, no subject, and nothing of what it may speak of in a way that is not understood: no
/// sides where a side is left over that is nobody's ("a house in the middle"), no colours where a colour is ("a house that is
/// red"), nothing at all where something is not to be there ("no trees").
///
/// A network that writes a picture row by row has to choose for itself what a prompt leaves open, patch by patch, while it
/// draws; and prompts much shorter than the captions it learned from are strange to it: of these, what says nothing of sun and
/// weather shows rain, where neither is to be seen. So it is told, as in caption upsampling (Betker et al. 2023). Seeds of one
/// prompt still differ, in more than before. Pure; same arguments, same prompt.
std::string completeCaption(std::string_view prompt, std::uint64_t seed);

/// Whether prompts of a model can be completed: its words are those of the captions, and a completed one has room.
bool completesCaptions(const std::vector<std::string>& words, std::int64_t mostWords);

} // namespace jacobi
