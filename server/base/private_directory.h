// Folders that hold personal data: for their owner's eyes only, and there
// after a power cut once we said so.

#ifndef TUCO_SERVER_BASE_PRIVATE_DIRECTORY_H_
#define TUCO_SERVER_BASE_PRIVATE_DIRECTORY_H_

#include <string>

#include "absl/status/status.h"
#include "server/base/file_system.h"

namespace tuco::base {

// Makes the folder `path` with mode 0700 unless it is there; its parent must
// be. NotFound, PermissionDenied; the message names the path.
absl::Status MakePrivateDirectory(FileSystem& files, const std::string& path);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_PRIVATE_DIRECTORY_H_
