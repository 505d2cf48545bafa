// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/training/scenejudged.h"

#include <string_view>

namespace jacobi {

/// What a prompt says, as captionOf() would have said it: the other way round. Reads every caption of that grammar back
/// into its claims (of one without sides: left and right as they are named), and free prompts of its words as far as they
/// go: a word it does not know is passed over, of more than two subjects the first two count. Lower or upper case; pure.
SceneClaims readCaption(std::string_view prompt);

} // namespace jacobi
