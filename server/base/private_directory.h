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

// Whether the machine's folder `path` would do: it is one that we may write to,
// or its parent is. Makes nothing. The codes of MakePrivateDirectory.
absl::Status CheckPrivateDirectory(const std::string& path);

// The folder that folder `path` is in, by its name.
std::string ParentOf(const std::string& path);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_PRIVATE_DIRECTORY_H_
