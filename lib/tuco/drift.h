// Tells what Tuco sends that this version does not know: new events, new
// fields, and known fields of another type.
//
//   for (const tuco::Drift& drift : tuco::DriftOf(event)) {
//     Count(tuco::DriftKindName(drift.kind), drift.name);
//   }
//
// What is known is the table in docs/events.md and the few members that the
// page lists as known without a field. Nothing is lost by drift: what no field
// holds is in the event's `extra_json`.

#ifndef TUCO_DRIFT_H_
#define TUCO_DRIFT_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tuco/event.h"

namespace tuco {

// Entries of one event at most, whatever its body has.
inline constexpr std::size_t kDriftCountMax = 32;

// A key or an event's name that is longer is not taken for a name.
inline constexpr std::size_t kDriftKeyBytesMax = 64;

// A path with such a key at its end.
inline constexpr std::size_t kDriftNameBytesMax = 96;

enum class DriftKind : std::uint8_t {
  kUnknownEvent = 1,  // Or none: the name is empty then.
  kUnknownField = 2,
  kWrongType = 3,
  kNoObject = 4,  // The body is not JSON, or no object. Without a name.
};

// What a member is, or should be; docs/events.md explains the types.
enum class ValueKind : std::uint8_t {
  kUnspecified = 0,
  // What can be found.
  kNull = 1,
  kBoolean = 2,
  kNumber = 3,
  kText = 4,
  kArray = 5,
  kObject = 6,
  // What besides these can be expected.
  kTime = 7,
  kCount = 8,
  kTexts = 9,
  kObjects = 10,
};

struct Drift {
  DriftKind kind = DriftKind::kUnknownEvent;
  // The event's name, or the field's path without array indices, such as
  // `data.reply.newField`; of what is unknown only the outermost member. It
  // consists of ASCII letters, digits and `_-$.`. What is not spelt like that,
  // or is too long, may be a value used as a key (a phone number), and is `*`.
  std::string name;
  // Of a wrong type only.
  ValueKind expected = ValueKind::kUnspecified;
  ValueKind found = ValueKind::kUnspecified;

  friend bool operator==(const Drift&, const Drift&) = default;
  // NOLINTNEXTLINE(modernize-use-nullptr): it sees a zero that nobody wrote.
  friend auto operator<=>(const Drift&, const Drift&) = default;
};

// The drift of an event that ParseEvent or ParseUnverified gave, or that was
// stored since: sorted, each entry once. Where there is more than
// kDriftCountMax, the first of them. No value of the body is in it. Pure, safe
// for concurrent use; reads `type_name`, `type`, `shape`, `flags` and
// `extra_json`, for no content of which it fails.
std::vector<Drift> DriftOf(const Event& event);

// In the words of docs/events.md, such as `unknown_field` and `texts`.
std::string_view DriftKindName(DriftKind kind);
std::string_view ValueKindName(ValueKind kind);

}  // namespace tuco

#endif  // TUCO_DRIFT_H_
