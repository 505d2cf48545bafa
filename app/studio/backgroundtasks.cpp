// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/backgroundtasks.h"

#include <utility>

namespace jacobi {

BackgroundTasks::BackgroundTasks(QObject* parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(1);
}

BackgroundTasks::~BackgroundTasks()
{
    m_pool.waitForDone();
}

void BackgroundTasks::run(Work work)
{
    ++m_open;
    m_pool.start([this, work = std::move(work)] {
        Continuation continuation = work();
        const auto onGui = [this, continuation = std::move(continuation)] {
            if (continuation) {
                continuation();
            }
            if (--m_open == 0) {
                Q_EMIT idle();
            }
        };
        QMetaObject::invokeMethod(this, onGui, Qt::QueuedConnection);
    });
}

} // namespace jacobi
