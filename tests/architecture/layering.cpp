// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/architecture/layering.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

namespace jacobi::test {
namespace {

/// What the sources of a folder may include. The first row whose folder is a prefix of the file's path counts.
struct Layer {
    std::string_view folder;
    std::vector<std::string_view> project;  ///< folders, or single headers, of the project
    std::vector<std::string_view> packages; ///< beside the standard library and the system
};

const std::vector<Layer>& layers()
{
    // Values only; the one header of the engine that whoever does not link libtorch may see.
    constexpr std::string_view kBackend = "core/engine/backend.h";
    constexpr std::string_view kGuard = "core/engine/guard.h"; // where libtorch's exceptions end
    static const std::vector<Layer> table = {
        {"core/base/", {"core/base/"}, {"expected"}},
        {"core/io/", {"core/base/", "core/io/"}, {"expected", "json", "png"}},
        {"core/trace/", {"core/base/", "core/io/", "core/trace/"}, {"expected", "json"}},
        {"core/text/", {"core/base/", "core/io/", "core/text/"}, {"expected", "json", "pcre2", "sentencepiece"}},
        {"core/decode/", {"core/base/", "core/trace/", "core/decode/"}, {"expected", "torch"}},
        {"core/engine/",
         {"core/base/", "core/io/", "core/trace/", "core/text/", "core/decode/", "core/cuda/", "core/device/",
          "core/engine/"},
         {"expected", "json", "torch"}},
        {"core/cuda/", {"core/base/", "core/trace/step.h", "core/decode/", "core/cuda/"}, {"expected", "cuda"}},
        {"core/device/",
         {"core/base/", "core/trace/", "core/decode/", "core/cuda/", "core/device/"},
         {"expected", "torch"}},
        {"models/training/",
         {"core/base/", "core/io/", "core/trace/", "core/text/", "core/decode/", kBackend, kGuard, "models/"},
         {"expected", "json", "torch"}},
        {"models/flowtraining/",
         {"core/base/", "core/io/", "core/trace/", "core/text/", "core/decode/", kBackend, "models/"},
         {"expected", "json", "torch"}},
        {"models/judge/",
         {"core/base/", "core/io/", "core/trace/", "core/text/", "core/decode/", kBackend, "models/"},
         {"expected", "json", "torch"}},
        {"models/families/", {"core/", "models/"}, {"expected", "json", "torch"}},
        {"models/backend.", {"core/", "models/"}, {"expected", "json", "torch"}},
        {"models/",
         {"core/base/", "core/io/", "core/trace/", "core/text/", "core/decode/", "core/device/", "models/"},
         {"expected", "json", "torch"}},
        {"widgets/", {"core/base/", "core/trace/", "widgets/"}, {"expected", "qt", "qcustomplot"}},
        {"app/studio/",
         {"core/base/", "core/io/", "core/trace/", "core/text/", kBackend, "widgets/", "app/shared/", "app/studio/"},
         {"expected", "json", "qt", "qcustomplot", "cli11"}},
        {"app/",
         {"core/base/", "core/io/", "core/trace/", "core/text/", kBackend, "app/shared/", "app/cli/"},
         {"expected", "json", "cli11"}},
    };
    return table;
}

const Layer* layerOf(std::string_view path)
{
    const auto found =
        std::ranges::find_if(layers(), [&](const Layer& layer) { return path.starts_with(layer.folder); });
    return found == layers().end() ? nullptr : &*found;
}

bool startsWithAny(std::string_view text, const std::vector<std::string_view>& prefixes)
{
    return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return text.starts_with(prefix); });
}

/// Which package a header belongs to; empty for the standard library and the system.
std::string packageOf(std::string_view header)
{
    static const std::vector<std::pair<std::string_view, std::string>> prefixes = {
        {"ATen/", "torch"},
        {"c10/", "torch"},
        {"torch/", "torch"},
        {"caffe2/", "torch"},
        {"qcustomplot", "qcustomplot"},
        {"CLI/", "cli11"},
        {"nlohmann/", "json"},
        {"tl/", "expected"},
        {"png", "png"},
        {"pcre2", "pcre2"},
        {"sentencepiece", "sentencepiece"},
        {"cuda", "cuda"},
        {"cublas", "cuda"},
        {"cub/", "cuda"},
        {"thrust/", "cuda"},
        {"sys/", ""},
        {"linux/", ""},
        {"netinet/", ""},
        {"arpa/", ""},
    };
    for (const auto& [prefix, package] : prefixes) {
        if (header.starts_with(prefix)) {
            return package;
        }
    }
    if (header.size() > 1 && header[0] == 'Q' && std::isupper(static_cast<unsigned char>(header[1]))) {
        return "qt";
    }
    if (header.starts_with("Qt")) {
        return "qt";
    }
    return header.find('/') == std::string_view::npos ? std::string() : std::string(header);
}

struct Include {
    std::string header;
    bool quoted = false;
};

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<Include> includesOf(std::string_view text)
{
    std::vector<Include> includes;
    for (std::string_view line : linesOf(text)) {
        line = trimmed(line);
        if (!line.starts_with('#')) {
            continue;
        }
        line = trimmed(line.substr(1));
        if (!line.starts_with("include")) {
            continue;
        }
        line = trimmed(line.substr(7));
        const char close = line.starts_with('<') ? '>' : '"';
        const auto end = line.find(close, 1);
        if (!line.empty() && end != std::string_view::npos) {
            includes.push_back({std::string(line.substr(1, end - 1)), close == '"'});
        }
    }
    return includes;
}

std::string folderOf(std::string_view path)
{
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash + 1));
}

/// A file's includes, told apart.
struct Parsed {
    const SourceFile* file = nullptr;
    std::string code;                 ///< without comments
    std::vector<std::string> project; ///< paths of the project's headers
    std::vector<std::string> packages;
    std::vector<std::string> missing; ///< quoted headers that the project does not have
};

bool isWordCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// Case counts for neither; "scenes" is found in "ScenesModel", not in "obscenest".
bool namesFamily(std::string_view code, std::string_view family)
{
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    auto from = code.begin();
    while (true) {
        const auto at = std::search(from, code.end(), family.begin(), family.end(), same);
        if (at == code.end()) {
            return false;
        }
        const bool startsWord = at == code.begin() || !isWordCharacter(at[-1]) || std::isupper(*at);
        if (startsWord) {
            return true;
        }
        from = at + 1;
    }
}

class Checker {
public:
    Checker(const std::vector<SourceFile>& sources, const std::vector<std::string>& families) : m_families(families)
    {
        std::set<std::string> paths;
        for (const SourceFile& file : sources) {
            paths.insert(file.path);
        }
        for (const SourceFile& file : sources) {
            m_parsed.emplace(file.path, parse(file, paths));
        }
    }

    std::vector<std::string> check()
    {
        for (const auto& [path, parsed] : m_parsed) {
            checkLicence(path, parsed.file->text);
            checkText(path, parsed);
            if (const Layer* layer = layerOf(path)) {
                checkIncludes(path, parsed, *layer);
                checkReach(path, *layer);
            } else if (!path.starts_with("tests/")) {
                report(path, "lies in a folder that the table of layers does not have");
            }
        }
        return std::move(m_found);
    }

private:
    static Parsed parse(const SourceFile& file, const std::set<std::string>& paths)
    {
        Parsed parsed;
        parsed.file = &file;
        parsed.code = withoutComments(file.text);
        for (const Include& include : includesOf(parsed.code)) {
            const std::string beside = folderOf(file.path) + include.header;
            if (paths.contains(include.header)) {
                parsed.project.push_back(include.header);
            } else if (include.quoted && paths.contains(beside)) {
                parsed.project.push_back(beside);
            } else if (const std::string package = packageOf(include.header); !package.empty() && !include.quoted) {
                parsed.packages.push_back(package);
            } else if (include.quoted && !include.header.ends_with(".moc")) {
                parsed.missing.push_back(include.header);
            }
        }
        return parsed;
    }

    void report(const std::string& path, const std::string& sentence) { m_found.push_back(path + ": " + sentence); }

    void checkLicence(const std::string& path, std::string_view text)
    {
        const std::string_view top = text.substr(0, 400);
        if (top.find("SPDX-FileCopyrightText: ") == std::string_view::npos ||
            top.find("SPDX-License-Identifier: ") == std::string_view::npos) {
            report(path, "does not begin with its SPDX lines");
        }
    }

    void checkText(const std::string& path, const Parsed& parsed)
    {
        if (path.starts_with("tests/architecture/")) {
            return; // The examples that the checker itself is tried on.
        }
        static constexpr std::array kBanned = {"torch::load", "torch::jit", "pickle_load", "torch/torch.h"};
        for (const std::string_view banned : kBanned) {
            if (parsed.code.find(banned) != std::string::npos) {
                report(path, "uses " + std::string(banned));
            }
        }
        static constexpr std::array kFolders = {"\"/home/", "\"/root/", "\"/work/", "\"/Users/", "\"/mnt/"};
        for (const std::string_view folder : kFolders) {
            if (parsed.file->text.find(folder) != std::string::npos) {
                report(path, "names a folder of somebody's machine: " + std::string(folder.substr(1)));
            }
        }
        if (path.starts_with("core/")) {
            for (const std::string& family : m_families) {
                if (namesFamily(parsed.code, family)) {
                    report(path, "names the model family " + family);
                }
            }
        }
    }

    void checkIncludes(const std::string& path, const Parsed& parsed, const Layer& layer)
    {
        for (const std::string& header : parsed.project) {
            if (!startsWithAny(header, layer.project)) {
                report(path, "may not include " + header);
            }
        }
        for (const std::string& package : parsed.packages) {
            const bool kernel = path.ends_with(".cu") && package == "torch";
            if (kernel || std::ranges::find(layer.packages, package) == layer.packages.end()) {
                report(path, "may not include headers of " + package);
            }
        }
        for (const std::string& header : parsed.missing) {
            report(path, "includes " + header + ", which the project does not have");
        }
    }

    /// libtorch and Qt may not come in through a header of the project either.
    void checkReach(const std::string& path, const Layer& layer)
    {
        for (const char* package : {"torch", "qt"}) {
            const bool kernel = path.ends_with(".cu");
            if (!kernel && std::ranges::find(layer.packages, package) != layer.packages.end()) {
                continue;
            }
            for (const std::string& header : m_parsed.at(path).project) {
                std::set<std::string> seen;
                if (reaches(header, package, seen)) {
                    report(path, "gets headers of " + std::string(package) + " through " + header);
                }
            }
        }
    }

    bool reaches(const std::string& path, const std::string& package, std::set<std::string>& seen) const
    {
        if (!seen.insert(path).second) {
            return false;
        }
        const Parsed& parsed = m_parsed.at(path);
        return std::ranges::find(parsed.packages, package) != parsed.packages.end() ||
               std::ranges::any_of(parsed.project,
                                   [&](const std::string& header) { return reaches(header, package, seen); });
    }

    const std::vector<std::string>& m_families;
    std::map<std::string, Parsed> m_parsed;
    std::vector<std::string> m_found;
};

/// Where the literal that begins at `at` (a quote) ends: the place after its closing quote.
std::size_t afterLiteral(std::string_view text, std::size_t at)
{
    if (text[at] == '"' && at > 0 && text[at - 1] == 'R') {
        const auto open = text.find('(', at);
        if (open != std::string_view::npos) {
            const std::string close = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
            const auto end = text.find(close, open);
            return end == std::string_view::npos ? text.size() : end + close.size();
        }
    }
    for (std::size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == text[at]) {
            return i + 1;
        }
    }
    return at + 1;
}

} // namespace

std::string withoutComments(std::string_view text)
{
    std::string code;
    std::size_t i = 0;
    while (i < text.size()) {
        const std::string_view rest = text.substr(i);
        if (rest.starts_with("//")) {
            i = std::min(text.find('\n', i), text.size());
        } else if (rest.starts_with("/*")) {
            const auto end = text.find("*/", i + 2);
            const auto stop = end == std::string_view::npos ? text.size() : end + 2;
            code.append(static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(i),
                                                            text.begin() + static_cast<std::ptrdiff_t>(stop), '\n')),
                        '\n');
            i = stop;
        } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !isWordCharacter(text[i - 1])))) {
            const std::size_t end = afterLiteral(text, i);
            code += text.substr(i, end - i);
            i = end;
        } else {
            code += text[i++];
        }
    }
    return code;
}

std::vector<std::string> violations(const std::vector<SourceFile>& sources, const std::vector<std::string>& families)
{
    return Checker(sources, families).check();
}

} // namespace jacobi::test
