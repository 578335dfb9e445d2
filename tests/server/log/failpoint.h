// Points in the life of a batch at which everything may end.
//
//   write ──▶ sync ──▶ publish ──▶ answer
//
//   before write    a record's pages are about to be written to the journal:
//                   those of the batch before this write may be there
//   after write     they are in the system's memory, and nobody has synced them
//   before sync     all of the batch is, with the frame that ends its
//                   transaction
//   after sync      the batch is on stable storage; nobody knows, SQLite
//   neither before publish  the log has returned OK to the committer after
//   publish   the committer's observer, and with it every subscriber, has
//                   the batch; no caller has an answer
//   before answer   a caller of the batch is about to be answered, others may
//                   have been
//   after answer    it has its answer, others may still wait
//
// The first four are calls to the file of the journal while a commit runs. At a
// point the disk loses its power, or the process dies: nothing that happens
// later in this process counts, and whoever is told something then was not.

#ifndef TUCO_TESTS_SERVER_LOG_FAILPOINT_H_
#define TUCO_TESTS_SERVER_LOG_FAILPOINT_H_

#include <cstdint>
#include <string>

namespace tuco::log {

enum class Failpoint : std::uint8_t {
  kBeforeWrite,
  kAfterWrite,
  kBeforeSync,
  kAfterSync,
  kBeforePublish,
  kAfterPublish,
  kBeforeAnswer,
  kAfterAnswer,
};
const char* NameOf(Failpoint point);

// What became of one crash.
struct CrashResult {
  bool reached = false;      // Whether the point was.
  bool power_loss = false;   // Or else the process died.
  bool batch_there = false;  // Whether what was on its way is in the log.
  std::string wrong;         // Which rule was broken; empty: none.
};

// Submits batches to a committer, and changes of a subscription among them,
// until `point` comes up for some time, and crashes there. Then what was on its
// way is in the log in full or not at all, and from the sync on it is; what was
// published or answered is there, as it was told; nothing is doubled, left out
// or made up, and whoever submits all of it once more gets each sequence once.
// Until the sync no reader sees anything.
//
// A seed repeats the disk and the moment, but how records gather in batches is
// the committer's own. With `lie` syncs do nothing.
CrashResult CrashAt(Failpoint point, std::uint64_t seed, bool lie = false);

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_FAILPOINT_H_
