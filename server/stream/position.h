// Where a stream begins and what it wants.

#ifndef TUCO_SERVER_STREAM_POSITION_H_
#define TUCO_SERVER_STREAM_POSITION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "server/log/filter.h"
#include "tuco/timestamp.h"

namespace tuco::stream {

// Behind the record with this sequence; 0 is before the first.
struct AfterSequence {
  std::uint64_t sequence = 0;
};
// Behind the record with this sequence, as the log itself remembers it: what
// has been removed since is told as a gap.
struct Resumed {
  std::uint64_t sequence = 0;
};
// At the oldest record kept.
struct Earliest {};
// Behind the newest record.
struct Latest {};
// At the first record recorded at or after a time.
struct FromTime {
  Timestamp time;
};

using Position =
    std::variant<AfterSequence, Resumed, Earliest, Latest, FromTime>;

inline constexpr std::size_t kBatchEventsDefault = 256;
inline constexpr std::size_t kBatchEventsMax = 4'096;
inline constexpr std::size_t kBatchBytesDefault = std::size_t{1} << 20;
inline constexpr std::size_t kBatchBytesMax = std::size_t{3} << 20;
inline constexpr std::chrono::microseconds kBatchDelayMax{1'000'000};

// A stream as its reader asks for it. A value.
struct StreamOptions {
  Position position;
  log::Filter filter;
  bool include_body = false;
  // Ends behind the head of the moment at which the stream is opened.
  bool stop_at_end = false;
  std::size_t batch_events_max = kBatchEventsDefault;  // 1 to kBatchEventsMax.
  // 1 to kBatchBytesMax; a single larger event comes alone.
  std::size_t batch_bytes_max = kBatchBytesDefault;
  // How long a live record may wait for others; 0 to kBatchDelayMax.
  std::chrono::microseconds batch_delay{0};
  // The epoch of the newest record that the reader has, where it says so.
  std::optional<std::uint64_t> epoch = std::nullopt;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_POSITION_H_
