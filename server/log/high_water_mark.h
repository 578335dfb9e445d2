// The newest sequence that was ever acknowledged, kept beside the database.
//
// A database that lost its newest records looks like one that never had them.
// The mark remembers: it is written after each commit, without waiting, and
// synced now and then. So it may be behind the log, by a second's records after
// a power cut, and is never ahead of it, unless the log has lost something.
//
//   file `mark`: two places, of which one is synced while the other is written

#ifndef TUCO_SERVER_LOG_HIGH_WATER_MARK_H_
#define TUCO_SERVER_LOG_HIGH_WATER_MARK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/file_system.h"

namespace tuco::log {

struct Mark {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;

  friend bool operator==(const Mark&, const Mark&) = default;
  friend bool operator<(const Mark& a, const Mark& b) {
    return std::tie(a.epoch, a.sequence) < std::tie(b.epoch, b.sequence);
  }
};

// The bytes of a mark in the file, and what they say; nothing for others.
std::string EncodeMark(const Mark& mark);
std::optional<Mark> DecodeMark(std::string_view bytes);

// What the mark in `directory` says, for who only looks on while its server may
// be writing it. Nothing where there is none or none that is legible.
std::optional<Mark> ReadMark(base::FileSystem& files,
                             const std::string& directory);

// One thread at a time.
class HighWaterMark {
 public:
  // Opens `directory`/mark, made when it is not there. The codes of
  // FileSystem::Open, File::ReadAt and File::Truncate.
  static absl::StatusOr<std::unique_ptr<HighWaterMark>> Open(
      base::FileSystem& files, const std::string& directory);

  // What the file said when it was opened: the newer of its two places.
  // Nothing for a new file, and for one with nothing legible in it.
  const std::optional<Mark>& found() const { return found_; }
  // Whether the file was there, but with nothing legible in it.
  bool damaged() const { return damaged_; }

  // Puts what was found on stable storage, where it stands: after a process
  // that was killed or could not sync it may be in memory only, and the other
  // place, which is on the disk, is the next one to be written to.
  absl::Status Settle();

  // Writes `mark`, to be there after the process has died. Settles what was
  // found first; where that fails the file stays as it is.
  absl::Status Write(const Mark& mark);
  // Puts the mark that was given to Write last on stable storage, and writes it
  // again where that failed.
  absl::Status Sync();
  // Whether a mark was given to Write since the last sync.
  bool unsynced() const { return unsynced_; }

 private:
  explicit HighWaterMark(std::unique_ptr<base::File> file)
      : file_(std::move(file)) {}
  absl::Status Load();
  absl::Status WriteAt(std::size_t place, const Mark& mark);

  const std::unique_ptr<base::File> file_;
  std::optional<Mark> found_;
  bool damaged_ = false;
  bool settled_ = false;
  std::size_t place_ = 0;  // That is written to.
  Mark written_;           // Last, synced or not.
  bool unsynced_ = false;
  bool write_again_ = false;  // Whether a sync alone is not enough.
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_HIGH_WATER_MARK_H_
