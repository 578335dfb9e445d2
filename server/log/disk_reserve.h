// Space on the volume of the log that appends leave alone.
//
// A disk that is full to the last byte stops more than the log: the database
// cannot move its journal into its main file, nor delete, which is what would
// make room. So appending stops earlier and goes on by itself when there is
// space again. Where others have taken the reserve as well, the ballast is what
// can still be given up:
//
//   ┌──────────────────────────┬───────────────┬───────────────────────────┐
//   │ used                     │ DIR/ballast   │ reserve │ free for events │
//   └──────────────────────────┴───────────────┴───────────────────────────┘
//                                16 MiB          min(5 % of the volume, 1 GiB)

#ifndef TUCO_SERVER_LOG_DISK_RESERVE_H_
#define TUCO_SERVER_LOG_DISK_RESERVE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/file_system.h"

namespace tuco::log {

// Which volume is watched, and through what, which must outlive the reserve.
struct DiskReserveOptions {
  std::string directory;  // That the log is in; made already.
  base::FileSystem& files;
  // What is left alone; 0: nothing. Without it min(5 % of the volume, 1 GiB).
  std::optional<std::uint64_t> reserve_bytes{};
  std::uint64_t ballast_bytes = std::uint64_t{16} << 20;
  // For how long an answer holds that there is space.
  std::chrono::milliseconds check_interval{250};
};

// One thread at a time.
class DiskReserve {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit DiskReserve(const DiskReserveOptions& options);

  // Whether there is as much space as the reserve, for before every batch: it
  // asks the system once in `check_interval`, and always while space is short.
  // ResourceExhausted names the folder, what is free and what is kept. Where
  // the system does not say, the server's log does, once, and it is OK.
  absl::Status Check(TimePoint now);

  // Sees to it that DIR/ballast is there, whole and on stable storage: for the
  // start, and for when there is space again. Writes all of it if need be, so
  // not for a thread that somebody waits for. ResourceExhausted when there is
  // no room for it beside the reserve. Else the codes of FileSystem. After an
  // error it may be there or not, but no part of it.
  absl::Status MakeBallast();

  // Removes the ballast, so that there is space to delete events with. From
  // then on until it is made again Check wants its bytes to be free as well, or
  // else appends would take what was given up for deletions.
  absl::Status Release();

 private:
  absl::Status CheckSpace();
  std::uint64_t ReserveOf(const base::VolumeSpace& space) const;
  // Whether it is there; one of another size is removed.
  absl::StatusOr<bool> HasBallast();
  absl::Status CheckRoom();
  absl::Status WriteBallast(const std::string& path);

  const DiskReserveOptions options_;
  const std::string path_;              // Of the ballast.
  std::optional<TimePoint> enough_at_;  // When it was last found to be enough.
  bool space_known_ = true;
  bool released_ = false;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_DISK_RESERVE_H_
