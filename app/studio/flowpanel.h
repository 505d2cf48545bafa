// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/requestform.h"

namespace jacobi {

class LabeledSlider;

/// What decides a picture made by a normalizing flow. Settings that a method does not use are absent.
class FlowPanel : public RequestForm {
    Q_OBJECT

public:
    explicit FlowPanel(QWidget* parent = nullptr);

    RunRequest shownRequest() const override;
    void setRequest(const RunRequest& request) override;
    void showSettled(const RunRequest& request) override;
    QWidget* firstField() const override;

    QComboBox* methodBox() const { return m_method; }
    QComboBox* classBox() const { return m_class; }
    QComboBox* strategyBox() const { return m_strategy; }
    QComboBox* scheduleBox() const { return m_schedule; }
    LabeledSlider* attentionTemperature() const { return m_attention; }

protected:
    void showModel() override;

private:
    QWidget* buildSettings();
    QWidget* buildGuided(QWidget* page);
    void buildSliders();
    void showMethod();
    QString method() const;
    void askForStrategy();
    void addStrategy(const QString& id, const QString& name, const QString& hint);
    void chooseStrategy(const QString& id);

    QComboBox* m_method = nullptr;
    QLabel* m_methodHint = nullptr;
    QComboBox* m_class = nullptr;
    QWidget* m_strategyPart = nullptr; ///< what only gs-jacobi has
    QComboBox* m_strategy = nullptr;
    LabeledSlider* m_segments = nullptr;
    LabeledSlider* m_window = nullptr;
    LabeledSlider* m_tolerance = nullptr;
    LabeledSlider* m_guidance = nullptr;
    QWidget* m_guidedPart = nullptr; ///< what only guidance has
    QComboBox* m_schedule = nullptr;
    LabeledSlider* m_attention = nullptr;
    LabeledSlider* m_clip = nullptr;
    LabeledSlider* m_denoise = nullptr;
    LabeledSlider* m_pictures = nullptr;
    QString m_chosenClass;    ///< also before the models are known
    QString m_chosenStrategy; ///< the same, and before a file was asked for
    RunRequest m_request;     ///< carries what has no control here
    bool m_settled = false;   ///< a request was put in, or a model's defaults were taken
};

} // namespace jacobi
