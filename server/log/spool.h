// Deliveries that the log cannot take, kept on another volume until it can.
//
//   Append ──▶ 000000000040961.spool ──▶ ReadBatch ──▶ the log ──▶ Discard
//              000000000081921.spool
//              …                    by the number of their first records
//
// Records have numbers of the spool's own, from 1. New ones go to the newest
// file, the merge reads the oldest, and a file is removed when all in it was
// merged. Two things are remembered in the file `mark`: through which record
// all was acknowledged, so that a loss is noticed, and through which all was
// merged. A crash may make the second one older: the records behind it are
// read again, and whoever merges them finds that the log has them.

#ifndef TUCO_SERVER_LOG_SPOOL_H_
#define TUCO_SERVER_LOG_SPOOL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/file_lock.h"
#include "server/base/file_system.h"
#include "server/log/high_water_mark.h"
#include "server/log/record.h"
#include "server/log/spool_batch.h"
#include "server/log/spool_frame.h"
#include "server/log/spool_keys.h"
#include "server/log/spool_segment.h"
#include "tuco/digest.h"

namespace tuco::log {

// Where a spool lies, and what it stands on, which must outlive it.
struct SpoolOptions {
  std::string directory;  // On another volume than the log's.
  base::FileSystem& files;
  // What its files may have in all, those that are kept aside not counted.
  std::uint64_t bytes_max = std::uint64_t{1} << 30;
  // When a new file is begun; a single batch may be larger.
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;
};

// One thread at a time.
class Spool {
 public:
  // Opens the spool in folder `directory`, made with mode 0700 when it is not
  // there, and reads all of it. Holds the lock of `directory`/lock as long as
  // it lives. What was being appended when the last process ended is part of
  // the spool as far as it is whole.
  //
  // FailedPrecondition: another server holds the lock (the message names its
  // process). Unimplemented: a newer version wrote what is there. Else the
  // codes of FileSystem; damage is no reason to refuse, ReadBatch tells of it.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(
      const SpoolOptions& options);

  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Puts `records` behind what is there, in their order, without looking for
  // copies. OK: all are on stable storage. Else none is in the spool:
  //
  // ResourceExhausted: the volume or the spool is full, or a record is larger
  // than kSpoolPayloadBytesMax; a later call may succeed. PermissionDenied: the
  // volume has become read-only; likewise. DataLoss: storage failed. After a
  // failed sync every later call fails as well until the spool is opened again,
  // and some of these records may be in it then.
  absl::Status Append(std::span<const Record* const> records);

  // An OK status when an append could be tried now.
  absl::Status Probe() const;

  // The oldest records behind those that were discarded, always at least one
  // if there is one, in frames of at most `bytes_max`. Damage is in the batch
  // as a loss, and counts as a record; the batch goes on behind it. Empty when
  // nothing is left. Reads the same again until it is discarded.
  absl::StatusOr<SpoolBatch> ReadBatch(std::size_t records_max,
                                       std::size_t bytes_max);

  // Forgets all through `through`, which was in a batch. For when it is durable
  // in the log. Files of which all was discarded are removed, or kept aside as
  // *.damaged if damage was found in them. After an error they are still there
  // and the next call tries again, or records may be read again after the next
  // start. InvalidArgument: `through` was not read.
  absl::Status Discard(std::uint64_t through);

  // Whether a record with that duplicate key is there and not discarded.
  bool Contains(const Digest& key) const { return keys_.Contains(key); }

  // Records not discarded, those included that turn out to be damaged.
  std::uint64_t records() const { return acknowledged_ - merged_; }
  // Of all files with records, also those of which a part was discarded.
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Segment {
    std::uint64_t first = 0;
    std::uint64_t bytes = 0;
    bool damaged = false;
  };

  Spool(const SpoolOptions& options, base::FileLock lock,
        std::unique_ptr<HighWaterMark> mark);

  absl::Status Load();
  absl::Status LoadTail(std::vector<std::uint64_t>& segments);
  absl::Status LoadSegment(std::uint64_t first, std::uint64_t last);

  std::uint64_t LastOf(std::size_t index) const;
  absl::Status WriteMark();
  absl::Status RemoveMerged();
  absl::Status Remove(const Segment& segment);

  absl::Status CheckRoom(std::uint64_t bytes) const;
  absl::Status PrepareSegment(std::uint64_t bytes);
  absl::Status BeginSegment();
  std::string FramesOf(std::span<const Record* const> records) const;
  absl::Status WriteFrames(const std::string& frames);

  absl::StatusOr<SpoolPlace> ReadSegment(std::size_t index,
                                         SpoolBatchMaker& maker);

  const std::string directory_;
  base::FileSystem& files_;
  const std::uint64_t bytes_max_;
  const std::uint64_t segment_bytes_;
  const base::FileLock lock_;
  const std::unique_ptr<HighWaterMark> mark_;

  std::deque<Segment> segments_;  // Oldest first.
  std::uint64_t bytes_ = 0;       // Of all segments.
  SpoolKeys keys_;
  std::uint64_t acknowledged_ = 0;  // The newest record.
  std::uint64_t merged_ = 0;        // The newest one that was discarded.

  // The newest segment, when it is being written to.
  std::unique_ptr<base::File> active_;
  // Whether part of a refused batch may be behind its end.
  bool tail_dirty_ = false;
  absl::Status failure_;  // Of storage; nothing is appended after it.
  bool mark_ok_ = true;   // Whether the file has the newest mark.

  // Where the merge goes on, and where when the newest batch was discarded.
  SpoolPlace read_from_;
  SpoolPlace read_to_;
  std::uint64_t read_through_ = 0;  // The newest record of that batch.
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SPOOL_H_
