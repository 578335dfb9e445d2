// Folders and files that hold personal data: for their owner's eyes only, and
// there after a power cut once we said so.

#ifndef TUCO_SERVER_BASE_PRIVATE_DIRECTORY_H_
#define TUCO_SERVER_BASE_PRIVATE_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"

namespace tuco::base {

// Makes the folder `path` with mode 0700 unless it is there; its parent must
// be. NotFound, PermissionDenied; the message names the path.
absl::Status MakePrivateDirectory(const std::string& path);

// Makes the empty file `path` with mode 0600, which must not be there.
absl::Status MakePrivateFile(const std::string& path);

// Puts the names of what was made, renamed or removed in folder `path` on
// stable storage.
absl::Status SyncDirectory(const std::string& path);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_PRIVATE_DIRECTORY_H_
