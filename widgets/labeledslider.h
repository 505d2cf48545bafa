// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <functional>

class QSlider;
class QLineEdit;

namespace jacobi {

class ValueButton;

/// A number with its name at the left, its value at the right and a slider below. A click on the value (or Enter, F2 or
/// a digit on it or on the slider) opens a field for the exact number; Enter takes it, Escape does not.
class LabeledSlider : public QWidget {
    Q_OBJECT

public:
    enum class Scale { Linear, Logarithmic };

    explicit LabeledSlider(const QString& name, QWidget* parent = nullptr);

    /// Range, the grain of one arrow key press, and digits after the point. A logarithmic scale needs minimum > 0; an
    /// additional value below it (0 = "off") is reached at the slider's left end by setFloorValue.
    void setRange(double minimum, double maximum, double step, int decimals, Scale scale = Scale::Linear);
    void setFloorValue(double value);
    /// What the value may be besides: it can be set and typed, though the handle does not reach it. A new range ends it.
    void setLegalRange(double least, double most);
    double minimum() const;
    double maximum() const { return m_maximum; }

    double value() const { return m_value; }
    QString name() const { return m_name; }
    /// How the value is written at the right: "auto · 48", "off". The exact field always shows the plain number.
    void setFormatter(std::function<QString(double)> formatter);
    /// Disabled with the reason as a tool tip; an empty reason enables it.
    void setDisabledReason(const QString& reason);
    QSlider* slider() const { return m_slider; }

public Q_SLOTS:
    /// Held as it is, also between two grains, until the slider is moved; only what is not allowed is clamped, and what
    /// has no digits after the point is whole. Emits valueChanged when it is another one.
    void setValue(double value);

Q_SIGNALS:
    void valueChanged(double value);
    void edited(double value); ///< the user changed it, not the program

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void openField(const QString& text = {});
    void closeField(bool take);
    void showValue();
    int sliderFromValue(double value) const;
    double valueFromSlider(int position) const;
    double movedTo(int position) const;
    double snapped(double value) const;
    double allowed(double value) const;
    void edit(double value);

    QString m_name;
    double m_minimum = 0.0;
    double m_maximum = 1.0;
    double m_step = 0.01;
    int m_decimals = 2;
    Scale m_scale = Scale::Linear;
    bool m_hasFloor = false;
    double m_floor = 0.0;
    bool m_hasLegal = false;
    double m_least = 0.0; ///< with m_hasLegal
    double m_most = 0.0;
    double m_value = 0.0;
    std::function<QString(double)> m_formatter;
    QSlider* m_slider = nullptr;
    ValueButton* m_button = nullptr;
    QLineEdit* m_field = nullptr;
    QString m_opened; ///< what the field began with
};

} // namespace jacobi
