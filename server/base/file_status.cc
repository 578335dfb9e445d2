#include "server/base/file_status.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "tuco/strings.h"

namespace tuco::base {

absl::StatusCode FileErrorCode(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return absl::StatusCode::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
      return absl::StatusCode::kResourceExhausted;
    case EIO:
      return absl::StatusCode::kDataLoss;
    case EWOULDBLOCK:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kUnknown;
  }
}

absl::Status FileError(int error_number, std::string_view path,
                       std::string_view what) {
  // std::strerror is not safe for concurrent use.
  const std::string reason = std::generic_category().message(error_number);
  return absl::Status(FileErrorCode(error_number),
                      ToAbsl(Concat({path, ": ", what, ": ", reason})));
}

}  // namespace tuco::base
