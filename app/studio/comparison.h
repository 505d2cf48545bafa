// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/backendthread.h"
#include "core/engine/backend.h"

#include <QImage>
#include <QObject>
#include <QString>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jacobi {

class Session;
struct RunEnd;

/// One method of a comparison: what is asked of it, and what came of that.
struct ComparedRun {
    enum class State { Waiting, Running, Done, Stopped, Failed };

    RunRequest request; ///< as it ran, once it began
    State state = State::Waiting;
    QString tracePath; ///< empty where the run was not kept
    QImage picture;
    std::vector<std::int32_t> tokens;
    int passes = 0;
    double tokensPerPass = 0.0;
    double seconds = 0.0;
    std::optional<Judgement> judgement; ///< once all are done, where the model's pictures can be judged
};

/// The methods that a request is compared by: sequential sampling first, then the original SJD and the couplings, and
/// SJD2 where the model reads noise. One picture each, everything else as in the request.
std::vector<RunRequest> comparedRequests(const RunRequest& request, const ModelInfo& model);

/// The same prompt and seed by one method after the other. Each run is ordered from the session as a person would order
/// it, so it is seen live and kept like any other. A run that is stopped or fails ends the comparison.
class Comparison : public QObject {
    Q_OBJECT

public:
    explicit Comparison(Session* session, QObject* parent = nullptr);

    /// False, and nothing is changed, where the session takes no order.
    bool start(const RunRequest& request, const ModelInfo& model);
    /// Ends it; the run under way is stopped.
    void stop();
    bool isGoingOn() const { return m_current >= 0; }
    const std::vector<ComparedRun>& runs() const { return m_runs; }
    /// Share of a run's tokens that are those of sequential sampling, 0..1; NaN where one of both is not done.
    double equalTokens(std::size_t run) const;

Q_SIGNALS:
    void changed();

private:
    void order(int run);
    void end(const RunEnd& end);
    void judge();
    void take(quint64 order, const std::vector<Judgement>& found);

    Session* m_session;
    std::vector<ComparedRun> m_runs;
    int m_current = -1;
    std::string m_family;  ///< of the model
    quint64 m_judging = 0; ///< the order whose answer is awaited
};

} // namespace jacobi
