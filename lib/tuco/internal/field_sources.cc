#include "tuco/internal/field_sources.h"

#include "tuco/internal/field_value.h"

namespace tuco::internal {
namespace {

// Whether the value has the right type; `number` becomes what it comes down to
// where it is no text and no list.
bool ReadAs(FieldKind kind, const JsonReader& json, std::uint32_t index,
            std::int64_t& number) {
  const JsonNode& node = json[index];
  const auto store = [&](const auto& value) {
    if (value.has_value()) number = *value;
    return value.has_value();
  };
  switch (kind) {
    case FieldKind::kText:
      return node.kind == JsonKind::kString;
    case FieldKind::kTime:
      return store(ReadMicros(json, node));
    case FieldKind::kCount:
      return store(ReadCount(json, node));
    case FieldKind::kBool:
      number = node.kind == JsonKind::kTrue ? 1 : 0;
      return node.kind == JsonKind::kTrue || node.kind == JsonKind::kFalse;
    case FieldKind::kMark:
      return node.kind == JsonKind::kTrue;
    case FieldKind::kTexts:
      return IsArrayOf(json, index, JsonKind::kString);
    case FieldKind::kObjects:
      return IsArrayOf(json, index, JsonKind::kObject);
    case FieldKind::kNone:
      break;
  }
  return false;
}

}  // namespace

FieldSources::FieldSources(const JsonReader& json) : json_(json) {
  best_.fill(kNoCandidate);
  Enter(Context::kRoot, 0);
  // Grows while it runs: members of an object may be objects themselves.
  for (std::size_t i = 0; i < object_count_; ++i) {
    CollectMembers(objects_[i].context, objects_[i].node);
  }
}

void FieldSources::Reassign(Field from_field, Field to_field) {
  const std::uint8_t source = best_[IndexOf(from_field)];
  if (source == kNoCandidate) return;
  candidates_[source].field = to_field;
  candidates_[source].rank = kRankOfSixthShape;
  best_[IndexOf(to_field)] = source;
}

void FieldSources::AddUnmappedNullSides() {
  if (null_from_ != 0) AddUnmapped(null_from_);
  if (null_to_ != 0) AddUnmapped(null_to_);
}

void FieldSources::Enter(Context context, std::uint32_t node) {
  objects_[object_count_++] = {node, context};
  objects_seen_ |= 1u << static_cast<unsigned>(context);
}

inline void FieldSources::Consider(const Binding& binding,
                                   std::uint32_t index) {
  // Built where it stays: members are many and most of them are kept.
  Candidate& candidate = candidates_[count_];
  candidate.number = 0;
  if (!ReadAs(KindOf(binding.field), json_, index, candidate.number)) {
    return AddUnmapped(index);
  }
  candidate.node = index;
  candidate.field = binding.field;
  candidate.rank = binding.rank;
  seen_[static_cast<std::size_t>(binding.context)] |= Bit(binding.field);
  if (binding.field == Field::kMessageId) id_ranks_ |= 1u << binding.rank;
  const auto place = static_cast<std::uint8_t>(count_++);
  if (binding.rank == kRankEcho) return;
  std::uint8_t& best = best_[IndexOf(binding.field)];
  if (best == kNoCandidate || binding.rank < candidates_[best].rank) {
    best = place;
  }
}

// Null is absent, unless it turns out that the member is not known at all.
inline void FieldSources::CollectNull(const Binding& binding,
                                      std::uint32_t index) {
  if (binding.field == Field::kFrom) null_from_ = index;
  if (binding.field == Field::kTo) null_to_ = index;
}

inline void FieldSources::CollectMember(Context context, std::uint32_t index) {
  const JsonNode& node = json_[index];
  const Binding* binding = FindBinding(context, json_.Key(node), node.key_hash);
  if (binding == nullptr) return AddUnmapped(index);
  if (node.kind == JsonKind::kNull) return CollectNull(*binding, index);
  if (node.kind == JsonKind::kObject && binding->opens != Context::kNone) {
    return Enter(binding->opens, index);
  }
  Consider(*binding, index);
}

void FieldSources::CollectMembers(Context context, std::uint32_t object) {
  const std::uint32_t end = json_[object].next;
  for (std::uint32_t i = object + 1; i < end; i = json_[i].next) {
    if (!json_[i].shadowed) CollectMember(context, i);
  }
}

}  // namespace tuco::internal
