// Files and folders, as much of them as durable storage needs.
//
// Everything of ours that must survive goes through here, so that a test can
// be every disk there is: one that is full, fails, tears a write in two or
// forgets what was not synced.
//
//   no such file or folder                     NotFound
//   there already                              AlreadyExists
//   not allowed, or mounted read-only          PermissionDenied
//   no space, quota, size or descriptor left   ResourceExhausted
//   I/O error                                  DataLoss
//   somebody else holds the lock               Unavailable
//   anything else                              Unknown
//
// The message names the path and has the system's words.
//
// What survives a power cut: of a file what was in it at its last Sync, and of
// a folder the names that it had at its last SyncDirectory. Of what came since,
// any part may be there, in any order. After a failed sync nobody knows what
// is there, and a later one that succeeds does not tell: the system may have
// given up what it could not write.

#ifndef TUCO_SERVER_BASE_FILE_SYSTEM_H_
#define TUCO_SERVER_BASE_FILE_SYSTEM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tuco::base {

// An open file, closed at the end. Reads are safe for concurrent use; all else
// one thread at a time.
class File {
 public:
  virtual ~File() = default;

  // Fills `to` with what stands at `offset`. Returns how much that was: less
  // than asked for at the end of the file only.
  virtual absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset,
                                             std::span<char> to) const = 0;

  // Writes all of `bytes`; what lies between the end and `offset` reads as
  // zeros. After an error any part of them may be in the file.
  virtual absl::Status WriteAt(std::uint64_t offset,
                               std::string_view bytes) = 0;

  // Writes behind the end, which one writer at a time may do.
  absl::Status Append(std::string_view bytes) {
    const absl::StatusOr<std::uint64_t> end = Size();
    return end.ok() ? WriteAt(*end, bytes) : end.status();
  }

  // Cuts the file, or lets it grow by zeros.
  virtual absl::Status Truncate(std::uint64_t size) = 0;

  virtual absl::StatusOr<std::uint64_t> Size() const = 0;

  // Returns OK when the content is on stable storage; says nothing about the
  // file's name.
  virtual absl::Status Sync() = 0;

  // Takes the file's one lock and holds it until the file is closed or the
  // process dies, however it dies. Waits for nobody.
  virtual absl::Status TryLock() = 0;
};

// Of the volume that a path lies on.
struct VolumeSpace {
  std::uint64_t free_bytes = 0;  // That we may use.
  std::uint64_t total_bytes = 0;
};

// Safe for concurrent use.
class FileSystem {
 public:
  enum class OpenMode {
    kRead,
    kReadWrite,
    kReadWriteOrCreate,
    kCreateNew,  // AlreadyExists when it is there.
  };
  enum class PathKind { kNothing, kFile, kDirectory };

  virtual ~FileSystem() = default;

  // What is made is for its owner's eyes only: mode 0600, of a folder 0700.
  virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path,
                                                     OpenMode mode) = 0;
  virtual absl::Status MakeDirectory(const std::string& path) = 0;

  // What is at `path`. A link that leads nowhere counts as a file: its target
  // may be back tomorrow.
  virtual absl::StatusOr<PathKind> KindOf(const std::string& path) = 0;

  // The names in folder `path`, sorted.
  virtual absl::StatusOr<std::vector<std::string>> List(
      const std::string& path) = 0;

  // Renames a file within its folder, over whatever file had the new name.
  virtual absl::Status Rename(const std::string& from,
                              const std::string& to) = 0;

  // Removes a file; who has it open keeps it.
  virtual absl::Status Remove(const std::string& path) = 0;

  // Returns OK when the names that were made, changed or removed in folder
  // `path` are on stable storage.
  virtual absl::Status SyncDirectory(const std::string& path) = 0;

  virtual absl::StatusOr<VolumeSpace> SpaceAt(const std::string& path) = 0;

  // How large the file at `path` is, without opening it.
  virtual absl::StatusOr<std::uint64_t> SizeOf(const std::string& path) = 0;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_FILE_SYSTEM_H_
