// What becomes of a log whose files were damaged: it is opened, read, asked for
// its keys, appended to, and read again.
//
// Whatever was done to the files, a log may only
//  - behave as if nothing had happened,
//  - tell of a gap, and go on in a new epoch behind it,
//  - tell of duplicate keys that are damaged, and repair them,
//  - tell of subscriptions that are damaged, or
//  - refuse to open, to read on, to hand out its keys or to append, in words
//    that name what is damaged.
// It may not crash, show a record that is not what was acknowledged, leave out
// one that is neither behind the point where reading fails nor in a gap that it
// tells of, use a sequence twice, or forget the key of one whose replay it
// would then take. Nor may it show a subscription that is not what was
// acknowledged, or leave one out without telling: it is as the newest commit
// left it or, where the journal or a whole file is another one, as some commit
// did.

#ifndef TUCO_TESTS_SERVER_LOG_DAMAGE_TRIAL_H_
#define TUCO_TESTS_SERVER_LOG_DAMAGE_TRIAL_H_

#include <cstdint>
#include <string>

#include "tests/server/log/log_image.h"

namespace tuco::log {

// The first of these that holds, from the bottom up.
enum class Outcome : std::uint8_t {
  kNone,                  // No effect.
  kUnnoticed,             // The newest records are gone, and nobody can know.
  kGap,                   // A gap that was not there, and a new epoch.
  kSubscriptionsDamaged,  // All can be read but some subscription.
  kKeysRepaired,          // All can be read, and a copy of none is taken.
  kAppendRefused,         // All can be read.
  kKeysRefused,  // All can be read, and nothing appended by the committer.
  kReadRefused,  // The records up to some one can be read.
  kOpenRefused,
};
inline constexpr int kOutcomes = 9;
const char* NameOf(Outcome outcome);

struct Verdict {
  Outcome outcome = Outcome::kNone;
  std::string wrong;  // Which rule was broken; empty: none.
};

// What knows how far the log had got, besides the log itself.
enum class Witness : std::uint8_t { kMark, kNobody };

// Tries the log whose files are `damaged` now and were `image.files` once. The
// same seed does the same again.
//
// With `newest_changes` no subscription may be as an older commit left it.
//
// Without a witness there is one more thing that may happen: a log whose newest
// records are gone cannot tell that it ever had them, and gives their numbers
// to others. So it is where the mark was damaged, deleted or replaced by an
// older one at the same time.
Verdict TryDamagedLog(const LogImage& image, const LogFiles& damaged,
                      std::uint64_t seed, Witness witness = Witness::kMark,
                      bool newest_changes = false);

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_DAMAGE_TRIAL_H_
