// The newest committed records, kept in memory so that live streams need not
// read them from disk.

#ifndef TUCO_SERVER_STREAM_TAIL_H_
#define TUCO_SERVER_STREAM_TAIL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "server/log/filter.h"
#include "server/log/record.h"

namespace tuco::stream {

// One thread at a time; the records themselves are immutable and shared.
class Tail {
 public:
  // Behind the record `head`, which was committed before.
  Tail(std::uint64_t head, std::size_t events_max, std::size_t bytes_max)
      : head_(head), events_max_(events_max), bytes_max_(bytes_max) {}

  // Adds records in the order of their sequences and drops the oldest ones
  // beyond the limits.
  void Add(std::span<const log::RecordPtr> records);

  // The sequence of the newest record that was added, or the head it began at.
  std::uint64_t head() const { return head_; }

  // Whether every record behind `after` up to the head is here.
  bool Covers(std::uint64_t after) const;

  // One portion of what is behind a position.
  struct Portion {
    std::vector<log::RecordPtr> records;
    std::uint64_t scanned_through = 0;
    bool full = false;  // Whether a limit was reached.
  };

  // The matching records behind `after`, in order, up to `events_max` of them
  // and `bytes_max` bytes, one at least where there is one. Requires
  // Covers(after).
  Portion Take(std::uint64_t after, const log::Filter& filter,
               std::size_t events_max, std::size_t bytes_max) const;

 private:
  std::uint64_t head_;
  const std::size_t events_max_;
  const std::size_t bytes_max_;
  std::deque<log::RecordPtr> records_;
  std::size_t bytes_ = 0;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_TAIL_H_
