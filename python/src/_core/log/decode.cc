#include "_core/log/decode.h"

#include <algorithm>
#include <string>
#include <utility>

#include "_core/table/builder.h"
#include "_core/wire/append_event.h"
#include "_core/wire/event_decoder.h"
#include "_core/wire/event_view.h"
#include "absl/status/status.h"
#include "tuco/digest.h"
#include "tuco/strings.h"

namespace tuco::python::log {
namespace {

// Adds what the log has beside the event's bytes.
absl::Status AddColumns(const StoredEvent& stored, std::string& signature,
                        wire::EventView& event) {
  event.sequence = stored.sequence;
  event.epoch = stored.epoch;
  event.recorded_at = stored.recorded_at_us;
  if (stored.suspected_duplicate_of != 0) {
    event.suspected_duplicate_of = stored.suspected_duplicate_of;
    event.flags.Add(Flag::kSuspectedDuplicate);
  }
  if (stored.body.data() == nullptr) return absl::OkStatus();
  Digest digest;
  if (stored.signature.size() != digest.size()) {
    return absl::InvalidArgumentError("its signature is not of 32 bytes");
  }
  std::copy(stored.signature.begin(), stored.signature.end(), digest.begin());
  signature = ToHex(digest);
  event.body = stored.body;
  event.signature = signature;
  return absl::OkStatus();
}

}  // namespace

Decoded Decode(const StoredEvents& stored, const table::ColumnSet& columns,
               bool stop_at_damage) {
  table::Builder builder(columns);
  Decoded decoded;
  wire::EventView event;
  std::string signature;
  for (const StoredEvent& row : stored.events()) {
    absl::Status status = wire::DecodeEvent(row.event, event);
    if (status.ok()) status = AddColumns(row, signature, event);
    if (status.ok()) {
      wire::AppendEvent(event, builder);
      continue;
    }
    AddDamage(
        {row.sequence, row.sequence,
         Concat({"its event cannot be decoded: ", FromAbsl(status.message())})},
        decoded.damages);
    if (stop_at_damage) break;
  }
  decoded.table = builder.Finish();
  return decoded;
}

}  // namespace tuco::python::log
