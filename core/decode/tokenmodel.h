// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decode/layout.h"
#include "core/trace/trace.h"

#include <ATen/core/Tensor.h>

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <vector>

namespace jacobi {

class NoisyTokenModel;

/// A causal network over tokens with a preallocated key/value cache. Rolling back is a counter: rows written by
/// forward() count only once commit() says so, and the next forward() overwrites the others.
///
/// Thread rule: one thread at a time. The caller holds a c10::InferenceMode guard around forward().
class TokenModel {
public:
    virtual ~TokenModel() = default;

    virtual const TokenLayout& layout() const = 0;

    /// Of the logits: at::kFloat or at::kDouble.
    virtual at::ScalarType realType() const = 0;

    /// Token ids of a prompt's text and of the empty (unconditional) prompt, ready for begin().
    virtual std::vector<std::int64_t> unconditionalPrompt() const = 0;

    /// Reads one prompt an item and makes room for windows up to maxWindow rows. The prompt's last token is not
    /// cached: it is row 0 of the first pass. branches: 1 (the prompt alone), or 2 (the prompt, then the
    /// unconditional prompt; both are fed the same result tokens). Resets every length.
    virtual void begin(const std::vector<std::vector<std::int64_t>>& prompts, std::int64_t branches,
                       std::int64_t maxWindow) = 0;

    /// One pass. tokens: [items, window] int64 on the CPU; row 0 is the last committed token of that item (any value
    /// where nothing is committed yet: the prompt's last token is used), rows 1.. are drafts. Row k predicts position
    /// committed(item) + k; rows past the last position are padding of a ragged batch (their positions are clamped, their
    /// logits mean nothing). Returns logits [items, branches, window, codes], contiguous, in the model's real type;
    /// valid until the next call.
    virtual at::Tensor forward(const at::Tensor& tokens) = 0;

    /// Keeps the first count rows of the last pass of that item, 1 <= count <= window.
    virtual void commit(std::int64_t item, std::int64_t count) = 0;
    virtual std::int64_t committed(std::int64_t item) const = 0;

    /// The part that reads noisy embeddings, or null where the model was not tuned for it.
    virtual NoisyTokenModel* noisy() { return nullptr; }
};

/// Tokens to pictures.
class Detokenizer {
public:
    virtual ~Detokenizer() = default;
    /// codes [items, positions] int64 -> [items, height, width, 3] uint8 on the CPU.
    virtual at::Tensor decode(const at::Tensor& codes) = 0;
    /// What each code looks like on its own (a constant tile decoded, its middle shrunk to 4x4); [codes].
    virtual std::vector<CodeColours> codeColours() = 0;
};

} // namespace jacobi
