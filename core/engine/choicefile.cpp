// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/choicefile.h"

#include "core/io/atomicfile.h"
#include "core/io/filelock.h"
#include "core/io/inputfile.h"
#include "core/io/jsonfields.h"
#include "core/io/jsontext.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace jacobi {
namespace {

constexpr const char* kWhat = "The remembered measurements";
constexpr const char* kKey = "for";
constexpr std::size_t kMostChoices = 500;

auto hasKey(const nlohmann::json& key)
{
    return [&key](const nlohmann::json& choice) { return choice[kKey] == key; };
}

} // namespace

ChoiceFile::ChoiceFile(std::filesystem::path file, std::uint64_t mostBytes)
    : m_file(std::move(file)), m_mostBytes(mostBytes), m_choices(read())
{
}

ChoiceFile::Choices ChoiceFile::read() const
{
    if (m_file.empty()) {
        return {};
    }
    const auto bytes = readWholeFile(m_file, m_mostBytes);
    if (!bytes) {
        return {};
    }
    const auto json = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, kWhat);
    if (!json) {
        return {};
    }
    Choices choices;
    JsonFields fields(*json, kWhat);
    fields.list("choices", kMostChoices, [&](const nlohmann::json& entry) {
        if (entry.is_object() && entry.contains(kKey) && entry[kKey].is_object()) {
            choices.push_back(entry);
        }
    });
    return choices;
}

const nlohmann::json* ChoiceFile::find(const nlohmann::json& key) const
{
    const auto found = std::ranges::find_if(m_choices, hasKey(key));
    return found == m_choices.end() ? nullptr : &*found;
}

void ChoiceFile::put(const nlohmann::json& key, nlohmann::json choice)
{
    std::erase_if(m_choices, hasKey(key));
    choice[kKey] = key;
    m_choices.push_back(std::move(choice));
    if (m_choices.size() > kMostChoices) {
        const auto surplus = static_cast<std::ptrdiff_t>(m_choices.size() - kMostChoices);
        m_choices.erase(m_choices.begin(), m_choices.begin() + surplus);
    }
}

/// The file's choices as they are now; what only this program knows, because writing it failed, becomes the oldest.
void ChoiceFile::takeOthers()
{
    Choices all = read();
    std::erase_if(m_choices, [&all](const nlohmann::json& own) { return std::ranges::any_of(all, hasKey(own[kKey])); });
    m_choices.insert(m_choices.end(), std::make_move_iterator(all.begin()), std::make_move_iterator(all.end()));
}

Result<void> ChoiceFile::remember(const nlohmann::json& key, nlohmann::json choice)
{
    if (m_file.empty()) {
        put(key, std::move(choice));
        return {};
    }
    std::error_code ignored; // The write tells.
    std::filesystem::create_directories(m_file.parent_path(), ignored);
    const FolderLock lock(m_file.parent_path());
    takeOthers();
    put(key, std::move(choice));
    return writeFileAtomically(m_file, jsonText({{"schema", 1}, {"choices", m_choices}}, 1) + "\n");
}

} // namespace jacobi
