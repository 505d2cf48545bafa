// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace jacobi {

/// The NVIDIA driver's own version, such as "580.159.04", as its kernel module tells it in that file; empty where there is
/// no such file or it says nothing of the kind.
std::string nvidiaDriverVersion(const std::filesystem::path& file = "/proc/driver/nvidia/version");

/// How much memory of the card at that place ("0000:17:00.0") is free, by the driver's management library, which makes no
/// context; 0 where there is no such library, or where it does not mean the same memory: of a part of a card it would tell the
/// whole. totalBytes: of the card, as CUDA sees it.
std::uint64_t freeMemoryOf(const char* pciBus, std::uint64_t totalBytes);

} // namespace jacobi
