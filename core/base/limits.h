// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace jacobi {

// Hard ceilings on what a file may claim. A file that asks for more is refused before anything is allocated.

inline constexpr std::uint64_t kMaxSafetensorsHeaderBytes = 100'000'000; ///< the format's own limit
inline constexpr std::size_t kMaxTensors = 1'000'000;
inline constexpr std::size_t kMaxTensorRank = 8;
inline constexpr int kMaxJsonDepth = 32;

inline constexpr std::size_t kMaxPickleBytes = 16U << 20U; ///< the list of tensors inside a torch.save file
inline constexpr std::size_t kMaxPickleValues = 1'000'000;
inline constexpr std::size_t kMaxPickleNameBytes = 256; ///< of a class or function; more is cut off
inline constexpr std::size_t kMaxPickleDepth = 16;      ///< containers inside containers

inline constexpr std::uint32_t kMaxPictureSide = 16'384;
inline constexpr std::uint64_t kMaxPicturePixels = 64'000'000;
inline constexpr std::uint64_t kMaxPictureFileBytes = 512ULL << 20U;
inline constexpr std::size_t kMaxPngTexts = 256;
inline constexpr std::size_t kMaxPngTextBytes = 4U << 20U; ///< of one text, inflated

inline constexpr std::uint64_t kMaxModelFileBytes = 16ULL << 20U; ///< model.json

inline constexpr std::uint64_t kMaxTraceFileBytes = 4ULL << 30U;
inline constexpr std::uint32_t kMaxTraceRecordBytes = 64U << 20U;
inline constexpr std::uint32_t kMaxTracePositions = 1U << 20U;
inline constexpr std::uint32_t kMaxTraceCodes = 1U << 20U;
inline constexpr std::uint32_t kMaxTracePatchPixels = 1024;
inline constexpr std::uint32_t kMaxTraceBlocks = 4096;
inline constexpr std::uint32_t kMaxTraceItems = 65'536;
inline constexpr std::uint64_t kMaxTracePreviewPixels = 1ULL << 30U; ///< of all previews of a trace together

} // namespace jacobi
