// A file of the spool: its name, what it holds, and what a crash left of it.

#ifndef TUCO_SERVER_LOG_SPOOL_SEGMENT_H_
#define TUCO_SERVER_LOG_SPOOL_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/file_system.h"
#include "server/log/record.h"
#include "server/log/spool_frame.h"

namespace tuco::log {

// The files of segments in a folder, by the number that each is named for: its
// first record's.
struct SpoolFolder {
  std::vector<std::uint64_t> segments;  // Ascending.
  std::vector<std::uint64_t> damaged;   // Kept aside.
};
absl::StatusOr<SpoolFolder> ListSpoolFolder(base::FileSystem& files,
                                            const std::string& directory);

std::string SpoolSegmentPath(const std::string& directory, std::uint64_t first);
// Where it is kept when it was damaged.
std::string DamagedSegmentPath(const std::string& directory,
                               std::uint64_t first);

// A part of a segment: a record, or bytes that are none.
struct SpoolEntry {
  SpoolPiece piece;              // Without its payload.
  std::optional<Record> record;  // None: the bytes are damaged.
};

// Yields all of a segment, part by part. One thread at a time.
class SpoolSegmentReader {
 public:
  // Reads the file of segment `begin.segment` from there up to byte `end`, or
  // to its own end when that comes first. The codes of FileSystem::Open.
  static absl::StatusOr<SpoolSegmentReader> Open(base::FileSystem& files,
                                                 const std::string& directory,
                                                 const SpoolPlace& begin,
                                                 std::uint64_t end);

  // The next part, nothing at the end. The codes of File::ReadAt, and
  // Unimplemented for what a newer version wrote.
  absl::StatusOr<std::optional<SpoolEntry>> Next();

  // Up to where it reads.
  std::uint64_t end() const { return end_; }

 private:
  SpoolSegmentReader(std::unique_ptr<base::File> file, const SpoolPlace& begin,
                     std::uint64_t end)
      : file_(std::move(file)), end_(end), frames_(*file_, begin, end) {}

  std::unique_ptr<base::File> file_;
  std::uint64_t end_;
  SpoolFrameReader frames_;
};

// The newest segment as it is after RecoverSpoolTail.
struct SpoolTail {
  std::uint64_t last = 0;   // The newest record in it; before it, if none is.
  std::uint64_t bytes = 0;  // The size of the file.
};

// Makes something whole of the newest segment, of which a crash may have left
// any part. Records through `acknowledged`, or through what a frame says was
// synced when it was written, are not touched, damaged or not. Behind them is
// the batch that was being written: it is cut off where the first of it is
// damaged, and what is whole is written and synced anew, since a failed sync
// may have left it in memory only. DataLoss when that cannot be synced; else
// the codes of File.
absl::StatusOr<SpoolTail> RecoverSpoolTail(base::FileSystem& files,
                                           const std::string& directory,
                                           std::uint64_t first,
                                           std::uint64_t acknowledged);

// What it means that a sync came to `synced`: DataLoss unless it is OK,
// whatever the cause, since nobody knows then what is on stable storage.
absl::Status AfterSync(const absl::Status& synced);

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SPOOL_SEGMENT_H_
