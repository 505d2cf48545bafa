// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensorsheader.h"

#include "core/base/checkedmath.h"
#include "core/base/limits.h"
#include "core/base/printable.h"

#include <algorithm>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>

namespace jacobi {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";

std::optional<DType> dtypeFromName(std::string_view text)
{
    for (const DType dtype : {DType::Bool, DType::U8, DType::I8, DType::I16, DType::I32, DType::I64, DType::F16,
                              DType::BF16, DType::F32, DType::F64}) {
        if (name(dtype) == text) {
            return dtype;
        }
    }
    return std::nullopt;
}

Error corrupt(const std::string& shown, const std::string& why)
{
    return {ErrorCode::Corrupt, "\"" + shown + "\" is damaged: " + why + ". Get the file again.", {}};
}

// Takes the header event by event, so that memory grows with the tensors a file really lists and a key that comes
// twice is seen (a parsed JSON object would silently keep one of them).
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
public:
    explicit HeaderReader(const std::string& shown) : m_shown(shown) {}

    SafetensorsHeader& header() { return m_header; }
    const std::optional<Error>& error() const { return m_error; }

    bool null() override { return other("null"); }
    bool boolean(bool) override { return other("true or false"); }
    bool number_float(number_float_t, const string_t& text) override { return other(text.substr(0, 40)); }
    bool binary(binary_t&) override { return other("binary"); }

    bool number_integer(number_integer_t value) override { return other(std::to_string(value)); }

    bool number_unsigned(number_unsigned_t value) override
    {
        if (m_place == Place::Shape) {
            if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
                return refuse(about() + " has a dimension of " + std::to_string(value));
            }
            if (entry().shape.size() >= kMaxTensorRank) {
                return refuse(about() + " has more than " + std::to_string(kMaxTensorRank) + " dimensions");
            }
            entry().shape.push_back(static_cast<std::int64_t>(value));
            return true;
        }
        if (m_place == Place::Offsets) {
            if (m_offsets >= 2) {
                return refuse(about() + " has more than two data_offsets");
            }
            (m_offsets++ == 0 ? entry().begin : entry().end) = value;
            return true;
        }
        return other(std::to_string(value));
    }

    bool string(string_t& value) override
    {
        if (m_place == Place::Tensor && m_key == "dtype") {
            const std::optional<DType> dtype = dtypeFromName(value);
            if (!dtype) {
                m_error = Error{ErrorCode::Unsupported,
                                "\"" + m_shown + "\" cannot be used: " + about() + " has the number format \"" +
                                    printable(value, 40) + "\", which this program does not read.",
                                {}};
                return false;
            }
            entry().dtype = *dtype;
            return true;
        }
        if (m_place == Place::Metadata) {
            if (!m_header.metadata.emplace(m_key, value).second) {
                return refuse("its metadata has the key \"" + printable(m_key, 80) + "\" twice");
            }
            return true;
        }
        return other("a text");
    }

    bool start_object(std::size_t) override
    {
        if (!deeper()) {
            return false;
        }
        switch (m_place) {
        case Place::Outside: m_place = Place::Top; return true;
        case Place::Top: return m_key == kMetadataKey ? beginMetadata() : beginTensor();
        case Place::Ignored: return true;
        default: return skipOrRefuse("an object");
        }
    }

    bool end_object() override
    {
        --m_depth;
        switch (m_place) {
        case Place::Tensor: m_place = Place::Top; return finishTensor();
        case Place::Metadata: m_place = Place::Top; return true;
        case Place::Ignored: return leaveIgnored();
        default: return true;
        }
    }

    bool start_array(std::size_t) override
    {
        if (!deeper()) {
            return false;
        }
        if (m_place == Place::Tensor && m_key == "shape") {
            m_place = Place::Shape;
            return true;
        }
        if (m_place == Place::Tensor && m_key == "data_offsets") {
            m_place = Place::Offsets;
            return true;
        }
        return m_place == Place::Ignored || skipOrRefuse("a list");
    }

    bool end_array() override
    {
        --m_depth;
        if (m_place == Place::Ignored) {
            return leaveIgnored();
        }
        m_place = Place::Tensor;
        return true;
    }

    bool key(string_t& value) override
    {
        m_key = value;
        if (m_place == Place::Tensor) {
            const unsigned bit = value == "dtype" ? 1U : value == "shape" ? 2U : value == "data_offsets" ? 4U : 0U;
            if ((m_seen & bit) != 0) {
                return refuse(about() + " says " + value + " twice");
            }
            m_seen |= bit;
        }
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& thrown) override
    {
        m_error = corrupt(m_shown, "its header is not JSON (byte " + std::to_string(position) + ")");
        m_error->detail = thrown.what();
        return false;
    }

private:
    enum class Place { Outside, Top, Metadata, Tensor, Shape, Offsets, Ignored };

    TensorEntry& entry() { return m_header.entries.back(); }
    std::string about() { return "the tensor \"" + printable(entry().name, 200) + "\""; }

    bool refuse(const std::string& why)
    {
        m_error = corrupt(m_shown, why);
        return false;
    }

    bool deeper() { return ++m_depth <= kMaxJsonDepth || refuse("its header is nested too deeply"); }

    bool beginMetadata()
    {
        if (m_hasMetadata) {
            return refuse("it has two sections of metadata");
        }
        m_hasMetadata = true;
        m_place = Place::Metadata;
        return true;
    }

    bool beginTensor()
    {
        if (m_header.entries.size() >= kMaxTensors) {
            return refuse("it lists more than " + std::to_string(kMaxTensors) + " tensors");
        }
        m_header.entries.push_back({m_key, DType::F32, {}, 0, 0});
        m_seen = 0;
        m_offsets = 0;
        m_place = Place::Tensor;
        return true;
    }

    bool finishTensor()
    {
        if (m_seen != 7U) {
            return refuse(about() + " lacks its " +
                          ((m_seen & 1U) == 0   ? "dtype"
                           : (m_seen & 2U) == 0 ? "shape"
                                                : "data_offsets"));
        }
        if (m_offsets != 2) {
            return refuse(about() + " lacks a data offset");
        }
        const Result<std::uint64_t> bytes = tensorBytes(entry(), m_shown);
        if (!bytes) {
            m_error = bytes.error();
            return false;
        }
        if (entry().end < entry().begin) {
            return refuse(about() + " ends before it begins");
        }
        if (entry().end - entry().begin != *bytes) {
            return refuse(about() + " has " + std::to_string(entry().end - entry().begin) +
                          " bytes where its shape needs " + std::to_string(*bytes));
        }
        return true;
    }

    // A value of a key that the format does not know is passed over; anything else in the wrong place is a lie.
    bool other(const std::string& what)
    {
        if (m_place == Place::Ignored || isUnknownKey()) {
            return true;
        }
        return misplaced(what);
    }

    bool skipOrRefuse(const std::string& what)
    {
        if (!isUnknownKey()) {
            return misplaced(what);
        }
        m_place = Place::Ignored;
        m_ignoredDepth = m_depth;
        return true;
    }

    bool leaveIgnored()
    {
        if (m_depth < m_ignoredDepth) {
            m_place = Place::Tensor;
        }
        return true;
    }

    bool isUnknownKey() const
    {
        return m_place == Place::Tensor && m_key != "dtype" && m_key != "shape" && m_key != "data_offsets";
    }

    bool misplaced(const std::string& what)
    {
        switch (m_place) {
        case Place::Outside: return refuse("its header is " + what + ", not an object");
        case Place::Top:
            return refuse("its header has " + what + " where \"" + printable(m_key, 200) + "\" should be described");
        case Place::Metadata: return refuse("its metadata has " + what + " where a text should be");
        default: return refuse(about() + " has " + what + " in its " + printable(m_key, 200));
        }
    }

    const std::string& m_shown;
    SafetensorsHeader m_header;
    std::optional<Error> m_error;
    Place m_place = Place::Outside;
    std::string m_key;
    int m_depth = 0;
    int m_ignoredDepth = 0;
    unsigned m_seen = 0; ///< bits: dtype, shape, data_offsets of the tensor being read
    int m_offsets = 0;
    bool m_hasMetadata = false;
};

Result<void> checkUniqueNames(const std::vector<TensorEntry>& entries, const std::string& shown)
{
    std::vector<std::string_view> names;
    names.reserve(entries.size());
    for (const TensorEntry& entry : entries) {
        names.push_back(entry.name);
    }
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) {
        return tl::unexpected(corrupt(shown, "it has the tensor \"" + printable(*twice, 200) + "\" twice"));
    }
    return {};
}

} // namespace

Result<std::uint64_t> tensorBytes(const TensorEntry& entry, const std::string& shown)
{
    std::optional<std::uint64_t> bytes = byteSize(entry.dtype);
    for (const std::int64_t dimension : entry.shape) {
        bytes = dimension < 0 ? std::nullopt : checkedMultiply(*bytes, static_cast<std::uint64_t>(dimension));
        if (!bytes) {
            return tl::unexpected(
                corrupt(shown, "the size of the tensor \"" + printable(entry.name, 200) + "\" is beyond all bounds"));
        }
    }
    return *bytes;
}

Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json, const std::string& shown)
{
    if (json.empty() || json.front() != '{') {
        return tl::unexpected(corrupt(shown, "its header does not begin with \"{\""));
    }
    if (json.find('\0') != std::string_view::npos) { // the parser would take it for the end
        return tl::unexpected(corrupt(shown, "its header is not JSON"));
    }
    try {
        HeaderReader reader(shown);
        const bool parsed = nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
        if (reader.error()) {
            return tl::unexpected(*reader.error());
        }
        if (!parsed) {
            return tl::unexpected(corrupt(shown, "its header is not JSON"));
        }
        if (auto unique = checkUniqueNames(reader.header().entries, shown); !unique) {
            return tl::unexpected(unique.error());
        }
        return std::move(reader.header());
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to read the header of \"" + shown + "\".");
    }
}

} // namespace jacobi
