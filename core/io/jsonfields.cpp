// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/jsonfields.h"

#include <cstdio>

namespace jacobi {
namespace {

std::string shortNumber(double value)
{
    char text[40];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

} // namespace

JsonFields::JsonFields(const nlohmann::json& json, std::string what, Missing missing, ErrorCode code)
    : m_json(json), m_what(std::move(what)), m_missing(missing), m_code(code)
{
    if (!json.is_object()) {
        m_error = Error{m_code, m_what + " cannot be used: it is not a JSON object.", {}};
    }
}

void JsonFields::refuse(const std::string& key, const std::string& why)
{
    if (!m_error) {
        m_error = Error{m_code, m_what + " cannot be used: \"" + key + "\" " + why + ".", {}};
    }
}

void JsonFields::adopt(const std::optional<Error>& error)
{
    if (!m_error) {
        m_error = error;
    }
}

const nlohmann::json* JsonFields::find(const char* key)
{
    if (m_error) {
        return nullptr;
    }
    const auto found = m_json.find(key);
    if (found != m_json.end()) {
        return &*found;
    }
    if (m_missing == Missing::Refused) {
        refuse(key, "is missing");
    }
    return nullptr;
}

void JsonFields::text(const char* key, std::string& value, std::size_t maxBytes)
{
    if (const nlohmann::json* found = find(key)) {
        if (!found->is_string()) {
            refuse(key, "must be a text");
        } else if (found->get_ref<const std::string&>().size() > maxBytes) {
            refuse(key, "is longer than " + std::to_string(maxBytes) + " bytes");
        } else {
            value = found->get<std::string>();
        }
    }
}

void JsonFields::number(const char* key, double& value, double least, double most)
{
    if (const nlohmann::json* found = find(key)) {
        const double number = found->is_number() ? found->get<double>() : 0.0;
        if (!found->is_number() || !(number >= least && number <= most)) {
            refuse(key, "must be a number between " + shortNumber(least) + " and " + shortNumber(most));
        } else {
            value = number;
        }
    }
}

void JsonFields::boolean(const char* key, bool& value)
{
    if (const nlohmann::json* found = find(key)) {
        if (found->is_boolean()) {
            value = found->get<bool>();
        } else {
            refuse(key, "must be true or false");
        }
    }
}

void JsonFields::texts(const char* key, std::vector<std::string>& values, std::size_t maxCount, std::size_t maxBytes)
{
    const std::string wanted = "must hold texts of 1 to " + std::to_string(maxBytes) + " bytes";
    std::vector<std::string> taken;
    list(key, maxCount, [&](const nlohmann::json& entry) {
        if (!entry.is_string() || entry.get_ref<const std::string&>().empty() ||
            entry.get_ref<const std::string&>().size() > maxBytes) {
            refuse(key, wanted);
        } else {
            taken.push_back(entry.get<std::string>());
        }
    });
    if (!m_error && m_json.contains(key)) {
        values = std::move(taken);
    }
}

void JsonFields::object(const char* key, const std::function<void(const nlohmann::json&)>& read)
{
    if (const nlohmann::json* found = find(key)) {
        if (found->is_object()) {
            read(*found);
        } else {
            refuse(key, "must be an object");
        }
    }
}

void JsonFields::list(const char* key, std::size_t maxCount, const std::function<void(const nlohmann::json&)>& read)
{
    const nlohmann::json* found = find(key);
    if (found == nullptr) {
        return;
    }
    if (!found->is_array() || found->size() > maxCount) {
        refuse(key, "must be a list of at most " + std::to_string(maxCount) + " entries");
        return;
    }
    for (const nlohmann::json& entry : *found) {
        if (m_error) {
            return;
        }
        read(entry);
    }
}

} // namespace jacobi
