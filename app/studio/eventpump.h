// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/trace.h"

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace jacobi {

/// What came since the last look: applied in this order it gives the same trace as each event by itself.
struct EventBatch {
    std::shared_ptr<const RunHeader> header;
    std::vector<std::shared_ptr<const Step>> steps; ///< every one, in order
    std::vector<std::shared_ptr<const Preview>> previews; ///< of each picture the newest only; of a flow all
    std::optional<RunSummary> summary;

    bool isEmpty() const { return header == nullptr && steps.empty() && previews.empty() && !summary; }
};

/// Carries one run from the worker thread to the GUI: the worker puts events in as they happen, the GUI takes out all
/// that came since its last look. Steps are never dropped; of a picture's previews only the newest waits, but those of a
/// flow, which are what each block made. The sink's calls: one thread at a time; take(): any thread.
class EventPump final : public TraceSink {
public:
    void header(const std::shared_ptr<const RunHeader>& header) override;
    void step(const std::shared_ptr<const Step>& step) override;
    void preview(const std::shared_ptr<const Preview>& preview) override;
    void summary(const RunSummary& summary) override;

    EventBatch take();

private:
    std::mutex m_mutex; ///< guards what follows
    bool m_isFlow = false;
    EventBatch m_waiting;
};

} // namespace jacobi
