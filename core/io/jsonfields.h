// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jacobi {

/// Takes typed values out of a JSON object and keeps the first thing that is wrong, in words that name the key:
///
///     JsonFields fields(json, "model.json");
///     fields.text("name", manifest.name);
///     fields.whole("rows", manifest.rows, 1, 1024);
///     if (fields.error()) ...
///
/// A missing key is wrong where it is required, else the variable keeps its value. After the first error nothing more
/// is read. The JSON must outlive it.
class JsonFields {
public:
    enum class Missing { Refused, Kept };

    /// `what` begins the sentences: "model.json: the key \"name\" ..."
    JsonFields(const nlohmann::json& json, std::string what, Missing missing = Missing::Refused,
               ErrorCode code = ErrorCode::Corrupt);

    void text(const char* key, std::string& value, std::size_t maxBytes = 65'536);
    void number(const char* key, double& value, double least, double most);
    void boolean(const char* key, bool& value);
    void texts(const char* key, std::vector<std::string>& values, std::size_t maxCount, std::size_t maxBytes);

    /// A whole number within [least, most].
    template <class T>
    void whole(const char* key, T& value, T least = std::numeric_limits<T>::min(),
               T most = std::numeric_limits<T>::max())
    {
        if (const nlohmann::json* found = find(key)) {
            if (const std::optional<T> number = asWhole<T>(*found); number && *number >= least && *number <= most) {
                value = *number;
            } else {
                refuse(key, "must be a whole number between " + std::to_string(least) + " and " + std::to_string(most));
            }
        }
    }

    /// A nested object or list, read by `read` (not called where the key is missing and may be).
    void object(const char* key, const std::function<void(const nlohmann::json&)>& read);
    void list(const char* key, std::size_t maxCount, const std::function<void(const nlohmann::json&)>& read);

    /// For checks of one's own.
    void refuse(const std::string& key, const std::string& why);
    void adopt(const std::optional<Error>& error);

    const std::optional<Error>& error() const { return m_error; }

private:
    const nlohmann::json* find(const char* key);

    template <class T>
    static std::optional<T> asWhole(const nlohmann::json& json)
    {
        if (json.is_number_unsigned()) {
            const auto value = json.get<std::uint64_t>();
            return std::in_range<T>(value) ? std::optional<T>(static_cast<T>(value)) : std::nullopt;
        }
        if (json.is_number_integer()) {
            const auto value = json.get<std::int64_t>();
            return std::in_range<T>(value) ? std::optional<T>(static_cast<T>(value)) : std::nullopt;
        }
        return std::nullopt;
    }

    const nlohmann::json& m_json;
    std::string m_what;
    Missing m_missing;
    ErrorCode m_code;
    std::optional<Error> m_error;
};

} // namespace jacobi
