// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/filelock.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>

namespace jacobi {

bool tryLock(int descriptor)
{
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EINTR) {
            return errno != EWOULDBLOCK;
        }
    }
    return true;
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : m_handle(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    using namespace std::chrono_literals;
    constexpr auto kPatience = 5s;
    constexpr auto kPause = 5ms;
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (m_handle.isOpen() && !tryLock(m_handle.descriptor()) && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(kPause);
    }
}

} // namespace jacobi
