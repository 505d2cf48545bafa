// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/trace/trace.h"
#include "core/trace/tracefile.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>

namespace jacobi {

/// Keeps a run in the runs folder as it happens: DATE-TIME-SEED.jtrace, and its picture beside it at the end
/// (of a batch: NAME.png, NAME.01.png and so on). Trouble
/// with the disk never stops the run: it is told once, and nothing more is written of the part it concerns. One thread
/// at a time.
class RunRecorder final : public TraceSink {
public:
    /// Makes the folder where it is missing. onError is called from this object's own calls, at most once.
    RunRecorder(const std::filesystem::path& folder, const RunRequest& request,
                std::function<void(const Error&)> onError);

    void header(const std::shared_ptr<const RunHeader>& header) override;
    void step(const std::shared_ptr<const Step>& step) override;
    void preview(const std::shared_ptr<const Preview>& preview) override;
    void summary(const RunSummary& summary) override;
    std::int64_t previewNs(std::uint32_t width, std::uint32_t height) const override;

    /// The files that hold the run whole; empty where there is none.
    const std::filesystem::path& tracePath() const { return m_tracePath; }
    const std::filesystem::path& picturePath() const { return m_picturePath; }

    /// "20260131-154501-184467", with "-2" and so on behind where the folder has that run already.
    static std::string freeName(const std::filesystem::path& folder, std::uint64_t seed);

private:
    void open(const std::filesystem::path& folder, std::uint64_t seed);
    void checkTrace();
    void tell(const Error& error);

    std::function<void(const Error&)> m_onError;
    std::unique_ptr<TraceWriter> m_writer; ///< null once it failed
    std::filesystem::path m_target;        ///< the trace file
    std::shared_ptr<const RunHeader> m_header;
    std::map<std::uint32_t, std::shared_ptr<const Preview>> m_pictures; ///< of each picture the last
    std::filesystem::path m_tracePath;
    std::filesystem::path m_picturePath;
};

} // namespace jacobi
