#include "server/stream/frame_cache.h"

#include <utility>

namespace tuco::stream {
namespace {

// Live streams want what was published a moment ago, and are not many kinds.
constexpr std::size_t kFramesMax = 16;
constexpr std::size_t kBytesMax = std::size_t{8} << 20;

// Whether two streams at the same place send the same.
bool SendAlike(const StreamOptions& a, const StreamOptions& b) {
  return a.include_body == b.include_body &&
         a.batch_events_max == b.batch_events_max &&
         a.batch_bytes_max == b.batch_bytes_max &&
         a.batch_delay == b.batch_delay && a.filter == b.filter;
}

}  // namespace

std::optional<FrameCache::Entry> FrameCache::Find(
    std::uint64_t after, const StreamOptions& options) const {
  for (const Kept& kept : kept_) {
    if (kept.after == after && SendAlike(kept.options, options)) {
      return kept.entry;
    }
  }
  return std::nullopt;
}

void FrameCache::Add(std::uint64_t after, const StreamOptions& options,
                     Entry entry) {
  bytes_ += entry.frame->size();
  kept_.push_front({after, options, std::move(entry)});
  while (kept_.size() > kFramesMax || bytes_ > kBytesMax) {
    bytes_ -= kept_.back().entry.frame->size();
    kept_.pop_back();
  }
}

}  // namespace tuco::stream
