// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThreadPool>

#include <functional>

namespace jacobi {

/// Work with files beside the GUI thread, one piece after the other. Each piece returns what is to be done with its
/// result on the GUI thread; that is left out once this object is gone. Its destructor waits for all pieces: what was to
/// be saved is saved.
class BackgroundTasks : public QObject {
    Q_OBJECT

public:
    using Continuation = std::function<void()>; ///< on the GUI thread; may be empty
    using Work = std::function<Continuation()>; ///< on a thread of its own; must not throw

    explicit BackgroundTasks(QObject* parent = nullptr);
    ~BackgroundTasks() override;

    void run(Work work);
    bool isIdle() const { return m_open == 0; } ///< every continuation has been called

Q_SIGNALS:
    void idle();

private:
    QThreadPool m_pool;
    int m_open = 0; // GUI thread only
};

} // namespace jacobi
