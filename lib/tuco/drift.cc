#include "tuco/drift.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "tuco/internal/field.h"
#include "tuco/internal/field_sources.h"
#include "tuco/internal/field_table.h"
#include "tuco/internal/field_value.h"
#include "tuco/internal/json_reader.h"
#include "tuco/internal/related_messages.h"

namespace tuco {
namespace {

using internal::Binding;
using internal::Candidate;
using internal::Context;
using internal::Field;
using internal::FieldKind;
using internal::FieldSources;
using internal::JsonKind;
using internal::JsonNode;
using internal::JsonReader;
using internal::KnownObject;

// Indexed by the enumerators' numbers.
constexpr std::array<std::string_view, 5> kDriftKindNames = {
    "unspecified", "unknown_event", "unknown_field", "wrong_type", "no_object",
};
constexpr std::array<std::string_view, 11> kValueKindNames = {
    "unspecified", "null", "boolean", "number", "text",    "array",
    "object",      "time", "count",   "texts",  "objects",
};
constexpr std::array<std::string_view, internal::kContextCount> kPrefixes = {
    "", "data.", "message.", "data.reply.", "lead.", "originalMessage.",
};

// A member that Tuco documents and that no field holds.
struct UnmappedMember {
  Context context;
  std::string_view key;
  ValueKind kind;
};
constexpr UnmappedMember kUnmappedMembers[] = {
    {Context::kMessage, "settings", ValueKind::kObject},
};

// The name with that number; a number from elsewhere has the first name.
template <typename Enum, typename Names>
std::string_view NameOf(Enum value, const Names& names) {
  const auto number = static_cast<std::size_t>(value);
  return number < names.size() ? names[number] : names[0];
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$';
}

// Names begin with a letter, which numbers and phone numbers do not.
bool IsName(std::string_view text, bool dotted) {
  if (text.empty() || text.size() > kDriftKeyBytesMax) return false;
  if (!IsNameByte(text[0]) || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return IsNameByte(c) || (dotted && c == '.');
  });
}

std::string_view NameOrStar(std::string_view text, bool dotted) {
  return IsName(text, dotted) ? text : "*";
}

ValueKind FoundKind(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return ValueKind::kNull;
    case JsonKind::kFalse:
    case JsonKind::kTrue:
      return ValueKind::kBoolean;
    case JsonKind::kNumber:
      return ValueKind::kNumber;
    case JsonKind::kString:
      return ValueKind::kText;
    case JsonKind::kArray:
      return ValueKind::kArray;
    case JsonKind::kObject:
      return ValueKind::kObject;
    case JsonKind::kOpaque:  // Deeper than any known member is.
      break;
  }
  return ValueKind::kUnspecified;
}

ValueKind ExpectedKind(FieldKind kind) {
  switch (kind) {
    case FieldKind::kText:
      return ValueKind::kText;
    case FieldKind::kTime:
      return ValueKind::kTime;
    case FieldKind::kCount:
      return ValueKind::kCount;
    case FieldKind::kBool:
    case FieldKind::kMark:
      return ValueKind::kBoolean;
    case FieldKind::kTexts:
      return ValueKind::kTexts;
    case FieldKind::kObjects:
      return ValueKind::kObjects;
    case FieldKind::kNone:  // Known as an object only.
      break;
  }
  return ValueKind::kObject;
}

// Whether a list's element can hold that value of a member.
bool IsOfKind(const JsonReader& json, const JsonNode& node, FieldKind kind) {
  if (node.kind == JsonKind::kNull) return true;
  if (kind == FieldKind::kTime) return ReadTime(json, node).has_value();
  if (kind == FieldKind::kCount) return ReadCount(json, node).has_value();
  return node.kind == JsonKind::kString;
}

// The first kDriftCountMax entries of all that are added, whatever the order.
class DriftSet {
 public:
  void Add(Drift drift) {
    entries_.insert(std::move(drift));
    if (entries_.size() > kDriftCountMax) entries_.erase(--entries_.end());
  }

  std::vector<Drift> Take() && { return {entries_.begin(), entries_.end()}; }

 private:
  std::set<Drift> entries_;
};

// The type of a member that is known without a field; nothing for any other.
std::optional<ValueKind> UnmappedKind(Context context, std::string_view key) {
  for (const UnmappedMember& member : kUnmappedMembers) {
    if (member.context == context && member.key == key) return member.kind;
  }
  return std::nullopt;
}

// Reads `extra_json` as if it were a body: what no field could hold then, none
// could hold now.
class DriftFinder {
 public:
  DriftFinder(const JsonReader& json, const Event& event, DriftSet& found)
      : json_(json), event_(event), sources_(json), found_(found) {}

  void Find() {
    if (!HasSides()) sources_.AddUnmappedNullSides();
    for (const std::uint32_t node : sources_.unmapped()) Judge(node);
    for (const Candidate& candidate : sources_) JudgeCandidate(candidate);
  }

 private:
  // Only S6 knows `data.from` and `data.to`.
  bool HasSides() const { return event_.shape == Shape::kS6; }
  static bool IsSide(Field field) {
    return field == Field::kFrom || field == Field::kTo;
  }

  // The innermost known object that the member is in.
  Context ContextOf(std::uint32_t node) const {
    const KnownObject* innermost = sources_.objects_begin();
    for (const KnownObject* object = sources_.objects_begin();
         object != sources_.objects_end(); ++object) {
      const bool inside =
          object->node < node && node < json_[object->node].next;
      if (inside && object->node >= innermost->node) innermost = object;
    }
    return innermost->context;
  }

  // A member that is unknown or of the wrong type.
  void Judge(std::uint32_t index) {
    const JsonNode& node = json_[index];
    const Context context = ContextOf(index);
    const std::string_view key = json_.Key(node);
    const Binding* binding = FindBinding(context, key, node.key_hash);
    if (binding != nullptr && IsSide(binding->field) && !HasSides()) {
      binding = nullptr;
    }
    if (binding != nullptr) {
      return AddType(Prefix(context), key, ExpectedOf(*binding), node.kind);
    }
    if (IsKnownOfOriginal(context, node)) return;
    const auto kind = UnmappedKind(context, key);
    if (!kind) return AddField(Prefix(context), key);
    if (node.kind == JsonKind::kNull) return;
    AddType(Prefix(context), key, *kind, node.kind);
  }

  // A member of the right type is drift only where its elements are, or where
  // its shape does not have it. Else it contradicts another one.
  void JudgeCandidate(const Candidate& candidate) {
    if (IsSide(candidate.field) && !HasSides()) {
      return AddField(Prefix(ContextOf(candidate.node)),
                      json_.Key(json_[candidate.node]));
    }
    if (internal::KindOf(candidate.field) != FieldKind::kObjects) return;
    const JsonNode& list = json_[candidate.node];
    std::string prefix(Prefix(ContextOf(candidate.node)));
    prefix.append(json_.Key(list)).push_back('.');
    for (std::uint32_t i = candidate.node + 1; i < list.next;
         i = json_[i].next) {
      JudgeElement(candidate.field, i, prefix);
    }
  }

  void JudgeElement(Field list, std::uint32_t element,
                    std::string_view prefix) {
    for (std::uint32_t i = element + 1; i < json_[element].next;
         i = json_[i].next) {
      const JsonNode& node = json_[i];
      if (node.shadowed) continue;
      const std::string_view key = json_.Key(node);
      const FieldKind kind = list == Field::kParents
                                 ? internal::ParentMemberKind(key)
                                 : internal::ReplyMemberKind(key);
      if (kind == FieldKind::kNone) {
        AddField(prefix, key);
      } else if (!IsOfKind(json_, node, kind)) {
        AddType(prefix, key, ExpectedKind(kind), node.kind);
      }
    }
  }

  // The message that a reply answers is documented as an object without saying
  // more; what a message has may be in it.
  bool IsKnownOfOriginal(Context context, const JsonNode& node) const {
    if (context != Context::kOriginal) return false;
    const std::string_view key = json_.Key(node);
    return FindBinding(Context::kMessage, key, node.key_hash) != nullptr ||
           UnmappedKind(Context::kMessage, key).has_value();
  }

  static ValueKind ExpectedOf(const Binding& binding) {
    return ExpectedKind(internal::KindOf(binding.field));
  }
  static std::string_view Prefix(Context context) {
    return kPrefixes[static_cast<std::size_t>(context)];
  }

  void AddField(std::string_view prefix, std::string_view key) {
    std::string name(prefix);
    name.append(NameOrStar(key, false));
    found_.Add({DriftKind::kUnknownField, std::move(name)});
  }

  void AddType(std::string_view prefix, std::string_view key,
               ValueKind expected, JsonKind kind) {
    const ValueKind found = FoundKind(kind);
    // A mark that is not set, or an object that no field holds.
    if (found == expected) return;
    std::string name(prefix);
    name.append(NameOrStar(key, false));
    found_.Add({DriftKind::kWrongType, std::move(name), expected, found});
  }

  const JsonReader& json_;
  const Event& event_;
  FieldSources sources_;
  DriftSet& found_;
};

void FindInExtra(const Event& event, DriftSet& found) {
  if (!event.extra_json) return;
  JsonReader json;
  if (!json.Parse(*event.extra_json)) return;
  if (json[0].kind != JsonKind::kObject) return;
  DriftFinder(json, event, found).Find();
}

}  // namespace

std::vector<Drift> DriftOf(const Event& event) {
  if (event.flags.Has(Flag::kParseError)) return {{DriftKind::kNoObject, ""}};
  DriftSet found;
  if (event.type == EventType::kUnspecified) {
    found.Add({DriftKind::kUnknownEvent,
               event.type_name.empty()
                   ? std::string()
                   : std::string(NameOrStar(event.type_name, true))});
  }
  FindInExtra(event, found);
  return std::move(found).Take();
}

std::string_view DriftKindName(DriftKind kind) {
  return NameOf(kind, kDriftKindNames);
}

std::string_view ValueKindName(ValueKind kind) {
  return NameOf(kind, kValueKindNames);
}

}  // namespace tuco
