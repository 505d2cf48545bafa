// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/requestform.h"

class QCheckBox;

namespace jacobi {

class ChipLabel;
class LabeledSlider;
class PromptEdit;
class SegmentedControl;

/// What decides a picture made of tokens. Settings that a method does not use are absent.
class RequestPanel : public RequestForm {
    Q_OBJECT

public:
    explicit RequestPanel(QWidget* parent = nullptr);

    RunRequest shownRequest() const override;
    void setRequest(const RunRequest& request) override;
    void showSettled(const RunRequest& request) override;
    QWidget* firstField() const override;
    QString problem() const override;
    PromptEdit* promptEdit() const { return m_prompt; }
    /// What the model read in place of a prompt, said below it as long as that is what stands there; or nothing.
    void setRead(const QString& prompt, const QString& readAs);
    /// What runs are made on, once that is known: GPUs alone have precisions to choose from.
    void setOnGpu(bool onGpu);
    QComboBox* precisionBox() const { return m_precision; }

protected:
    void showModel() override;

private:
    static constexpr double kAutoSlider = 0.0; ///< the window slider's left end

    QWidget* buildSettings();
    QWidget* buildDrafting(QWidget* page);
    QWidget* buildPrecision(QWidget* page);
    void buildSliders();
    void choosePrecision(const std::string& precision);
    void showMethod();
    void showPromptHint();
    void takeDefaults(const RunRequest& defaults);
    QString windowWords(double value) const;
    void forgetSettled();

    PromptEdit* m_prompt = nullptr;
    QLabel* m_promptHint = nullptr;
    bool m_saysProblem = false; ///< the hint, in the colour of errors
    QCheckBox* m_completes = nullptr; ///< of models whose maker recommends it
    QString m_readPrompt, m_readAs;   ///< of the run that is shown, where its prompt was completed
    SegmentedControl* m_method = nullptr;
    QWidget* m_drafting = nullptr; ///< what only methods with drafts have
    QWidget* m_initialisationPart = nullptr; ///< of those that do not begin with noise
    QComboBox* m_coupling = nullptr;
    QComboBox* m_initialisation = nullptr;
    QLabel* m_methodHint = nullptr;
    LabeledSlider* m_window = nullptr;
    LabeledSlider* m_noiseSteps = nullptr; ///< of sjd2
    ChipLabel* m_lossless = nullptr;
    LabeledSlider* m_pictures = nullptr;
    LabeledSlider* m_guidance = nullptr;
    LabeledSlider* m_temperature = nullptr;
    LabeledSlider* m_topK = nullptr;
    LabeledSlider* m_topP = nullptr;
    LabeledSlider* m_minP = nullptr;
    QWidget* m_precisionPart = nullptr; ///< of GPUs
    QComboBox* m_precision = nullptr;
    bool m_isDeviceKnown = false;
    bool m_onGpu = false;
    int m_settledWindow = 0; ///< of the last automatic window with these settings; 0: not known
    RunRequest m_request;   ///< carries what has no control here
    bool m_settled = false; ///< a request was put in, or a model's defaults were taken
};

} // namespace jacobi
