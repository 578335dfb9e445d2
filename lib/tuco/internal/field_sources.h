// Finds out which members of a body give an event's fields their values.

#ifndef TUCO_INTERNAL_FIELD_SOURCES_H_
#define TUCO_INTERNAL_FIELD_SOURCES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "tuco/internal/field.h"
#include "tuco/internal/field_table.h"
#include "tuco/internal/inline_buffer.h"
#include "tuco/internal/json_reader.h"

namespace tuco::internal {

// A known member whose value has its field's type.
struct Candidate {
  std::uint32_t node;
  Field field;
  Rank rank;
  // Microseconds, count or truth of a field that holds one, else 0.
  std::int64_t number;
};

// An object of the body whose members are known.
struct KnownObject {
  std::uint32_t node;
  Context context;
};

// One thread at a time; refers to the reader.
class FieldSources {
 public:
  // `json` has parsed an object.
  explicit FieldSources(const JsonReader& json);

  const Candidate* begin() const { return candidates_.data(); }
  const Candidate* end() const { return candidates_.data() + count_; }

  // The candidate that gives `field` its value, or nullptr.
  const Candidate* Best(Field field) const {
    const std::uint8_t best = best_[IndexOf(field)];
    return best == kNoCandidate ? nullptr : &candidates_[best];
  }

  // Whether `context` is there and gives a candidate for `field`.
  bool Has(Context context, Field field) const {
    return (seen_[static_cast<std::size_t>(context)] & Bit(field)) != 0;
  }
  // Whether the member of that rank gives a message id.
  bool HasId(Rank rank) const { return (id_ranks_ >> rank & 1) != 0; }
  // Whether the object `context` is there.
  bool HasObject(Context context) const {
    return (objects_seen_ >> static_cast<unsigned>(context) & 1) != 0;
  }

  // Makes S6's `from` or `to` the first choice for `to_field`.
  void Reassign(Field from_field, Field to_field);

  // Says that no field holds `from` and `to` where they are null: shapes other
  // than S6 do not know them.
  void AddUnmappedNullSides();

  // Says that no field holds the member at `node`.
  void AddUnmapped(std::uint32_t node) { unmapped_.Append() = node; }
  // Every such member, shadowed ones not among them.
  InlineBuffer<std::uint32_t, 32>& unmapped() { return unmapped_; }

  // The known objects, the root first.
  const KnownObject* objects_begin() const { return objects_.data(); }
  const KnownObject* objects_end() const {
    return objects_.data() + object_count_;
  }

 private:
  static constexpr std::uint8_t kNoCandidate = 0xff;
  static_assert(kBindingCountMax <= kNoCandidate);
  static_assert(kFieldCount <= 64);

  static constexpr std::uint64_t Bit(Field field) {
    return std::uint64_t{1} << IndexOf(field);
  }
  void Enter(Context context, std::uint32_t node);
  void CollectMembers(Context context, std::uint32_t object);
  void CollectMember(Context context, std::uint32_t index);
  void CollectNull(const Binding& binding, std::uint32_t index);
  void Consider(const Binding& binding, std::uint32_t index);

  const JsonReader& json_;
  std::size_t count_ = 0;
  std::size_t object_count_ = 0;
  unsigned objects_seen_ = 0;
  unsigned id_ranks_ = 0;
  // Nodes; 0, which is the body itself, where there is none.
  std::uint32_t null_from_ = 0;
  std::uint32_t null_to_ = 0;
  std::array<std::uint64_t, kContextCount> seen_{};
  std::array<std::uint8_t, kFieldCount> best_;
  std::array<KnownObject, kContextCount> objects_;
  InlineBuffer<std::uint32_t, 32> unmapped_;
  std::array<Candidate, kBindingCountMax> candidates_;
};

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_FIELD_SOURCES_H_
