// A record: what the event log stores for one event.
//
// The log looks at none of it but the columns; `event` and `body` are opaque
// bytes to it.

#ifndef TUCO_SERVER_LOG_RECORD_H_
#define TUCO_SERVER_LOG_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuco/digest.h"
#include "tuco/drift.h"
#include "tuco/event_type.h"
#include "tuco/record_layout.h"
#include "tuco/timestamp.h"

namespace tuco::log {

// How much of a duplicate key is the event id.
inline constexpr std::size_t kEventIdBytes = 16;

// A value. The receiver fills it in, the log gives sequence, epoch and
// recorded_at when it appends it; from then on it is shared and never changed.
struct Record {
  // Given by the log.
  std::uint64_t sequence = 0;
  std::uint64_t epoch = 0;
  Timestamp recorded_at;
  // An earlier event of the same message and type, whose bytes differ; its
  // sequence, 0 without one.
  std::uint64_t suspected_duplicate_of = 0;

  // Endpoint and signed bytes hashed; its first 16 bytes are the event id.
  Digest duplicate_key{};
  std::string endpoint;
  std::string type_name;
  std::optional<std::string> workspace_id;
  std::optional<std::string> line_id;
  std::optional<std::string> campaign_id;
  std::optional<std::string> message_id;
  std::optional<std::string> lead_id;
  std::optional<std::string> phone;
  std::optional<Timestamp> occurred_at;
  Timestamp received_at;
  Flags flags;
  std::string event;  // Serialized, without what the log gives.
  std::string body;   // The signed bytes.
  Digest signature{};

  // What is news in the event. No part of what is stored of it: the committer
  // takes it away, and the log remembers its names.
  std::vector<Drift> drift{};

  friend bool operator==(const Record&, const Record&) = default;
};

// Shared because every subscriber that wants a committed record sends the same
// bytes, each at its own pace.
using RecordPtr = std::shared_ptr<const Record>;

// The columns of `record`; views into it.
RecordColumns ColumnsOf(const Record& record);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_RECORD_H_
