// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/torchtensors.h"

#include "core/base/checkedmath.h"
#include "core/base/limits.h"
#include "core/base/printable.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace jacobi {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kMaxNameBytes = 1024;

std::optional<DType> dtypeOfStorage(std::string_view name)
{
    static constexpr std::pair<std::string_view, DType> kStorages[] = {
        {"torch.FloatStorage", DType::F32},  {"torch.DoubleStorage", DType::F64}, {"torch.HalfStorage", DType::F16},
        {"torch.BFloat16Storage", DType::BF16}, {"torch.LongStorage", DType::I64}, {"torch.IntStorage", DType::I32},
        {"torch.ShortStorage", DType::I16},  {"torch.CharStorage", DType::I8},    {"torch.ByteStorage", DType::U8},
        {"torch.BoolStorage", DType::Bool},
    };
    for (const auto& [storage, dtype] : kStorages) {
        if (storage == name) {
            return dtype;
        }
    }
    return std::nullopt;
}

class Lister {
public:
    Lister(const Pickle& pickle, const std::map<std::string, ZipMember>& members, const std::string& root,
           std::uint64_t fileBytes, const std::string& shown)
        : m_pickle(pickle), m_members(members), m_root(root), m_fileBytes(fileBytes), m_shown(shown)
    {
    }

    Result<TorchListing> list()
    {
        if (!walk(m_pickle.root, "", 0)) {
            return tl::unexpected(m_error);
        }
        TorchListing listing;
        listing.tensors = std::move(m_tensors);
        std::sort(listing.tensors.begin(), listing.tensors.end(),
                  [](const TorchTensor& a, const TorchTensor& b) { return a.name < b.name; });
        for (std::size_t i = 1; i < listing.tensors.size(); ++i) {
            if (listing.tensors[i].name == listing.tensors[i - 1].name) {
                corrupt("two tensors are called \"" + printable(listing.tensors[i].name, 200) + "\"");
                return tl::unexpected(m_error);
            }
        }
        listing.inert.assign(m_inert.begin(), m_inert.end());
        return listing;
    }

private:
    bool refuse(ErrorCode code, const std::string& sentence)
    {
        m_error = Error{code, sentence, {}};
        return false;
    }
    bool corrupt(const std::string& why)
    {
        return refuse(ErrorCode::Corrupt, "\"" + m_shown + "\" is damaged: " + why + ". Get the file again.");
    }

    void mark(const std::string& name)
    {
        if (m_inert.size() < 1000) {
            m_inert.insert(printable(name.empty() ? "an unnamed object" : name, kMaxPickleNameBytes));
        }
    }

    /// Containers are entered, tensors are taken, everything else with a name is marked.
    bool walk(std::uint32_t index, const std::string& name, std::size_t depth)
    {
        // A pickle may hold itself, or the same list a thousand times over.
        if (depth > kMaxPickleDepth || name.size() > kMaxNameBytes || ++m_visited > kMaxPickleValues) {
            return corrupt("its containers are nested too deeply");
        }
        const PickleValue& value = m_pickle[index];
        switch (value.kind) {
        case Kind::Dict:
            for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
                if (!walk(value.items[i + 1], joined(name, keyText(value.items[i])), depth + 1)) {
                    return false;
                }
            }
            return true;
        case Kind::List:
        case Kind::Tuple:
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                if (!walk(value.items[i], joined(name, std::to_string(i)), depth + 1)) {
                    return false;
                }
            }
            return true;
        case Kind::Call: return call(value, name, depth);
        case Kind::Global: mark(value.text); return true;
        case Kind::Stored: mark("a storage without a tensor"); return true;
        default: return true;
        }
    }

    static std::string joined(const std::string& name, const std::string& key)
    {
        return name.empty() ? key : name + "/" + key;
    }
    std::string keyText(std::uint32_t index) const
    {
        const PickleValue& key = m_pickle[index];
        return key.kind == Kind::Text ? key.text.substr(0, kMaxNameBytes)
               : key.kind == Kind::Int ? std::to_string(key.integer)
                                       : "?";
    }

    /// items: the callee, the tuple of its arguments.
    bool call(const PickleValue& value, const std::string& name, std::size_t depth)
    {
        const PickleValue& arguments = m_pickle[value.items[1]];
        const bool isGlobal = m_pickle[value.items[0]].kind == Kind::Global;
        if (isGlobal && arguments.kind == Kind::Tuple) {
            const std::vector<std::uint32_t>& given = arguments.items;
            if (value.text == "torch._utils._rebuild_tensor_v2" && given.size() >= 4) {
                return tensor(given, name);
            }
            // A parameter is its first argument; a tensor of a class of its own: (function, class, arguments, state).
            if (value.text == "torch._utils._rebuild_parameter" && !given.empty()) {
                return walk(given[0], name, depth + 1);
            }
            if (value.text == "torch._tensor._rebuild_from_type_v2" && given.size() >= 3 &&
                m_pickle[given[0]].text == "torch._utils._rebuild_tensor_v2" &&
                m_pickle[given[2]].kind == Kind::Tuple && m_pickle[given[2]].items.size() >= 4) {
                return tensor(m_pickle[given[2]].items, name);
            }
        }
        mark(value.text);
        return true;
    }

    bool wholeNumbers(std::uint32_t index, std::vector<std::int64_t>& out) const
    {
        const PickleValue& value = m_pickle[index];
        if (value.kind != Kind::Tuple || value.items.size() > kMaxTensorRank) {
            return false;
        }
        for (const std::uint32_t item : value.items) {
            if (m_pickle[item].kind != Kind::Int || m_pickle[item].integer < 0) {
                return false;
            }
            out.push_back(m_pickle[item].integer);
        }
        return true;
    }

    struct Storage {
        DType dtype = DType::F32;
        std::uint64_t begin = 0;
        std::uint64_t elements = 0;
    };

    /// ("storage", class, key, device, count of elements); nothing and an empty error where the class is not known.
    std::optional<Storage> storage(std::uint32_t index, const std::string& about)
    {
        m_error = {};
        const PickleValue& stored = m_pickle[index];
        const PickleValue& id = stored.kind == Kind::Stored ? m_pickle[stored.items[0]] : stored;
        if (stored.kind != Kind::Stored || id.kind != Kind::Tuple || id.items.size() != 5 ||
            m_pickle[id.items[1]].kind != Kind::Global || m_pickle[id.items[2]].kind != Kind::Text ||
            m_pickle[id.items[4]].kind != Kind::Int || m_pickle[id.items[4]].integer < 0) {
            corrupt(about + " has no storage");
            return std::nullopt;
        }
        const std::optional<DType> dtype = dtypeOfStorage(m_pickle[id.items[1]].text);
        if (!dtype) {
            mark(m_pickle[id.items[1]].text);
            return std::nullopt;
        }
        const auto member = m_members.find(m_root + "/data/" + m_pickle[id.items[2]].text);
        if (member == m_members.end()) {
            corrupt("the data of " + about + " are missing");
            return std::nullopt;
        }
        const auto elements = static_cast<std::uint64_t>(m_pickle[id.items[4]].integer);
        const auto bytes = checkedMultiply<std::uint64_t>(elements, byteSize(*dtype));
        if (!bytes || *bytes != member->second.bytes) {
            corrupt("the data of " + about + " have " + std::to_string(member->second.bytes) + " bytes instead of " +
                    std::to_string(elements) + " x " + std::to_string(byteSize(*dtype)));
            return std::nullopt;
        }
        return Storage{*dtype, member->second.offset, elements};
    }

    /// (storage, offset, shape, strides, ...), offset and strides in elements.
    bool tensor(const std::vector<std::uint32_t>& arguments, const std::string& name)
    {
        const std::string about = "the tensor \"" + printable(name, 200) + "\"";
        const std::optional<Storage> storage = this->storage(arguments[0], about);
        if (!storage) {
            return m_error.message.empty();
        }
        TorchTensor tensor;
        tensor.name = name;
        tensor.dtype = storage->dtype;
        const PickleValue& offset = m_pickle[arguments[1]];
        if (!wholeNumbers(arguments[2], tensor.shape) || !wholeNumbers(arguments[3], tensor.strides) ||
            tensor.shape.size() != tensor.strides.size() || offset.kind != Kind::Int || offset.integer < 0) {
            return corrupt("the shape of " + about + " makes no sense");
        }
        std::optional<std::uint64_t> count = 1;
        std::optional<std::uint64_t> end = static_cast<std::uint64_t>(offset.integer) + 1; // one past its last element
        bool isEmpty = false;
        for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
            const auto size = static_cast<std::uint64_t>(tensor.shape[i]);
            isEmpty = isEmpty || size == 0;
            count = count ? checkedMultiply(*count, size) : count;
            const auto reach =
                checkedMultiply(size == 0 ? 0 : size - 1, static_cast<std::uint64_t>(tensor.strides[i]));
            end = end && reach ? checkedAdd(*end, *reach) : std::nullopt;
        }
        if (isEmpty) {
            count = 0;
        } else if (!end || *end > storage->elements) {
            return corrupt(about + " reaches beyond its data");
        } else if (!count || *count > storage->elements) {
            return refuse(ErrorCode::Unsupported, "\"" + m_shown + "\" cannot be used: " + about +
                                                      " repeats its data; save a contiguous copy of it.");
        }
        tensor.bytes = *count * byteSize(tensor.dtype);
        tensor.begin = storage->begin + (isEmpty ? 0 : static_cast<std::uint64_t>(offset.integer)) * byteSize(tensor.dtype);
        // Tensors may share data (tied weights), but not so much that a small file fills the memory.
        m_bytes += tensor.bytes;
        m_nameBytes += tensor.name.size();
        if (m_bytes > 8 * m_fileBytes || m_nameBytes > kMaxPickleBytes || m_tensors.size() >= kMaxTensors) {
            return corrupt("its tensors claim far more data than it has");
        }
        m_tensors.push_back(std::move(tensor));
        return true;
    }

    const Pickle& m_pickle;
    const std::map<std::string, ZipMember>& m_members;
    const std::string& m_root;
    std::uint64_t m_fileBytes = 0;
    const std::string& m_shown;
    std::vector<TorchTensor> m_tensors;
    std::set<std::string> m_inert;
    std::uint64_t m_bytes = 0;
    std::size_t m_nameBytes = 0;
    std::size_t m_visited = 0;
    Error m_error;
};

} // namespace

Result<TorchListing> listTorchTensors(const Pickle& pickle, const std::map<std::string, ZipMember>& members,
                                      const std::string& root, std::uint64_t fileBytes, const std::string& shown)
{
    return Lister(pickle, members, root, fileBytes, shown).list();
}

} // namespace jacobi
