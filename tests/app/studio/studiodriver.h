// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/studio/mainwindow.h"
#include "app/studio/promptedit.h"
#include "app/studio/requestpanel.h"
#include "tests/app/studio/fakebackend.h"

#include <QApplication>
#include <QPushButton>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace jacobi::test {

/// A window with a fake backend, its own folders, and a prompt typed by keys.
struct Studio {
    explicit Studio(const std::shared_ptr<FakePlan>& plan = std::make_shared<FakePlan>(), bool opens = true)
        : plan(plan)
    {
        Theme::apply(*qApp, Theme::Mode::Dark);
        StudioPlaces places;
        places.source = fakeSource(plan);
        places.settingsFile = folder.filePath("settings.ini");
        places.runsFolder = folder.filePath("runs");
        window = std::make_unique<MainWindow>(places);
        window->show();
        window->activateWindow();
        isActive = QTest::qWaitForWindowActive(window.get());
        if (opens) {
            window->openBackend();
        }
    }
    void type(const QString& prompt) { QTest::keyClicks(window->requestPanel()->promptEdit(), prompt); }
    void generate() { press(Qt::Key_Return); }
    void press(Qt::Key key) { QTest::keyClick(window->requestPanel()->promptEdit(), key, Qt::ControlModifier); }
    bool isPhase(Session::Phase phase) const { return window->session()->phase() == phase; }
    QPushButton* button(const QString& text) const
    {
        for (QPushButton* button : window->findChildren<QPushButton*>()) {
            if (button->text() == text && button->isVisible()) { // each workspace has its own
                return button;
            }
        }
        return nullptr;
    }

    QTemporaryDir folder;
    std::shared_ptr<FakePlan> plan;
    std::unique_ptr<MainWindow> window;
    bool isActive = false;
};

} // namespace jacobi::test
