// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/runrecorder.h"

#include "core/trace/picturefile.h"

#include <array>
#include <ctime>
#include <string>
#include <system_error>
#include <utility>

namespace jacobi {
namespace fs = std::filesystem;
namespace {

std::string localTime()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &parts);
    return text.data();
}

/// Of a picture behind the first; "-2" names another run.
std::string endingOf(std::uint32_t item)
{
    const std::string number = std::to_string(item);
    return (number.size() == 1 ? ".0" : ".") + number + ".png"; // files in the order of their names are in that of the batch
}

} // namespace

std::string RunRecorder::freeName(const fs::path& folder, std::uint64_t seed)
{
    const std::string base = localTime() + "-" + std::to_string(seed);
    std::string name = base;
    std::error_code ignored;
    for (int number = 2; fs::exists(folder / (name + ".jtrace"), ignored); ++number) {
        name = base + "-" + std::to_string(number);
    }
    return name;
}

RunRecorder::RunRecorder(const fs::path& folder, const RunRequest& request, std::function<void(const Error&)> onError)
    : m_onError(std::move(onError))
{
    open(folder, request.seed);
}

void RunRecorder::open(const fs::path& folder, std::uint64_t seed)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        tell({ErrorCode::Io,
              "The folder for results, \"" + folder.string() + "\", cannot be made: " + error.message() +
                  ". This run will not be kept; save its picture yourself.",
              {}});
        return;
    }
    m_target = folder / (freeName(folder, seed) + ".jtrace");
    Result<std::unique_ptr<TraceWriter>> writer = TraceWriter::create(m_target);
    if (!writer) {
        tell(writer.error());
        return;
    }
    m_writer = std::move(*writer);
}

void RunRecorder::tell(const Error& error)
{
    if (m_onError) {
        std::exchange(m_onError, nullptr)(error);
    }
}

void RunRecorder::checkTrace()
{
    if (m_writer != nullptr) {
        if (const std::optional<Error> error = m_writer->error()) {
            m_writer.reset();
            tell(*error);
        }
    }
}

void RunRecorder::header(const std::shared_ptr<const RunHeader>& header)
{
    m_header = header;
    if (m_writer != nullptr) {
        m_writer->header(header);
        m_tracePath = m_target; // From here on there is something to look at, even if the disk fills up.
        checkTrace();
    }
}

void RunRecorder::step(const std::shared_ptr<const Step>& step)
{
    if (m_writer != nullptr) {
        m_writer->step(step);
        checkTrace();
    }
}

void RunRecorder::preview(const std::shared_ptr<const Preview>& preview)
{
    m_pictures[preview->item] = preview;
    if (m_writer != nullptr) {
        m_writer->preview(preview);
        checkTrace();
    }
}

std::int64_t RunRecorder::previewNs(std::uint32_t width, std::uint32_t height) const
{
    return m_writer != nullptr ? m_writer->previewNs(width, height) : 0;
}

void RunRecorder::summary(const RunSummary& summary)
{
    if (m_writer != nullptr) {
        m_writer->summary(summary);
        checkTrace();
        m_writer.reset(); // A run that never began leaves no file.
    }
    if (m_header == nullptr || m_target.empty()) {
        return;
    }
    for (const auto& [item, picture] : m_pictures) {
        fs::path path = fs::path(m_target).replace_extension();
        path += item == 0 ? ".png" : endingOf(item);
        if (const Result<void> saved = savePicture(path, *picture, nullptr, m_header.get(), true); !saved) {
            tell(saved.error());
            return;
        }
        if (item == 0) {
            m_picturePath = path;
        }
    }
}

} // namespace jacobi
