// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/trainingphase.h"

#include "core/io/jsontext.h"
#include "core/io/png.h"
#include "models/scenes/tensorfile.h"
#include "models/training/samplesheet.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <nlohmann/json.hpp>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <vector>

namespace jacobi {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string number(const char* format, double value)
{
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

constexpr const char* kPlacing = "placing";
constexpr const char* kFree = "free"; ///< where a recipe does not say, or there is none
constexpr const char* kComposed = "composed";

std::string placingOf(const nlohmann::json& recipe)
{
    const auto found = recipe.find(kPlacing);
    return found != recipe.end() && found->is_string() ? found->get<std::string>() : kFree;
}

/// One run of a phase: the loop's state and what it writes.
class Run {
public:
    Run(TrainingPhase& phase, const PhaseSettings& settings, ProgressSink& sink)
        : m_phase(phase), m_settings(settings), m_sink(sink)
    {
    }

    Result<PhaseResult> go(const std::stop_token& stop);

private:
    std::filesystem::path file(const char* extension) const { return m_settings.work / (m_phase.name() + extension); }
    double fraction() const;
    double seconds() const { return m_secondsBefore + secondsSince(m_begin); }
    Result<void> checkRecipe(const std::string& made) const;
    Result<void> restore();
    Result<void> save();
    Result<void> startCurve() const;
    void report(double loss);
    Result<void> writeSheet();

    TrainingPhase& m_phase;
    const PhaseSettings& m_settings;
    ProgressSink& m_sink;
    std::int64_t m_step = 0;
    std::int64_t m_stepsBefore = 0;
    double m_secondsBefore = 0.0;
    Clock::time_point m_begin = Clock::now();
    double m_validation = std::nan("");
    double m_average = std::nan(""); ///< running mean of the training loss
    double m_rate = 0.0;
};

double Run::fraction() const
{
    const double done = m_settings.steps > 0 ? static_cast<double>(m_step) / static_cast<double>(m_settings.steps)
                                             : seconds() / std::max(m_settings.minutes * 60.0, 1e-9);
    return std::min(done, 1.0);
}

/// What was learnt with other settings would be passed off as learnt with these.
Result<void> Run::checkRecipe(const std::string& made) const
{
    const nlohmann::json before = nlohmann::json::parse(made, nullptr, false);
    const nlohmann::json now = nlohmann::json::parse(m_settings.recipe, nullptr, false);
    if (now.is_object() && placingOf(before) != placingOf(now)) {
        return fail(
            ErrorCode::InvalidRequest,
            "The checkpoint " + file(".safetensors").string() +
                " learned from pictures in which subjects were placed differently, as an earlier version drew "
                "them. Start again with --fresh, from a finished model where there is one (--init-from), or name "
                "another folder with --work.");
    }
    if (!before.is_object() || !now.is_object() || before == now) { // a checkpoint from before there were recipes, too
        return {};
    }
    std::string changed;
    for (const auto& [key, value] : now.items()) {
        if (!before.contains(key) || before[key] != value) {
            changed += (changed.empty() ? "" : ", ") + key;
        }
    }
    return fail(ErrorCode::InvalidRequest, "The checkpoint " + file(".safetensors").string() +
                                               " was made with other settings (" + changed +
                                               "). Go on with those, start again with --fresh, or name another folder "
                                               "with --work.");
}

Result<void> Run::restore()
{
    std::error_code error;
    if (!m_settings.resume || !std::filesystem::exists(file(".safetensors"), error)) {
        return {};
    }
    auto checkpoint = readTensorFile(file(".safetensors"));
    if (!checkpoint) {
        return tl::unexpected(checkpoint.error());
    }
    if (auto same = checkRecipe(checkpoint->metadata["recipe"]); !same) {
        return same;
    }
    if (auto restored = m_phase.restore(checkpoint->tensors); !restored) {
        return restored;
    }
    m_step = std::strtoll(checkpoint->metadata["step"].c_str(), nullptr, 10);
    m_secondsBefore = std::strtod(checkpoint->metadata["seconds"].c_str(), nullptr);
    m_validation = std::strtod(checkpoint->metadata["validation"].c_str(), nullptr);
    m_average = std::strtod(checkpoint->metadata["average"].c_str(), nullptr);
    m_stepsBefore = m_step;
    return {};
}

Result<void> Run::save()
{
    return writeTensorFile(file(".safetensors"), m_phase.state(),
                           {{"step", std::to_string(m_step)},
                            {"seconds", number("%.3f", seconds())},
                            {"recipe", m_settings.recipe},
                            {"validation", number("%.9g", m_validation)},
                            {"average", number("%.17g", m_average)}});
}

/// Keeps the lines of the curve up to the step that training goes on from.
Result<void> Run::startCurve() const
{
    std::ostringstream kept;
    kept << "step,seconds,pictures,train_loss,validation_loss,learning_rate\n";
    std::ifstream old(file(".csv"));
    std::string line;
    while (m_step > 0 && std::getline(old, line)) {
        if (!line.empty() && line.front() >= '0' && line.front() <= '9' &&
            std::strtoll(line.c_str(), nullptr, 10) <= m_step) {
            kept << line << '\n';
        }
    }
    old.close();
    std::ofstream fresh(file(".csv"), std::ios::trunc);
    fresh << kept.str();
    fresh.flush();
    if (!fresh) {
        return fail(ErrorCode::Io, "The training curve " + file(".csv").string() +
                                       " cannot be written. Check the folder's permissions and the free space.");
    }
    return {};
}

void Run::report(double loss)
{
    const double done = fraction();
    const double perStep =
        (seconds() - m_secondsBefore) / static_cast<double>(std::max<std::int64_t>(m_step - m_stepsBefore, 1));
    JobProgress progress;
    progress.fraction = m_settings.jobBegin + (m_settings.jobEnd - m_settings.jobBegin) * done;
    progress.etaSeconds = m_settings.steps > 0 ? perStep * static_cast<double>(m_settings.steps - m_step)
                                               : m_settings.minutes * 60.0 - seconds();
    progress.etaSeconds = std::max(progress.etaSeconds, 0.0);
    progress.line = m_phase.name() + ": step " + std::to_string(m_step) +
                    (m_settings.steps > 0 ? " of " + std::to_string(m_settings.steps) : "") + ", loss " +
                    number("%.4f", m_average) +
                    (std::isnan(m_validation) ? "" : ", validation " + number("%.4f", m_validation)) + ", " +
                    number("%.2f", perStep) + " s a step";
    progress.data = {{"phase", m_phase.name()},
                     {"step", m_step},
                     {"loss", loss},
                     {"seconds", seconds()},
                     {"pictures", m_step * m_phase.batch()},
                     {"rate", m_rate}};
    m_sink.progress(progress);
}

Result<void> Run::writeSheet()
{
    if (!pngSupport()) {
        return {}; // only to be looked at: no reason not to train
    }
    std::int64_t columns = 1;
    const at::Tensor pictures = m_phase.sheet(columns);
    return writeSampleSheet(file(".png"), pictures, columns);
}

Result<PhaseResult> Run::go(const std::stop_token& stop)
{
    if (auto restored = restore(); !restored) {
        return tl::unexpected(restored.error());
    }
    if (auto started = startCurve(); !started) {
        return tl::unexpected(started.error());
    }
    std::ofstream curve(file(".csv"), std::ios::app);
    m_begin = Clock::now();
    Clock::time_point saved = m_begin;
    Clock::time_point shown = m_begin;
    Clock::time_point reported = m_begin - std::chrono::hours(1);
    double written = std::nan("");
    while (fraction() < 1.0) {
        m_rate = rateAt(m_settings, m_step, fraction());
        const double loss = m_phase.step(m_step, m_rate);
        if (!std::isfinite(loss)) {
            return fail(ErrorCode::Numeric, "Training ran off to infinity at step " + std::to_string(m_step) +
                                                ". Start again with a smaller learning rate.");
        }
        ++m_step;
        m_average = std::isnan(m_average) ? loss : m_average + 0.05 * (loss - m_average);
        const bool last = fraction() >= 1.0;
        written = std::nan("");
        if (last || m_step % m_settings.validateEvery == 0) {
            m_validation = written = m_phase.validate();
        }
        curve << m_step << ',' << number("%.2f", seconds()) << ',' << m_step * m_phase.batch() << ','
              << number("%.6f", loss) << ',' << (std::isnan(written) ? "" : number("%.6f", written)) << ','
              << number("%.6g", m_rate) << '\n';
        if (last || secondsSince(reported) > 5.0) {
            curve.flush();
            report(loss);
            reported = Clock::now();
        }
        if (m_settings.sheetSeconds > 0.0 && (last || secondsSince(shown) > m_settings.sheetSeconds)) {
            if (auto sheet = writeSheet(); !sheet) {
                return tl::unexpected(sheet.error());
            }
            shown = Clock::now();
        }
        if (last || stop.stop_requested() || secondsSince(saved) > m_settings.checkpointSeconds) {
            if (auto done = save(); !done) {
                return tl::unexpected(done.error());
            }
            saved = Clock::now();
        }
        if (!last && stop.stop_requested()) {
            return fail(ErrorCode::Cancelled, "Training was stopped at step " + std::to_string(m_step) +
                                                  ". The same command goes on from there.");
        }
    }
    return PhaseResult{m_step, seconds(), m_validation};
}

} // namespace

std::string recipeOf(const nlohmann::json& options, Placing placing)
{
    constexpr std::array kOthers{"out",
                                 "work",
                                 "resume",
                                 "threads",
                                 "device",
                                 "drawAhead",
                                 "minutes",
                                 "steps",
                                 "microBatch",
                                 "tokenizerSteps",
                                 "validateEvery",
                                 "validationPictures",
                                 "sheetSeconds",
                                 "measuredPictures",
                                 "tokenizerMinutes",
                                 "checkpointSeconds"};
    nlohmann::json recipe = options;
    for (const char* key : kOthers) {
        recipe.erase(key);
    }
    if (recipe.contains("initFrom")) { // wherever it lies
        recipe["initFrom"] =
            (std::filesystem::path(recipe["initFrom"].get<std::string>()) / "").parent_path().filename().string();
    }
    if (placing == Placing::Composed) {
        recipe[kPlacing] = kComposed;
    }
    return jsonText(recipe);
}

double rateAt(const PhaseSettings& settings, std::int64_t step, double fraction)
{
    const double warm = std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(settings.warmup + 1));
    if (fraction <= settings.constantUntil) {
        return warm;
    }
    const double along = (fraction - settings.constantUntil) / (1.0 - settings.constantUntil);
    return warm * (1.0 + (settings.finalRate - 1.0) * std::min(along, 1.0));
}

void clipGradients(const TensorMap& parameters, double limit)
{
    at::NoGradGuard noGradients;
    std::vector<at::Tensor> gradients;
    for (const auto& [name, value] : parameters) {
        if (value.grad().defined()) {
            gradients.push_back(value.grad());
        }
    }
    if (gradients.empty()) {
        return;
    }
    const at::Tensor norm = at::stack(at::_foreach_norm(gradients)).norm();
    if (norm.is_cuda()) { // which the CPU need not wait for
        at::_foreach_mul_(gradients, (limit / norm).clamp_max(1.0));
        return;
    }
    if (norm.item<double>() > limit) {
        at::_foreach_mul_(gradients, limit / norm.item<double>());
    }
}

void keepFreedMemory()
{
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 1 << 26);
#endif
}

Result<PhaseResult> runPhase(TrainingPhase& phase, const PhaseSettings& settings, ProgressSink& sink,
                             const std::stop_token& stop)
{
    return Run(phase, settings, sink).go(stop);
}

} // namespace jacobi
