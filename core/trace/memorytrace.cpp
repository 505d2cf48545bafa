// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/memorytrace.h"

namespace jacobi {

void replay(const Trace& trace, TraceSink& sink)
{
    if (trace.header) {
        sink.header(trace.header);
    }
    auto preview = trace.previews.begin();
    while (preview != trace.previews.end() && isOfTheStart(**preview)) {
        sink.preview(*preview);
        ++preview;
    }
    for (std::size_t i = 0; i < trace.steps.size(); ++i) {
        sink.step(trace.steps[i]);
        const bool isLast = i + 1 == trace.steps.size();
        // A preview of pass k follows the last step of pass k, whichever picture of a batch that belongs to.
        while (preview != trace.previews.end() && (isLast || (*preview)->pass < trace.steps[i + 1]->pass)) {
            sink.preview(*preview);
            ++preview;
        }
    }
    for (; preview != trace.previews.end(); ++preview) {
        sink.preview(*preview);
    }
    if (trace.summary) {
        sink.summary(*trace.summary);
    }
}

} // namespace jacobi
