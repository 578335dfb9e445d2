// How much of a ReadRequest's limits is left.

#ifndef TUCO_SERVER_LOG_READ_BUDGET_H_
#define TUCO_SERVER_LOG_READ_BUDGET_H_

#include <cstddef>

#include "server/log/event_log.h"

namespace tuco::log {

// The same arithmetic for every backend. One thread at a time.
class ReadBudget {
 public:
  explicit ReadBudget(const ReadRequest& request) : request_(request) {}

  // Whether a record of `bytes` may be handed out; the first one always may.
  bool Fits(std::size_t bytes) const {
    return events_ == 0 || bytes_ + bytes <= request_.bytes_max;
  }
  void CountRecord(std::size_t bytes) {
    ++events_;
    bytes_ += bytes;
  }
  void CountRow() { ++rows_; }

  // Whether to look at no further row.
  bool Spent() const {
    return rows_ >= request_.scan_max ||
           (events_ > 0 &&
            (events_ >= request_.events_max || bytes_ >= request_.bytes_max));
  }

 private:
  const ReadRequest request_;
  std::size_t rows_ = 0;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_READ_BUDGET_H_
