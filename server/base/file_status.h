// What a failed system call on a file means, as a status.

#ifndef TUCO_SERVER_BASE_FILE_STATUS_H_
#define TUCO_SERVER_BASE_FILE_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace tuco::base {

// The codes of server/base/file_system.h; Unknown for a number that is not
// about files.
absl::StatusCode FileErrorCode(int error_number);

// `PATH: WHAT: <the system's words>`, with the code of the cause.
absl::Status FileError(int error_number, std::string_view path,
                       std::string_view what);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_FILE_STATUS_H_
