#include "server/stream/tail.h"

#include <algorithm>
#include <utility>

namespace tuco::stream {
namespace {

// What a record costs in memory, roughly: its bytes and its own structure.
std::size_t BytesOf(const log::Record& record) {
  return sizeof(record) + record.event.size() + record.body.size();
}

}  // namespace

void Tail::Add(std::span<const log::RecordPtr> records) {
  for (const log::RecordPtr& record : records) {
    head_ = record->sequence;
    bytes_ += BytesOf(*record);
    records_.push_back(record);
  }
  while (!records_.empty() &&
         (records_.size() > events_max_ || bytes_ > bytes_max_)) {
    bytes_ -= BytesOf(*records_.front());
    records_.pop_front();
  }
}

bool Tail::Covers(std::uint64_t after) const {
  return after >= head_ ||
         (!records_.empty() && records_.front()->sequence <= after + 1);
}

Tail::Portion Tail::Take(std::uint64_t after, const log::Filter& filter,
                         std::size_t events_max, std::size_t bytes_max) const {
  Portion portion;
  portion.scanned_through = std::max(after, head_);
  auto next = std::upper_bound(
      records_.begin(), records_.end(), after,
      [](std::uint64_t sequence, const log::RecordPtr& record) {
        return sequence < record->sequence;
      });
  std::size_t bytes = 0;
  for (; next != records_.end(); ++next) {
    const log::Record& record = **next;
    if (!filter.Matches(log::ColumnsOf(record))) continue;
    bytes += record.event.size() + record.body.size();
    if (portion.full || (bytes > bytes_max && !portion.records.empty())) {
      portion.full = true;
      portion.scanned_through = record.sequence - 1;
      break;
    }
    portion.records.push_back(*next);
    portion.full = portion.records.size() == events_max;
  }
  return portion;
}

}  // namespace tuco::stream
