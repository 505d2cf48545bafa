// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QtTest>

#include <memory>

// One test program a folder. Each tst_<name>.cpp holds one class of Qt Test slots and ends with
//
//     JACOBI_TEST(SafetensorsTest)
//     #include "tst_safetensors.moc"
//
// (class and macro at file scope or in an anonymous namespace of it). The program runs every registered class, or,
// with `-class safetensors`, those of tst_safetensors.cpp only; what else is on the command line goes to Qt Test.
// Labels and a time limit other than the folder's are comment lines among the first twenty of the file:
//
//     // ctest-labels: fault golden
//     // ctest-timeout: 600
namespace jacobi::test {

using MakeTest = std::unique_ptr<QObject> (*)();

// Called while static objects are made, before main. `file` is the source file's path.
bool registerTest(const char* file, MakeTest make);

} // namespace jacobi::test

#define JACOBI_TEST(Class)                                                                                             \
    [[maybe_unused]] static const bool kRegistered##Class = ::jacobi::test::registerTest(                              \
        __FILE__, []() -> std::unique_ptr<QObject> { return std::make_unique<Class>(); });
