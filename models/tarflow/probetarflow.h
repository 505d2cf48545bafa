// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <filesystem>

namespace jacobi {

/// Writes what a TarFlow computes for given inputs, under the names of tests/golden/tarflow/README.md, so that it can be
/// compared with a reference tensor by tensor.
///
/// `model`: a checkpoint or its folder, which may hold settings.json (the runs of the parallel sampler, and noise and
/// multiplier of the denoising cases). `inputs`: a safetensors file; each of these that it holds asks for its results:
///   image (with labels, labels_dropped)   the forward pass: labelled.*, dropped.*, unlabelled.*, and roundtrip.image;
///                                         with a shift-only model forward.*
///   latent (with labels)                  the sequential inverse: plain.*, guided_*.*; with a shift-only model
///                                         reverse.*
///   {run}.latent (with labels)            a run of settings.json: inputs, outputs, iterates, residuals, pictures
///   images                                norm_2.*, norm_1.*, norm_fro.*
///   {case}.input (with labels)            {case}.loss, .grad, .step, .output
/// Where it holds weights.* the model is made of those. Other tensors of it are passed over. Returns how many tensors
/// were written. float32, on the CPU. May throw what libtorch throws.
Result<std::size_t> probeTarFlow(const std::filesystem::path& model, const std::filesystem::path& inputs,
                                 const std::filesystem::path& out);

} // namespace jacobi
