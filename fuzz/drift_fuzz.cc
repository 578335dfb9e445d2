// Property: of any bytes, read as a body and as an event's extra_json alike,
// the drift is the same every time, sorted, without repetitions, within its
// bounds, and named by nothing but letters, digits and `_-$.*`.

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/check.h"
#include "tuco/drift.h"
#include "tuco/event_parser.h"

namespace {

constexpr std::string_view kNameBytes =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$.*";

void CheckEntry(const tuco::Drift& drift) {
  FUZZ_CHECK(drift.name.size() <= tuco::kDriftNameBytesMax);
  FUZZ_CHECK(drift.name.find_first_not_of(kNameBytes) == std::string::npos);
  FUZZ_CHECK(tuco::DriftKindName(drift.kind) != "unspecified");
  const bool typed = drift.kind == tuco::DriftKind::kWrongType;
  FUZZ_CHECK(typed == (drift.expected != tuco::ValueKind::kUnspecified));
}

void CheckDrift(const tuco::Event& event) {
  const std::vector<tuco::Drift> found = tuco::DriftOf(event);
  FUZZ_CHECK(found.size() <= tuco::kDriftCountMax);
  FUZZ_CHECK(std::is_sorted(found.begin(), found.end()));
  FUZZ_CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
  for (const tuco::Drift& drift : found) CheckEntry(drift);
  FUZZ_CHECK(tuco::DriftOf(event) == found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text = tuco::fuzz::Text(data, size);
  CheckDrift(tuco::ParseUnverified(text));

  tuco::Event event;
  event.type_name = text;
  event.extra_json = text;
  for (const tuco::Shape shape : {tuco::Shape::kS1, tuco::Shape::kS6}) {
    event.shape = shape;
    CheckDrift(event);
  }
  return 0;
}
