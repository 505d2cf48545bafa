// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/jsontext.h"

#include "core/base/limits.h"
#include "core/base/printable.h"

#include <new>
#include <set>
#include <vector>

namespace jacobi {
namespace {

// Watches the parser at work: counts values, and keeps the keys of each object that is still open.
class Watch {
public:
    explicit Watch(std::size_t maxValues) : m_maxValues(maxValues) {}

    const std::string& complaint() const { return m_complaint; }

    // The parser goes on after a false, so an object that is refused costs time, but no memory.
    bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& value)
    {
        using Event = nlohmann::json::parse_event_t;
        if (!m_complaint.empty()) {
            return false;
        }
        if (depth > kMaxJsonDepth) {
            m_complaint = "is nested too deeply";
        } else if (++m_values > m_maxValues) {
            m_complaint = "has too many entries";
        } else if (event == Event::object_start) {
            m_keys.emplace_back();
        } else if (event == Event::object_end) {
            m_keys.pop_back();
        } else if (event == Event::key && !m_keys.back().insert(value.get<std::string>()).second) {
            m_complaint = "has the key \"" + printable(value.get<std::string>(), 80) + "\" twice";
        }
        return m_complaint.empty();
    }

private:
    std::size_t m_maxValues;
    std::size_t m_values = 0;
    std::vector<std::set<std::string>> m_keys;
    std::string m_complaint;
};

} // namespace

Result<nlohmann::json> parseJson(std::string_view text, const std::string& what, std::size_t maxValues)
{
    if (const std::size_t at = text.find('\0'); at != std::string_view::npos) { // the parser would take it for the end
        return fail(ErrorCode::Corrupt,
                    what + " cannot be read: it is not JSON (byte " + std::to_string(at + 1) + ").");
    }
    try {
        Watch watch(maxValues);
        nlohmann::json json = nlohmann::json::parse(text.begin(), text.end(), std::ref(watch));
        if (!watch.complaint().empty()) {
            return fail(ErrorCode::Corrupt, what + " cannot be read: it " + watch.complaint() + ".");
        }
        return json;
    } catch (const nlohmann::json::parse_error& thrown) {
        return fail(ErrorCode::Corrupt,
                    what + " cannot be read: it is not JSON (byte " + std::to_string(thrown.byte) + ").",
                    thrown.what());
    } catch (const nlohmann::json::exception& thrown) {
        return fail(ErrorCode::Corrupt, what + " cannot be read: it holds a number that is too large.", thrown.what());
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "There is not enough memory to read JSON. Close other programs.", what);
    }
}

std::string jsonText(const nlohmann::json& json, int indent)
{
    return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string asciiJsonText(const nlohmann::json& json)
{
    return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

} // namespace jacobi
