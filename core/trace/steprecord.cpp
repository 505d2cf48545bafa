// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/bytewriter.h"
#include "core/trace/tracerecords.h"

#include <type_traits>

namespace jacobi {
namespace {

/// What an entry of a column is. The numbers are part of the trace file.
enum class ColumnType : std::uint16_t { U8 = 1, I32 = 2, F32 = 3, Candidates = 4 };

constexpr std::size_t kFixedBytes = 7 * sizeof(std::uint32_t) + 3 * sizeof(std::int64_t);
constexpr std::size_t kCandidateBytes = 12; // code, p, q
static_assert(sizeof(Candidate) == kCandidateBytes && std::is_trivially_copyable_v<Candidates>);
static_assert(sizeof(Candidates) == 8 * kCandidateBytes);

template <class T>
constexpr ColumnType columnType()
{
    if constexpr (std::is_same_v<T, TokenState>) {
        return ColumnType::U8;
    } else if constexpr (std::is_same_v<T, std::int32_t>) {
        return ColumnType::I32;
    } else if constexpr (std::is_same_v<T, float>) {
        return ColumnType::F32;
    } else {
        static_assert(std::is_same_v<T, Candidates>);
        return ColumnType::Candidates;
    }
}

// Every column with its id; the ids are part of the trace file.
template <class StepType, class Visit>
void visitColumns(StepType& step, Visit&& visit)
{
    visit(1, step.token);
    visit(2, step.state);
    visit(3, step.p);
    visit(4, step.q);
    visit(5, step.u);
    visit(6, step.entropy);
    visit(7, step.residual);
    visit(8, step.noiseLevel);
    visit(9, step.topK);
    visit(10, step.draft);
}

tl::unexpected<Error> damaged(const std::string& what)
{
    return fail(ErrorCode::Corrupt, "The trace is damaged.", what);
}

struct ColumnHead {
    std::uint16_t id = 0;
    std::uint16_t type = 0;
    std::uint32_t bytes = 0;
};

// Fills the column that the head names, if it is one this version knows.
Result<void> takeColumn(Step& step, const ColumnHead& head, std::span<const std::byte> data, std::uint64_t count)
{
    std::string problem;
    visitColumns(step, [&](std::uint16_t id, auto& column) {
        using T = typename std::decay_t<decltype(column)>::value_type;
        if (id != head.id) {
            return;
        }
        if (head.type != static_cast<std::uint16_t>(columnType<T>()) || data.size() != count * sizeof(T)) {
            problem = "column " + std::to_string(id) + " has another type or length than it should";
        } else if (!column.empty()) {
            problem = "column " + std::to_string(id) + " comes twice";
        } else if (count > 0) {
            column.resize(static_cast<std::size_t>(count));
            std::memcpy(column.data(), data.data(), data.size());
        }
    });
    if (!problem.empty()) {
        return damaged(problem);
    }
    return {};
}

} // namespace

Result<std::vector<std::byte>> encodeStep(const Step& step, const TraceLayout& layout)
{
    if (auto checked = checkStep(step, layout); !checked) {
        return tl::unexpected(checked.error());
    }
    ByteWriter out;
    for (const std::uint32_t value :
         {step.item, step.pass, step.lane, step.segment, step.begin, step.end, step.committedEnd}) {
        out.write(value);
    }
    for (const std::int64_t value : {step.forwardNs, step.samplingNs, step.otherNs}) {
        out.write(value);
    }
    std::uint16_t columns = 0;
    visitColumns(step, [&](std::uint16_t, const auto& column) {
        columns = static_cast<std::uint16_t>(columns + !column.empty());
    });
    out.write(columns);
    visitColumns(step, [&](std::uint16_t id, const auto& column) {
        using T = typename std::decay_t<decltype(column)>::value_type;
        if (!column.empty()) {
            out.write(id);
            out.write(static_cast<std::uint16_t>(columnType<T>()));
            out.write(static_cast<std::uint32_t>(column.size() * sizeof(T)));
            out.append(std::as_bytes(std::span(column)));
        }
    });
    return out.take();
}

Result<Step> decodeStep(std::span<const std::byte> payload, const TraceLayout& layout)
{
    ByteReader reader(payload);
    Step step;
    for (std::uint32_t* value :
         {&step.item, &step.pass, &step.lane, &step.segment, &step.begin, &step.end, &step.committedEnd}) {
        if (!reader.read(*value)) {
            return damaged("a pass is shorter than " + std::to_string(kFixedBytes) + " bytes");
        }
    }
    std::uint16_t columns = 0;
    if (!(reader.read(step.forwardNs) && reader.read(step.samplingNs) && reader.read(step.otherNs) &&
          reader.read(columns))) {
        return damaged("a pass is too short");
    }
    if (step.begin > step.end || step.end > layout.positions()) {
        return damaged("a pass reaches beyond the layout");
    }
    for (std::uint16_t i = 0; i < columns; ++i) {
        ColumnHead head;
        if (!(reader.read(head.id) && reader.read(head.type) && reader.read(head.bytes))) {
            return damaged("a pass has fewer columns than it says");
        }
        const auto data = reader.take(head.bytes);
        if (!data) {
            return damaged("a column is longer than its pass");
        }
        if (auto taken = takeColumn(step, head, *data, step.end - step.begin); !taken) {
            return tl::unexpected(taken.error());
        }
    }
    if (reader.left() != 0) {
        return damaged("a pass is longer than its columns");
    }
    if (auto checked = checkStep(step, layout); !checked) {
        return tl::unexpected(checked.error());
    }
    return step;
}

} // namespace jacobi
