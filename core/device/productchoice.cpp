// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/productchoice.h"

#include "core/base/largererror.h"
#include "core/cuda/devicememory.h"
#include "core/device/devicetransformer.h"
#include "core/device/layertiming.h"
#include "core/device/randomnetwork.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jacobi {
namespace {

constexpr std::int64_t kLanes = 2;
constexpr std::int64_t kCapacity = 256;

/// The same numbers on every device.
at::Tensor waves(at::IntArrayRef sizes, double seed)
{
    const at::Tensor i = at::arange(c10::multiply_integers(sizes), at::kDouble);
    return at::sin(i * 0.7311 + i.square() * 0.0131 + seed).view(sizes);
}

std::string microseconds(double seconds)
{
    return std::to_string(static_cast<int>(std::lround(seconds * 1e6))) + " us";
}

Result<void> wait(const AttentionPlace& place)
{
    const int code = place.ops->synchronize(place.stream);
    return code == 0 ? Result<void>() : tl::unexpected(deviceError(*place.ops, code, "wait for products"));
}

Result<DeviceDescription> describe(const AttentionPlace& place)
{
    DeviceDescription card;
    const int code = place.ops->describe(place.device.is_cpu() ? 0 : place.device.index(), &card);
    card.multiprocessors = std::max(card.multiprocessors, 1U);
    return code == 0 ? Result<DeviceDescription>(card)
                     : tl::unexpected(deviceError(*place.ops, code, "describe the device"));
}

/// Some layers of a network with a window after a cache that is half full.
class SomeLayers {
public:
    /// weights: of the network, kept by the caller.
    SomeLayers(const NetworkDescription& network, const DeviceWeights& weights, std::int64_t rows,
               AttentionPath attention, const AttentionPlace& place)
        : m_place(place), m_transformer(*place.ops, weights, network.rotary(kCapacity), {kLanes, rows, kCapacity})
    {
        const TransformerShape& shape = network.shape;
        m_transformer.setPass(rows, attention);
        m_input = waves({kLanes * rows, shape.width}, 3.0).to(place.device, weights.type());
        m_lengths = at::full({kLanes}, kCapacity / 2, m_input.options().dtype(at::kInt));
        m_logits = at::empty({kLanes * rows, shape.codes}, m_input.options());
    }

    SomeLayers(const SomeLayers&) = delete;
    SomeLayers& operator=(const SomeLayers&) = delete;

    Result<void> enqueue()
    {
        m_kept.clear();
        m_transformer.input().copy_(m_input);
        return m_transformer.enqueue(m_lengths, m_logits, m_kept, m_place.stream);
    }

    /// Of one pass, [lanes * rows, codes] float64 on the CPU. make: puts the pass on the stream.
    template <class Make>
    Result<at::Tensor> logits(Make make)
    {
        m_logits.fill_(std::numeric_limits<double>::quiet_NaN());
        Result<void> made = make();
        made = made ? wait(m_place) : made;
        return made ? Result<at::Tensor>(m_logits.to(at::kCPU, at::kDouble)) : tl::unexpected(made.error());
    }

private:
    AttentionPlace m_place;
    DeviceTransformer m_transformer;
    at::Tensor m_input, m_lengths, m_logits;
    std::vector<at::Tensor> m_kept;
};

/// So few layers that what is read is still far more than the card's cache holds, or all of them, with a head of as many codes as
/// there are.
TransformerShape fewLayers(TransformerShape shape, DevicePrecision precision, const DeviceDescription& card)
{
    constexpr double kLeastBytes = 200e6, kOfCache = 3.0;
    const double wanted = std::max(kLeastBytes, kOfCache * static_cast<double>(card.cacheBytes));
    const std::int64_t all = shape.layers;
    shape.layers = 1;
    const double one = static_cast<double>(numbersOfPass(shape)) * matrixBytes(precision);
    shape.layers = std::min(all, static_cast<std::int64_t>(wanted / one) + 1);
    return shape;
}

/// The attention of windows of so many rows, the same for both products.
AttentionPath attentionOf(const TransformerShape& shape, std::int64_t rows, at::ScalarType type,
                          const AttentionPlace& place)
{
    const AttentionShape sizes{kLanes, rows, shape.heads, shape.keyHeads, shape.headSize, kCapacity};
    return chooseAttention(sizes, type, place).path;
}

/// Windows that are decoded with, and the attention of each.
struct TimedWindows {
    static constexpr std::int64_t kRows[] = {1, 16, 32, 64};
    AttentionPath attention[std::size(kRows)];
};

/// Seconds of passes of those layers at all windows together, or of the first ones, once it is clear that they take longer than
/// `enough`. Each is added to `found`.
Result<double> passSeconds(const NetworkDescription& network, DevicePrecision precision, const ProductChoice& products,
                           const TimedWindows& windows, double enough, const AttentionPlace& place, std::string& found)
{
    const DeviceWeights weights = DeviceWeights::of(network, precision, place.device, products.multiprocessors);
    double total = 0.0;
    for (std::size_t i = 0; i < std::size(TimedWindows::kRows) && total <= enough; ++i) {
        const auto timed = [&]() -> Result<double> {
            try {
                SomeLayers layers(network, weights, TimedWindows::kRows[i], windows.attention[i], place);
                return layerSeconds(*place.ops, place.stream, 1, [&] { return layers.enqueue(); });
            } catch (const c10::OutOfMemoryError&) {
                throw; // for more than choosing
            } catch (const c10::Error& error) {
                return fail(ErrorCode::Internal, "A product failed.", error.what_without_backtrace());
            }
        };
        const Result<double> seconds = timed();
        if (!seconds) {
            found += " nothing: " + seconds.error().detail;
            return seconds;
        }
        total += *seconds;
        found += " " + microseconds(*seconds);
    }
    return total;
}

/// The faster of both products.
ProductChoice fastest(const TransformerShape& few, DevicePrecision precision, const DeviceDescription& card,
                      const AttentionPlace& place)
{
    // A near tie must not go one way today and the other tomorrow: pictures would differ.
    constexpr double kClearly = 1.05;
    constexpr double kAnyTime = std::numeric_limits<double>::infinity();
    const NetworkDescription network =
        randomNetwork(few, at::TensorOptions().dtype(at::kBFloat16).device(place.device), 1);
    TimedWindows windows;
    std::ranges::transform(TimedWindows::kRows, windows.attention,
                           [&](std::int64_t rows) { return attentionOf(few, rows, at::kBFloat16, place); });
    ProductChoice ours{card.multiprocessors, {}}, theirs;
    std::string found = "by our kernel passes of " + std::to_string(few.layers) + " layers take";
    const Result<double> oursTake = passSeconds(network, precision, ours, windows, kAnyTime, place, found);
    if (!oursTake) {
        theirs.reason = found;
        return theirs;
    }
    found += "; by libtorch's";
    // With int8 libtorch's takes up to two hundred times as long.
    const Result<double> theirsTake =
        passSeconds(network, precision, theirs, windows, kClearly * *oursTake, place, found);
    const bool isOurs = !theirsTake || kClearly * *oursTake < *theirsTake;
    ProductChoice chosen = isOurs ? ours : theirs;
    chosen.reason = found + ", at windows of 1, 16, 32, 64";
    return chosen;
}

} // namespace

Result<double> ownProductError(DevicePrecision precision, const AttentionPlace& place)
{
    constexpr std::int64_t kOut = 533, kIn = 1120;
    const c10::InferenceMode inference;
    const Result<DeviceDescription> card = describe(place);
    if (!card) {
        return tl::unexpected(card.error());
    }
    const DeviceMatrix matrix(waves({kOut, kIn}, 1.0), precision, place.device, card->multiprocessors);
    const at::Tensor weight = matrix.effective();
    const at::ScalarType type = realTypeOf(precision);
    double largest = 0.0;
    at::Tensor ofMore;
    for (const std::int64_t n : {100, 51, 32, 13, 2}) { // of the same rows, fewer each time
        const at::Tensor x = waves({n, kIn}, 2.0).to(type);
        const at::Tensor onDevice = x.to(place.device);
        const at::Tensor partials = at::empty({static_cast<std::int64_t>(matrix.partialFloats(n))},
                                              at::TensorOptions().dtype(at::kFloat).device(place.device));
        const auto made =
            matrix.multiply(onDevice, at::empty({n, kOut}, onDevice.options()), {place.ops, place.stream, partials});
        const Result<void> done = made ? wait(place) : tl::unexpected(made.error());
        if (!done) {
            return tl::unexpected(done.error());
        }
        const at::Tensor expected = at::mm(x.to(at::kDouble), weight.t());
        const at::Tensor error = (made->y.to(at::kCPU, at::kDouble) - expected).abs().max() / expected.abs().max();
        const auto size = error.item<double>();
        largest = largerError(largest, size);
        if (type == at::kFloat && ofMore.defined() && !at::equal(made->y, ofMore.narrow(0, 0, n))) {
            return std::numeric_limits<double>::infinity();
        }
        ofMore = made->y;
    }
    return largest;
}

Result<double> ownPassError(const TransformerShape& shape, DevicePrecision precision, const AttentionPlace& place)
{
    constexpr std::int64_t kRows = 5;
    const c10::InferenceMode inference;
    const Result<DeviceDescription> card = describe(place);
    if (!card) {
        return tl::unexpected(card.error());
    }
    const at::ScalarType type = realTypeOf(precision);
    const NetworkDescription network = randomNetwork(shape, at::TensorOptions().dtype(type).device(place.device), 1);
    const AttentionPath attention = attentionOf(shape, kRows, type, place);
    const DeviceWeights plainWeights = DeviceWeights::of(network, precision, place.device);
    const DeviceWeights ownWeights = DeviceWeights::of(network, precision, place.device, card->multiprocessors);
    SomeLayers plain(network, plainWeights, kRows, attention, place);
    SomeLayers own(network, ownWeights, kRows, attention, place);
    const auto expected = plain.logits([&] { return plain.enqueue(); });
    const auto found = own.logits([&] { return own.enqueue(); });
    if (!expected || !found) {
        return tl::unexpected(expected ? found.error() : expected.error());
    }
    PassGraph graph;
    if (auto recorded = graph.record(*place.ops, place.stream, [&] { return own.enqueue(); }); !recorded) {
        return tl::unexpected(recorded.error());
    }
    constexpr int kRepeats = 3;
    for (int i = 0; i < kRepeats; ++i) {
        const auto again = own.logits([&] { return graph.launch(); });
        if (!again) {
            return tl::unexpected(again.error());
        }
        if (!at::equal(*again, *found)) {
            return std::numeric_limits<double>::infinity();
        }
    }
    return ((*found - *expected).abs().max() / expected->abs().max()).item<double>();
}

ProductChoice chooseProducts(const TransformerShape& shape, DevicePrecision precision, const AttentionPlace& place)
{
    if (precision == DevicePrecision::Float64) {
        return {};
    }
    const bool isFloat32 = precision == DevicePrecision::Float32;
    const double allowedError = isFloat32 ? 1e-5 : 0.01; // rounding of the result to bfloat16, twice over
    const double allowedInPass = isFloat32 ? 1e-3 : 0.06;
    if (!place.device.is_cuda()) {
        return {0, "there is no such kernel for this device"};
    }
    try {
        const c10::InferenceMode inference;
        const Result<DeviceDescription> card = describe(place);
        if (!card) {
            return {0, "the card says nothing of itself: " + card.error().detail};
        }
        const TransformerShape few = fewLayers(shape, precision, *card);
        const Result<double> error = ownProductError(precision, place);
        const Result<double> inPass = error ? ownPassError(few, precision, place) : error;
        if (!inPass) {
            return {0, "our kernel failed: " + inPass.error().detail};
        }
        if (!(*error <= allowedError)) {
            return {0, "our kernel differs from the formula by " + std::to_string(*error)};
        }
        if (!(*inPass <= allowedInPass)) {
            return {0, "a pass by our kernel differs from libtorch's by " + std::to_string(*inPass)};
        }
        if (isFloat32) {
            return {card->multiprocessors, "by our kernel a position has the same logits in every window"};
        }
        return fastest(few, precision, *card, place);
    } catch (const c10::OutOfMemoryError&) {
        throw; // for more than choosing
    } catch (const c10::Error& error) {
        return {0, std::string("comparing failed: ") + error.what_without_backtrace()};
    }
}

} // namespace jacobi
