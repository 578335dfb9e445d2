// What every backend says when a read cannot begin.

#ifndef TUCO_SERVER_LOG_READ_ERRORS_H_
#define TUCO_SERVER_LOG_READ_ERRORS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace tuco::log {

// Of a read behind `after` when `first` is the oldest record kept.
inline absl::Status RemovedError(std::uint64_t after, std::uint64_t first) {
  return absl::OutOfRangeError(absl::StrCat("records ", after + 1, " to ",
                                            first - 1, " have been removed"));
}

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_READ_ERRORS_H_
