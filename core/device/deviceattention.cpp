// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/deviceattention.h"

#include "core/cuda/devicememory.h"
#include "core/device/attentiontiming.h"
#include "core/device/devicetransformer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace jacobi {
namespace {

/// Largest difference that rounding explains where numbers are around 1.
double allowedError(at::ScalarType type)
{
    return type == at::kDouble ? 1e-12 : type == at::kFloat ? 1e-5 : 0.03;
}

/// [lanes * rows, heads * size] as [lanes, heads, rows, size]; no copy.
at::Tensor byHead(const AttentionShape& shape, const at::Tensor& q)
{
    return q.view({shape.lanes, shape.rows, shape.heads, shape.headSize}).transpose(1, 2);
}

/// Blocks enough for eight warps on each of a large GPU's 132 processors, but none with fewer than 128 keys of a full cache.
AttendJob jobOf(const AttentionShape& shape, at::ScalarType type)
{
    constexpr std::uint32_t kProcessors = 132, kFewestKeys = 128, kMostSplits = 16;
    AttendJob job;
    job.type = numberTypeOf(type);
    job.lanes = static_cast<std::uint32_t>(shape.lanes);
    job.rows = static_cast<std::uint32_t>(shape.rows);
    job.heads = static_cast<std::uint32_t>(shape.heads);
    job.keyHeads = static_cast<std::uint32_t>(shape.keyHeads);
    job.headSize = static_cast<std::uint32_t>(shape.headSize);
    job.capacity = static_cast<std::uint32_t>(shape.capacity);
    job.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(shape.headSize)));
    if (job.type == NumberType::Float32) {
        job.splits = AttendJob::invariantSplits(job.capacity);
        return job;
    }
    const std::uint32_t blocks = job.tileRows() > 64 ? kProcessors : 2 * kProcessors; // of eight warps, or of four
    const std::uint32_t wanted = blocks / (job.lanes * job.keyHeads * job.rowTiles());
    const std::uint32_t most = std::min(kMostSplits, (job.capacity + kFewestKeys - 1) / kFewestKeys);
    job.splits =
        shape.splits > 0 ? static_cast<std::uint32_t>(shape.splits) : std::clamp(wanted, 1U, std::max(most, 1U));
    return job;
}

at::Tensor byRow(const AttentionShape& shape, const at::Tensor& heads)
{
    return heads.transpose(1, 2).reshape({shape.lanes * shape.rows, shape.heads * shape.headSize});
}

} // namespace

DeviceAttention::DeviceAttention(const DeviceOps& ops, const AttentionShape& shape, AttentionPath path,
                                 at::ScalarType type, at::Device device)
    : m_ops(&ops), m_shape(shape), m_path(path)
{
    const auto whole = at::TensorOptions().dtype(at::kInt).device(device);
    if (path == AttentionPath::Shared) {
        m_job = jobOf(shape, type);
        m_partials = at::empty({static_cast<std::int64_t>(m_job.partialFloats())}, whole.dtype(at::kFloat));
        m_job.partials = m_partials.mutable_data_ptr();
        m_out = at::empty({shape.lanes * shape.rows, shape.heads * shape.headSize}, whole.dtype(type));
        return;
    }
    if (path == AttentionPath::Masked) {
        m_rowNumbers = at::arange(shape.rows, whole).view({1, 1, shape.rows, 1});
        m_places = at::arange(shape.capacity, whole).view({1, 1, 1, shape.capacity});
        m_limits = at::zeros({shape.lanes, 1, shape.rows, 1}, whole);
        m_isHidden = at::zeros({shape.lanes, 1, shape.rows, shape.capacity}, whole.dtype(at::kBool));
        m_hidden = at::full({}, -std::numeric_limits<double>::infinity(), whole.dtype(type));
        m_seen = at::zeros({}, whole.dtype(type));
        m_mask = at::zeros(m_isHidden.sizes(), whole.dtype(type));
        return;
    }
    m_used = at::zeros({shape.lanes}, whole);
    m_queryEnds = at::arange(shape.lanes + 1, whole) * shape.rows;
    m_keyEnds = at::arange(shape.lanes + 1, whole) * shape.capacity;
}

void DeviceAttention::prepare(const at::Tensor& lengths)
{
    if (m_path == AttentionPath::Shared) {
        m_job.lengths = lengths.const_data_ptr<std::int32_t>();
        return;
    }
    if (m_path == AttentionPath::Flash) {
        at::add_out(m_used, lengths, at::scalar_tensor(m_shape.rows, lengths.options().device(at::kCPU)));
        return;
    }
    // Made once for all layers: from a mask of yes and no, every layer would make its own.
    at::add_out(m_limits, lengths.view({m_shape.lanes, 1, 1, 1}), m_rowNumbers);
    at::gt_out(m_isHidden, m_places, m_limits);
    at::where_out(m_mask, m_isHidden, m_hidden, m_seen);
}

Result<at::Tensor> DeviceAttention::attend(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                                           std::vector<at::Tensor>& kept, void* stream) const
{
    switch (m_path) {
    case AttentionPath::Shared: return shared(q, keys, values, kept, stream);
    case AttentionPath::Flash: return flash(q, keys, values, kept);
    case AttentionPath::Masked: break;
    }
    return masked(q, keys, values, kept);
}

Result<at::Tensor> DeviceAttention::shared(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                                           std::vector<at::Tensor>& kept, void* stream) const
{
    kept.push_back(m_out);
    AttendJob job = m_job;
    job.q = q.const_data_ptr();
    job.keys = keys.const_data_ptr();
    job.values = values.const_data_ptr();
    job.out = m_out.mutable_data_ptr();
    const int code = m_ops->attend(&job, stream);
    return code == 0 ? Result<at::Tensor>(m_out) : tl::unexpected(deviceError(*m_ops, code, "attend"));
}

at::Tensor DeviceAttention::masked(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                                   std::vector<at::Tensor>& kept) const
{
    const bool grouped = m_shape.heads != m_shape.keyHeads;
    kept.push_back(at::scaled_dot_product_attention(byHead(m_shape, q), keys.transpose(1, 2), values.transpose(1, 2),
                                                    m_mask, 0.0, false, std::nullopt, grouped));
    kept.push_back(byRow(m_shape, kept.back()));
    return kept.back();
}

at::Tensor DeviceAttention::flash(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values,
                                  std::vector<at::Tensor>& kept) const
{
    // Queries and caches as sequences of their own lengths: every lane's queries are its last rows, which is what "causal"
    // means there (aligned at the bottom right).
    const auto& s = m_shape;
    const auto [out, sums, seed, offset, debug] = at::_flash_attention_forward(
        q.view({s.lanes * s.rows, s.heads, s.headSize}), keys.view({s.lanes * s.capacity, s.keyHeads, s.headSize}),
        values.view({s.lanes * s.capacity, s.keyHeads, s.headSize}), m_queryEnds, m_keyEnds, s.rows, s.capacity, 0.0,
        true, false, 1.0 / std::sqrt(static_cast<double>(s.headSize)), std::nullopt, std::nullopt, m_used,
        std::nullopt);
    kept.insert(kept.end(), {out, sums, seed, offset, debug});
    return out.view({s.lanes * s.rows, s.heads * s.headSize});
}

std::uint64_t sharedAttentionBytes(const AttentionShape& shape, at::ScalarType type)
{
    return jobOf(shape, type).partialFloats() * sizeof(float);
}

at::Tensor plainAttention(const AttentionShape& shape, const at::Tensor& q, const at::Tensor& keys,
                          const at::Tensor& values, const at::Tensor& lengths)
{
    const std::int64_t group = shape.heads / shape.keyHeads;
    const auto expanded = [&](const at::Tensor& cache) {
        return cache.to(at::kDouble).transpose(1, 2).repeat_interleave(group, 1);
    };
    const at::Tensor scores = at::matmul(byHead(shape, q).to(at::kDouble), expanded(keys).transpose(2, 3)) /
                              std::sqrt(static_cast<double>(shape.headSize));
    const auto places = at::arange(shape.capacity, lengths.options()).view({1, 1, 1, -1});
    const auto limits = lengths.view({-1, 1, 1, 1}) + at::arange(shape.rows, lengths.options()).view({1, 1, -1, 1});
    const at::Tensor seen = scores.masked_fill(places > limits, -std::numeric_limits<double>::infinity());
    return byRow(shape, at::matmul(at::softmax(seen, 3), expanded(values)));
}

Result<double> attentionError(const AttentionShape& shape, AttentionPath path, at::ScalarType type,
                              const AttentionPlace& place)
{
    const at::Device device = place.device;
    const c10::InferenceMode inference;
    const auto real = at::TensorOptions().dtype(type).device(device);
    const auto random = [&](std::int64_t seed, at::IntArrayRef sizes) {
        // Of our own making: the same numbers on every device.
        at::Tensor numbers = at::sin(at::arange(c10::multiply_integers(sizes), at::kDouble) * 0.7311 +
                                     at::arange(c10::multiply_integers(sizes), at::kDouble).square() * 0.0131 +
                                     static_cast<double>(seed));
        return (numbers * 2.0).view(sizes).to(real);
    };
    const at::Tensor q = random(1, {shape.lanes * shape.rows, shape.heads * shape.headSize});
    const at::Tensor keys = random(2, {shape.lanes, shape.capacity, shape.keyHeads, shape.headSize});
    const at::Tensor values = random(3, {shape.lanes, shape.capacity, shape.keyHeads, shape.headSize});
    // Lanes of every kind: with nothing before the pass, full, and between.
    const std::int64_t most = shape.capacity - shape.rows;
    at::Tensor lengths = at::empty({shape.lanes}, at::kInt);
    for (std::int64_t lane = 0; lane < shape.lanes; ++lane) {
        lengths[lane] = shape.lanes == 1 ? most / 2 : most * lane / (shape.lanes - 1);
    }
    lengths = lengths.to(device);
    DeviceAttention attention(*place.ops, shape, path, type, device);
    attention.prepare(lengths);
    std::vector<at::Tensor> kept;
    Result<at::Tensor> found = attention.attend(q, keys, values, kept, place.stream);
    if (found) { // a second time: nothing of the first may be left in what it works in
        found = attention.attend(q, keys, values, kept, place.stream);
    }
    if (!found) {
        return tl::unexpected(found.error());
    }
    return (found->to(at::kDouble) - plainAttention(shape, q, keys, values, lengths)).abs().max().item<double>();
}

namespace {

/// Our kernel, whatever it takes, since a row's result by it does not hang on the window; where it is wrong, the mask. It is held
/// against the formula with blocks of every size, whatever the window: the answer must be the same for all.
AttentionChoice chooseInvariant(AttentionShape shape, const AttentionPlace& place)
{
    constexpr double kAllowed = 1e-4; // rounding is a tenth of that with 64 rows of 32 heads
    constexpr std::int64_t kLanes = 2, kPlaces = 768;
    shape.lanes = kLanes;
    shape.capacity = kPlaces;
    std::string whyNot;
    try {
        for (const std::int64_t grouped : {8, 16, 40}) {
            shape.rows = std::max<std::int64_t>(grouped * shape.keyHeads / shape.heads, 1);
            const Result<double> error = attentionError(shape, AttentionPath::Shared, at::kFloat, place);
            if (!error || !(*error <= kAllowed)) {
                whyNot = error ? "differs from the plain version by " + std::to_string(*error)
                               : "failed: " + error.error().detail;
                break;
            }
        }
    } catch (const c10::OutOfMemoryError&) {
        throw; // for more than choosing
    } catch (const c10::Error& error) {
        whyNot = std::string("failed: ") + error.what_without_backtrace();
    }
    return whyNot.empty() ? AttentionChoice{AttentionPath::Shared, {}}
                          : AttentionChoice{AttentionPath::Masked, "our kernel " + whyNot};
}

} // namespace

AttentionChoice chooseAttention(const AttentionShape& shape, at::ScalarType type, const AttentionPlace& place)
{
    constexpr std::int64_t kWidestHead = 256;
    if (!place.device.is_cuda()) {
        return {AttentionPath::Masked, "there are no such kernels for this device"};
    }
    if (type == at::kFloat) {
        return chooseInvariant(shape, place);
    }
    if ((type != at::kBFloat16 && type != at::kHalf) || shape.headSize % 8 != 0 || shape.headSize > kWidestHead) {
        return {AttentionPath::Masked, "the other kernels take bfloat16 or float32, and heads of up to 256 numbers"};
    }
    // Right on something small, of the sizes that decide which code runs, with tiles enough for a block to use its memory again;
    // fast on what will be run.
    constexpr std::int64_t kLanes = 4, kPlaces = 768, kSplits = 2;
    AttentionShape small = shape;
    small.lanes = std::min(shape.lanes, kLanes);
    small.capacity = std::min(shape.capacity, std::max(kPlaces, 2 * shape.rows));
    small.splits = kSplits;
    // A later one must be clearly faster: paths round differently, and the same seed should give the same picture tomorrow.
    constexpr double kClearly = 1.25;
    constexpr std::array<std::pair<AttentionPath, const char*>, 3> kCandidates{
        {{AttentionPath::Shared, "our kernel"}, {AttentionPath::Flash, "flash"}, {AttentionPath::Masked, "a mask"}}};
    AttentionChoice choice{AttentionPath::Masked, {}};
    double best = std::numeric_limits<double>::infinity();
    for (const auto& [path, name] : kCandidates) {
        std::string found = name;
        try {
            const Result<double> error = attentionError(small, path, type, place);
            const bool isRight = error && *error <= allowedError(type); // which no NaN is
            const Result<double> seconds = isRight ? attentionSeconds(shape, path, type, place) : error;
            if (!seconds) {
                found += " failed: " + seconds.error().detail;
            } else if (!isRight) {
                found += " differs from the plain version by " + std::to_string(*error);
            } else {
                found += " takes " + std::to_string(static_cast<int>(std::lround(*seconds * 1e6))) + " us";
                if (*seconds * kClearly < best) {
                    choice.path = path;
                    best = *seconds;
                }
            }
        } catch (const c10::Error& error) {
            found += std::string(" failed: ") + error.what_without_backtrace();
        }
        choice.reason += (choice.reason.empty() ? "" : "; ") + found;
    }
    return choice;
}

} // namespace jacobi
