// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace jacobi {

/// One value of a pickle. Values refer to each other by their number, because a pickle may be a graph with cycles.
struct PickleValue {
    enum class Kind : std::uint8_t {
        None,
        Bool,   ///< integer
        Int,    ///< integer; one that needs more than 64 bits is Inert "int"
        Float,  ///< real
        Text,   ///< text, as bytes
        Bytes,  ///< text
        List,   ///< items; also a set
        Tuple,  ///< items
        Dict,   ///< items: key, value, key, value, ...
        Global, ///< text: "module.name" of a class or function. A name and nothing else.
        Call,   ///< text: what would have been called; items: its arguments. Nothing is called.
        Stored, ///< items: the persistent id, a tuple
        Inert,  ///< text: what it was
    };
    Kind kind = Kind::None;
    std::int64_t integer = 0;
    double real = 0.0;
    std::string text;
    std::vector<std::uint32_t> items;
};

struct Pickle {
    std::vector<PickleValue> values;
    std::uint32_t root = 0;

    const PickleValue& operator[](std::uint32_t index) const { return values[index]; }
};

/// Reads the data model of a pickle (protocols 2 to 5, the binary opcodes) without being able to run anything: there
/// is no code here that calls, imports or makes an object. A class or function stays a name, a call stays a record of
/// its arguments, and the state that a class would be given (BUILD) is dropped, for OrderedDict too, whose items come
/// as items. Memory is bounded by the pickle's size; pickles above kMaxPickleBytes are refused. `shown` names the file.
/// Errors: Corrupt for what ends early or contradicts itself, Unsupported for opcodes that torch.save does not write.
Result<Pickle> readPickle(std::span<const std::byte> bytes, const std::string& shown);

} // namespace jacobi
