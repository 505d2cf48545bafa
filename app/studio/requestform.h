// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/backend.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace jacobi {

class SeedField;

/// The left column of a workspace: everything that decides the result, in the order a person thinks, and the button that
/// starts it. Derived classes bring the settings of their kind of model.
class RequestForm : public QWidget {
    Q_OBJECT

public:
    static constexpr int kWidth = 292; ///< pixels
    static constexpr int kMostPicturesHere = 16; ///< of the slider; up to kMostPictures can be typed

    /// The models of this workspace; others must not be among them.
    void setModels(const std::vector<ModelInfo>& models);

    /// What the controls say.
    virtual RunRequest shownRequest() const = 0;
    /// The same with the seed of the next run.
    RunRequest nextRequest();
    /// Puts a request into the controls, digit for digit; what they cannot hold is another afterwards (see
    /// app/studio/requestchanges.h).
    virtual void setRequest(const RunRequest& request) = 0;
    virtual void showSettled(const RunRequest& request) = 0; ///< what "auto" turned out to be
    virtual QWidget* firstField() const = 0;                 ///< what has the focus at the start

    const ModelInfo* model() const; ///< the chosen one, null where there is none
    quint64 seed() const;
    void seedWasUsed(quint64 seed); ///< by a run that began
    bool isSeedLocked() const;
    void setSeedLocked(bool locked);

    /// Empty: the button starts a run. Else it is off, with the reason as its tool tip.
    void setGenerateDisabledReason(const QString& reason);
    bool canGenerate() const;
    virtual QString problem() const { return {}; } ///< why what the controls say cannot be generated, or nothing

Q_SIGNALS:
    void generateRequested();
    void modelChanged();

protected:
    static constexpr double kMostBeforeModels = 1e6; ///< of numbers whose limit is the model's, until that is known

    explicit RequestForm(QWidget* parent);

    /// To be called at the end of a derived constructor, with the settings.
    void begin(QWidget* page);
    bool eventFilter(QObject* watched, QEvent* event) override;
    void showButton();
    virtual void showModel() = 0; ///< another model was chosen, or the list is another

    QComboBox* modelBox() const { return m_model; }
    SeedField* seedField() const { return m_seed; }
    /// Chooses a model by its id; where it is not there, or cannot be used, what is chosen stays.
    void chooseModel(const std::string& id);

    static QLabel* caption(const QString& text, QWidget* parent);
    /// A caption and what it names, close together.
    static QVBoxLayout* group(const QString& name, QWidget* control, QWidget* parent);

private:
    std::vector<ModelInfo> m_models;
    std::string m_wanted; ///< id of the model that is to be chosen once it is known
    QComboBox* m_model = nullptr;
    SeedField* m_seed = nullptr;
    QPushButton* m_generate = nullptr;
    QVBoxLayout* m_column = nullptr;
    QString m_disabledReason;
};

} // namespace jacobi
