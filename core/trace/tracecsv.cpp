// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/tracecsv.h"

#include "core/io/atomicfile.h"
#include "core/trace/tokenstatename.h"

#include <charconv>
#include <cmath>

namespace jacobi {
namespace {

template <class T>
void appendNumber(std::string& text, T value)
{
    char buffer[40];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
    text.append(buffer, end.ptr);
}

void appendUnlessNaN(std::string& text, float value)
{
    if (!std::isnan(value)) {
        appendNumber(text, value);
    }
}

void appendFloat(std::string& text, const std::vector<float>& column, std::size_t at)
{
    text += ',';
    if (!column.empty()) {
        appendUnlessNaN(text, column[at]);
    }
}

void appendMilliseconds(std::string& text, std::int64_t nanoseconds)
{
    text += ',';
    appendNumber(text, static_cast<double>(nanoseconds) / 1e6);
}

void appendCode(std::string& text, const std::vector<std::int32_t>& column, std::size_t at)
{
    text += ',';
    if (!column.empty() && column[at] >= 0) {
        appendNumber(text, column[at]);
    }
}

void appendCandidates(std::string& text, const std::vector<Candidates>& column, std::size_t at)
{
    text += ',';
    if (column.empty()) {
        return;
    }
    bool isFirst = true;
    for (const Candidate& candidate : column[at]) {
        if (candidate.code >= 0) {
            text += isFirst ? "" : " ";
            isFirst = false;
            appendNumber(text, candidate.code);
            text += ':';
            appendUnlessNaN(text, candidate.p);
            text += ':';
            appendUnlessNaN(text, candidate.q);
        }
    }
}

void appendPlace(std::string& text, const Step& step)
{
    for (const std::uint32_t value : {step.item, step.pass, step.lane, step.segment}) {
        appendNumber(text, value);
        text += ',';
    }
}

void appendTimes(std::string& text, const Step& step)
{
    for (const std::int64_t nanoseconds : {step.forwardNs, step.samplingNs, step.otherNs}) {
        appendMilliseconds(text, nanoseconds);
    }
}

/// Of a pass without positions, which took its time all the same: without it a sum over passes would be too small.
void appendBareRow(std::string& text, const Step& step)
{
    appendPlace(text, step);
    text += ",0,,,,,,,,,"; // position; committed; token to noise_level
    appendTimes(text, step);
    text += ",\r\n";
}

void appendRow(std::string& text, const Step& step, std::size_t at)
{
    const std::uint32_t position = step.begin + static_cast<std::uint32_t>(at);
    appendPlace(text, step);
    appendNumber(text, position);
    text += ',';
    text += position < step.committedEnd ? '1' : '0';
    appendCode(text, step.token, at);
    text += ',';
    text += step.state.empty() ? std::string_view() : name(step.state[at]);
    appendCode(text, step.draft, at);
    for (const std::vector<float>* column :
         {&step.p, &step.q, &step.u, &step.entropy, &step.residual, &step.noiseLevel}) {
        appendFloat(text, *column, at);
    }
    appendTimes(text, step);
    appendCandidates(text, step.topK, at);
    text += "\r\n";
}

} // namespace

std::string traceCsvHeader()
{
    return "item,pass,lane,segment,position,committed,token,state,draft,p,q,u,entropy,residual,noise_level,forward_ms,"
           "sampling_ms,other_ms,candidates\r\n";
}

std::string traceCsvRows(const Step& step)
{
    std::string text;
    if (step.end == step.begin) {
        appendBareRow(text, step);
    }
    for (std::size_t at = 0; at < step.end - step.begin; ++at) {
        appendRow(text, step, at);
    }
    return text;
}

Result<void> writeTraceCsv(const std::filesystem::path& path, const Trace& trace)
{
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return tl::unexpected(file.error());
    }
    std::string text = traceCsvHeader();
    for (const auto& step : trace.steps) {
        if (auto written = file->write(std::as_bytes(std::span(text))); !written) {
            return written;
        }
        text = traceCsvRows(*step);
    }
    if (auto written = file->write(std::as_bytes(std::span(text))); !written) {
        return written;
    }
    return file->commit();
}

} // namespace jacobi
