// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/tracefile.h"

#include <QFile>
#include <QTemporaryDir>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace jacobi::test {

using Bytes = std::vector<std::byte>;

/// A folder of a test's own, gone after it.
class TestFolder {
public:
    std::filesystem::path file(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }

private:
    QTemporaryDir m_folder;
};

Bytes readFile(const std::filesystem::path& path);
void writeFile(const std::filesystem::path& path, const Bytes& bytes);
Bytes bytesOf(std::string_view text);
Bytes joined(std::initializer_list<Bytes> parts);

/// 2 x 3 positions, 5 codes, 2 pixels a patch: a picture of 6 x 4.
TraceLayout sampleLayout();
RunRequest sampleRequest(); ///< no field at its default
RunHeader sampleHeader();   ///< with colours

/// A pass over [begin, end) with every column filled, NaN among the floats.
Step sampleStep(std::uint32_t pass, std::uint32_t begin, std::uint32_t committedEnd, std::uint32_t end);
Preview samplePreview(std::uint32_t pass, std::uint32_t committedEnd, bool isFinal);
RunSummary sampleSummary();

/// Four passes, two pictures, a summary; small, for tests that go over every byte.
Trace sampleTrace();

/// The file of a trace.
Bytes traceBytes(const Trace& trace);

/// A whole record of any kind, its checksum right.
Bytes record(std::uint32_t kind, const Bytes& payload);

/// Where each record of a whole trace file ends, the magic first: found by the lengths alone.
std::vector<std::size_t> recordEnds(const Bytes& file);

/// What a trace holds as bytes, so that NaN equals itself: each of its values on its own, in file order.
std::vector<Bytes> valuesOf(const Trace& trace);

} // namespace jacobi::test
