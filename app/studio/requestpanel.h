// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QPushButton;

namespace jacobi {

class ChipLabel;
class LabeledSlider;
class PromptEdit;
class SeedField;
class SegmentedControl;

/// The left column: everything that decides the result, in the order a person thinks, and the button that starts it.
/// Settings that a method does not use are absent.
class RequestPanel : public QWidget {
    Q_OBJECT

public:
    static constexpr int kWidth = 292; ///< pixels

    explicit RequestPanel(QWidget* parent = nullptr);

    void setModels(const std::vector<ModelInfo>& models);

    /// What the controls say, with the seed of the next run.
    RunRequest nextRequest();
    /// The same, for keeping; changes nothing.
    RunRequest shownRequest() const;
    /// Puts a request into the controls; what the model at hand cannot do is clamped.
    void setRequest(const RunRequest& request);
    void seedWasUsed(quint64 seed); ///< by a run that began
    void showSettled(const RunRequest& request); ///< what "auto" turned out to be
    bool isSeedLocked() const;
    void setSeedLocked(bool locked);

    /// Empty: the button starts a run. Else it is off, with the reason as its tool tip.
    void setGenerateDisabledReason(const QString& reason);
    bool canGenerate() const;
    PromptEdit* promptEdit() const { return m_prompt; }

Q_SIGNALS:
    void generateRequested();

private:
    static constexpr double kAutoSlider = 0.0; ///< the window slider's left end

    QWidget* buildSettings();
    QWidget* buildDrafting(QWidget* page);
    void buildSliders();
    void showModel();
    void showMethod();
    void showPromptHint();
    void showButton();
    void takeDefaults(const RunRequest& defaults);
    QString windowWords(double value) const;
    void forgetSettled();
    const ModelInfo* model() const;

    std::vector<ModelInfo> m_models;
    PromptEdit* m_prompt = nullptr;
    QLabel* m_promptHint = nullptr;
    QComboBox* m_model = nullptr;
    SegmentedControl* m_method = nullptr;
    QWidget* m_drafting = nullptr; ///< what only methods with drafts have
    QComboBox* m_coupling = nullptr;
    QComboBox* m_initialisation = nullptr;
    QLabel* m_methodHint = nullptr;
    LabeledSlider* m_window = nullptr;
    LabeledSlider* m_pictures = nullptr;
    LabeledSlider* m_guidance = nullptr;
    LabeledSlider* m_temperature = nullptr;
    LabeledSlider* m_topK = nullptr;
    LabeledSlider* m_topP = nullptr;
    SeedField* m_seed = nullptr;
    QPushButton* m_generate = nullptr;
    QString m_disabledReason;
    int m_settledWindow = 0; ///< of the last automatic window with these settings; 0: not known
    RunRequest m_request;   ///< carries what has no control here
    bool m_settled = false; ///< a request was put in, or a model's defaults were taken
};

} // namespace jacobi
