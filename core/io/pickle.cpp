// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pickle.h"

#include "core/base/limits.h"
#include "core/io/bytereader.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <optional>
#include <string_view>

namespace jacobi {
namespace {

using Kind = PickleValue::Kind;

// Opcodes by the names of Python's pickletools.
enum Op : std::uint8_t {
    Mark = '(', Stop = '.', Pop = '0', PopMark = '1', Dup = '2',
    None = 'N', NewTrue = 0x88, NewFalse = 0x89, BinInt = 'J', BinInt1 = 'K', BinInt2 = 'M', Long1 = 0x8a,
    Long4 = 0x8b, BinFloat = 'G', BinUnicode = 'X', ShortBinUnicode = 0x8c, BinUnicode8 = 0x8d, BinBytes = 'B',
    ShortBinBytes = 'C', BinBytes8 = 0x8e, BinString = 'T', ShortBinString = 'U', EmptyList = ']', Append = 'a',
    Appends = 'e', EmptyTuple = ')', Tuple = 't', Tuple1 = 0x85, Tuple2 = 0x86, Tuple3 = 0x87, EmptyDict = '}',
    SetItem = 's', SetItems = 'u', EmptySet = 0x8f, AddItems = 0x90, Global = 'c', StackGlobal = 0x93,
    Reduce = 'R', NewObj = 0x81, NewObjEx = 0x92, Build = 'b', BinPersId = 'Q', BinPut = 'q', LongBinPut = 'r',
    Memoize = 0x94, BinGet = 'h', LongBinGet = 'j', Proto = 0x80, Frame = 0x95,
};

class PickleReader {
public:
    PickleReader(std::span<const std::byte> bytes, const std::string& shown) : m_in(bytes), m_shown(shown) {}

    Result<Pickle> read()
    {
        std::uint8_t op = 0;
        while (m_in.read(op)) {
            if (op == Stop) {
                const auto root = pop();
                if (!root) {
                    break;
                }
                m_pickle.root = *root;
                return std::move(m_pickle);
            }
            if (!isKnown(op)) {
                char text[8];
                std::snprintf(text, sizeof text, "0x%02x", op);
                return fail(ErrorCode::Unsupported,
                            "\"" + m_shown + "\" is pickled in a way that torch.save does not use (opcode " + text +
                                "); save the weights again with torch.save.");
            }
            if (!step(op) || m_pickle.values.size() > kMaxPickleValues) {
                break;
            }
        }
        return fail(ErrorCode::Corrupt, "\"" + m_shown + "\" is damaged: its list of tensors ends early or contradicts "
                                        "itself. Get the file again.",
                    "pickle, byte " + std::to_string(m_in.position()));
    }

private:
    static bool isKnown(std::uint8_t op)
    {
        return std::string_view("(.012NJKMGXBCTU]ae)t}sucRbQqrhj").find(static_cast<char>(op)) !=
                   std::string_view::npos ||
               op == Proto || op == NewObj || (op >= Tuple1 && op <= Long4) ||
               (op >= ShortBinUnicode && op <= AddItems) || op == NewObjEx || op == StackGlobal || op == Memoize ||
               op == Frame;
    }

    // Every helper below returns false (or nothing) where the pickle is wrong; the caller stops there.

    bool push(PickleValue value)
    {
        m_stack.push_back(static_cast<std::uint32_t>(m_pickle.values.size()));
        m_pickle.values.push_back(std::move(value));
        return true;
    }
    bool pushKind(Kind kind) { return push({kind, 0, 0.0, {}, {}}); }
    bool pushInteger(Kind kind, std::int64_t integer) { return push({kind, integer, 0.0, {}, {}}); }
    bool pushText(Kind kind, std::optional<std::span<const std::byte>> bytes)
    {
        return bytes && push({kind, 0, 0.0, textOf(*bytes), {}});
    }
    static std::string textOf(std::span<const std::byte> bytes)
    {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    std::size_t floor() const { return m_marks.empty() ? 0 : m_marks.back(); }
    std::optional<std::uint32_t> pop()
    {
        if (m_stack.size() <= floor()) {
            return std::nullopt;
        }
        const std::uint32_t top = m_stack.back();
        m_stack.pop_back();
        return top;
    }
    /// What lies above the last mark; the mark goes too.
    std::optional<std::vector<std::uint32_t>> popToMark()
    {
        if (m_marks.empty()) {
            return std::nullopt;
        }
        const auto from = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        std::vector<std::uint32_t> items(from, m_stack.end());
        m_stack.erase(from, m_stack.end());
        m_marks.pop_back();
        return items;
    }
    std::optional<std::vector<std::uint32_t>> popCount(std::size_t count)
    {
        if (m_stack.size() < floor() + count) {
            return std::nullopt;
        }
        const auto from = m_stack.end() - static_cast<std::ptrdiff_t>(count);
        std::vector<std::uint32_t> items(from, m_stack.end());
        m_stack.erase(from, m_stack.end());
        return items;
    }
    PickleValue* top() { return m_stack.size() > floor() ? &m_pickle.values[m_stack.back()] : nullptr; }

    bool tuple(std::optional<std::vector<std::uint32_t>> items)
    {
        return items && push({Kind::Tuple, 0, 0.0, {}, std::move(*items)});
    }

    /// Items go into the container below them. A class's own container (Call, Inert) takes them and forgets them.
    bool fill(std::optional<std::vector<std::uint32_t>> items, Kind container)
    {
        PickleValue* into = top();
        if (!items || into == nullptr || (container == Kind::Dict && items->size() % 2 != 0)) {
            return false;
        }
        if (into->kind == container) {
            into->items.insert(into->items.end(), items->begin(), items->end());
            return true;
        }
        return into->kind == Kind::Call || into->kind == Kind::Inert;
    }

    template <class Size>
    bool sized(Kind kind)
    {
        Size size = 0;
        return m_in.read(size) && pushText(kind, m_in.take(size));
    }

    template <class Number>
    bool integer()
    {
        Number number = 0;
        return m_in.read(number) && pushInteger(Kind::Int, number);
    }

    template <class Size>
    bool longInteger()
    {
        Size size = 0;
        if (!m_in.read(size)) {
            return false;
        }
        const auto bytes = m_in.take(size);
        if (!bytes) {
            return false;
        }
        if (bytes->size() > 8) {
            return push({Kind::Inert, 0, 0.0, "int", {}});
        }
        std::uint64_t value = !bytes->empty() && (bytes->back() & std::byte{0x80}) != std::byte{0} ? ~std::uint64_t{0} : 0;
        for (std::size_t i = bytes->size(); i-- > 0;) {
            value = value << 8U | std::to_integer<std::uint64_t>((*bytes)[i]);
        }
        return pushInteger(Kind::Int, static_cast<std::int64_t>(value));
    }

    bool binaryFloat()
    {
        std::uint64_t bits = 0;
        if (!m_in.read(bits)) {
            return false;
        }
        bits = __builtin_bswap64(bits); // the one big-endian number of the format
        return push({Kind::Float, 0, std::bit_cast<double>(bits), {}, {}});
    }

    std::optional<std::string> line()
    {
        std::string text;
        std::uint8_t c = 0;
        while (m_in.read(c)) {
            if (c == '\n') {
                return text;
            }
            text += static_cast<char>(c);
        }
        return std::nullopt;
    }

    bool global(std::optional<std::string> module, std::optional<std::string> name)
    {
        return module && name && push({Kind::Global, 0, 0.0, shortened(*module + "." + *name), {}});
    }
    /// A text that comes again and again through the memo must not multiply.
    static std::string shortened(std::string text)
    {
        text.resize(std::min(text.size(), kMaxPickleNameBytes));
        return text;
    }
    bool stackGlobal()
    {
        const auto name = pop();
        const auto module = pop();
        if (!name || !module || m_pickle[*name].kind != Kind::Text || m_pickle[*module].kind != Kind::Text) {
            return false;
        }
        return global(m_pickle[*module].text, m_pickle[*name].text);
    }

    /// callable(*arguments) as a record. The one call whose result is a plain container is OrderedDict().
    bool call(std::size_t parts)
    {
        const auto items = popCount(parts);
        if (!items) {
            return false;
        }
        const PickleValue& callee = m_pickle[items->front()];
        const PickleValue& arguments = m_pickle[(*items)[1]];
        if (callee.kind == Kind::Global && callee.text == "collections.OrderedDict" && arguments.items.empty()) {
            return pushKind(Kind::Dict);
        }
        return push({Kind::Call, 0, 0.0, shortened(callee.text), *items});
    }

    bool put(std::uint64_t index)
    {
        // Pickle numbers its memo from 0 on, so an index far beyond the values made so far is no writer's.
        if (top() == nullptr || index > m_pickle.values.size() + 65'536) {
            return false;
        }
        if (m_memo.size() <= index) {
            m_memo.resize(static_cast<std::size_t>(index) + 1, kNothing);
        }
        m_memo[static_cast<std::size_t>(index)] = m_stack.back();
        ++m_puts;
        return true;
    }
    template <class Index>
    bool putAt()
    {
        Index index = 0;
        return m_in.read(index) && put(index);
    }
    template <class Index>
    bool get()
    {
        Index index = 0;
        if (!m_in.read(index) || index >= m_memo.size() || m_memo[index] == kNothing) {
            return false;
        }
        m_stack.push_back(m_memo[index]);
        return true;
    }

    bool build() { return pop().has_value() && top() != nullptr; }

    bool stored()
    {
        const auto id = pop();
        return id && push({Kind::Stored, 0, 0.0, {}, {*id}});
    }

    bool duplicate()
    {
        if (top() == nullptr) {
            return false;
        }
        m_stack.push_back(m_stack.back());
        return true;
    }

    bool step(std::uint8_t op);

    static constexpr std::uint32_t kNothing = 0xFFFFFFFF;

    ByteReader m_in;
    const std::string& m_shown;
    Pickle m_pickle;
    std::vector<std::uint32_t> m_stack;
    std::vector<std::size_t> m_marks; ///< heights of the stack
    std::vector<std::uint32_t> m_memo;
    std::size_t m_puts = 0;
};

bool PickleReader::step(std::uint8_t op)
{
    switch (op) {
    case Proto: return m_in.take(1).has_value();
    case Frame: return m_in.take(8).has_value();
    case Mark: m_marks.push_back(m_stack.size()); return true;
    case Pop: return pop().has_value();
    case PopMark: return popToMark().has_value();
    case Dup: return duplicate();
    case None: return pushKind(Kind::None);
    case NewTrue: return pushInteger(Kind::Bool, 1);
    case NewFalse: return pushInteger(Kind::Bool, 0);
    case BinInt: return integer<std::int32_t>();
    case BinInt1: return integer<std::uint8_t>();
    case BinInt2: return integer<std::uint16_t>();
    case Long1: return longInteger<std::uint8_t>();
    case Long4: return longInteger<std::uint32_t>();
    case BinFloat: return binaryFloat();
    case ShortBinUnicode: return sized<std::uint8_t>(Kind::Text);
    case BinUnicode: return sized<std::uint32_t>(Kind::Text);
    case BinUnicode8: return sized<std::uint64_t>(Kind::Text);
    case ShortBinString: return sized<std::uint8_t>(Kind::Text);
    case BinString: return sized<std::uint32_t>(Kind::Text);
    case ShortBinBytes: return sized<std::uint8_t>(Kind::Bytes);
    case BinBytes: return sized<std::uint32_t>(Kind::Bytes);
    case BinBytes8: return sized<std::uint64_t>(Kind::Bytes);
    case EmptyList:
    case EmptySet: return pushKind(Kind::List);
    case EmptyTuple: return pushKind(Kind::Tuple);
    case EmptyDict: return pushKind(Kind::Dict);
    case Append: return fill(popCount(1), Kind::List);
    case Appends:
    case AddItems: return fill(popToMark(), Kind::List);
    case SetItem: return fill(popCount(2), Kind::Dict);
    case SetItems: return fill(popToMark(), Kind::Dict);
    case Tuple: return tuple(popToMark());
    case Tuple1: return tuple(popCount(1));
    case Tuple2: return tuple(popCount(2));
    case Tuple3: return tuple(popCount(3));
    case Global: {
        auto module = line(); // not as arguments: their order of evaluation is anybody's
        auto name = line();
        return global(std::move(module), std::move(name));
    }
    case StackGlobal: return stackGlobal();
    case Reduce:
    case NewObj: return call(2);
    case NewObjEx: return call(3);
    case Build: return build();
    case BinPersId: return stored();
    case BinPut: return putAt<std::uint8_t>();
    case LongBinPut: return putAt<std::uint32_t>();
    case Memoize: return put(m_puts);
    case BinGet: return get<std::uint8_t>();
    case LongBinGet: return get<std::uint32_t>();
    default: return false;
    }
}

} // namespace

Result<Pickle> readPickle(std::span<const std::byte> bytes, const std::string& shown)
{
    if (bytes.size() > kMaxPickleBytes) {
        return fail(ErrorCode::Unsupported, "\"" + shown + "\" has a list of tensors of " +
                                                std::to_string(bytes.size()) + " bytes; at most " +
                                                std::to_string(kMaxPickleBytes) + " are read.");
    }
    return PickleReader(bytes, shown).read();
}

} // namespace jacobi
