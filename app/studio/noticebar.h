// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPointer>
#include <QTimer>

#include <chrono>
#include <functional>

class QLabel;
class QPushButton;

namespace jacobi {

/// A sentence that has to be read, with a way out where there is one. Lies over its parent, so that nothing moves when
/// it comes or goes. One notice at a time; the newer one counts. A note that asks for nothing goes by itself, unless the mouse
/// or the keyboard is with it.
class NoticeBar : public QFrame {
    Q_OBJECT

public:
    enum class Tone { Note, Warning, Error };

    /// top: pixels of the parent that stay free above it.
    explicit NoticeBar(QWidget* parent, int top);

    /// action: what the button does; without a text there is none.
    void show(Tone tone, const QString& sentence, const QString& buttonText = {}, std::function<void()> action = {});
    QString sentence() const;
    Tone tone() const { return m_tone; }
    /// What notes that go by themselves lie over: what lies below the others is looked at while they are there.
    void setQuietPlace(QWidget* place);
    /// How long such a note stays, and longer the longer it is.
    void setPatience(std::chrono::milliseconds patience) { m_patience = patience; }

public Q_SLOTS:
    void dismiss();

Q_SIGNALS:
    void closed(); ///< by its button

protected:
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void place();
    bool passes() const; ///< it goes by itself
    void waitToPass();

    QLabel* m_text = nullptr;
    QPushButton* m_action = nullptr;
    std::function<void()> m_onAction;
    QPointer<QWidget> m_before; ///< what had the keyboard before one of the buttons
    QPointer<QWidget> m_quietPlace;
    QTimer m_timer;
    std::chrono::milliseconds m_patience{5000};
    Tone m_tone = Tone::Note;
    int m_top = 0;
};

} // namespace jacobi
