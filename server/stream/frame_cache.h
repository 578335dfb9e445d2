// Responses that several streams will send: those at the same place of the log
// which want the same of it.

#ifndef TUCO_SERVER_STREAM_FRAME_CACHE_H_
#define TUCO_SERVER_STREAM_FRAME_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "server/stream/position.h"

namespace tuco::stream {

// A serialized tuco.events.v1.StreamEventsResponse; never changes.
using Frame = std::shared_ptr<const std::string>;

// Keeps the newest few frames. One thread at a time.
class FrameCache {
 public:
  struct Entry {
    Frame frame;
    std::uint64_t scanned_through = 0;
  };

  // What a stream with those options sends behind `after`, when it is here.
  std::optional<Entry> Find(std::uint64_t after,
                            const StreamOptions& options) const;

  // Keeps it, and forgets the oldest ones beyond the limits.
  void Add(std::uint64_t after, const StreamOptions& options, Entry entry);

 private:
  struct Kept {
    std::uint64_t after = 0;
    StreamOptions options;
    Entry entry;
  };

  std::deque<Kept> kept_;  // Newest first.
  std::size_t bytes_ = 0;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_FRAME_CACHE_H_
