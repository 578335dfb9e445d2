// The committer's use of the spool: records go there when the log cannot take
// them, and from there into the log when it can again.

#ifndef TUCO_SERVER_LOG_SPOOLING_H_
#define TUCO_SERVER_LOG_SPOOLING_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/record.h"
#include "server/log/spool.h"
#include "tuco/digest.h"

namespace tuco::log {

// One thread at a time.
class Spooling {
 public:
  // Makes of a record that was spooled what it is in the log, for instance
  // that it is late.
  using Mark = std::function<void(Record&)>;

  // Without a spool nothing is ever spooled; it must outlive this.
  Spooling(Spool* spool, Mark mark) : spool_(spool), mark_(std::move(mark)) {}

  // Whether a refusal of the log for `status` is a reason to spool.
  static bool IsReason(const absl::Status& status);

  bool Contains(const Digest& key) const {
    return spool_ != nullptr && spool_->Contains(key);
  }
  bool empty() const { return spool_ == nullptr || spool_->records() == 0; }

  // Puts `records`, which the log refused for `why`, on stable storage. Where
  // that cannot be done either: why the log did.
  absl::Status Take(std::span<Record* const> records, const absl::Status& why);

  // The oldest records that are spooled and that `known` does not have, each
  // once, marked. Says in the server's log what is lost. Empty does not mean
  // that nothing is left.
  absl::StatusOr<std::vector<std::shared_ptr<Record>>> Next(
      absl::FunctionRef<bool(const Record&)> known);

  // For when what Next yielded is durable.
  absl::Status Merged();

  struct Statistics {
    std::uint64_t records = 0;  // Now there.
    std::uint64_t bytes = 0;
    std::uint64_t losses = 0;  // Places that were damaged.
  };
  Statistics statistics() const;

 private:
  Spool* const spool_;
  const Mark mark_;
  std::uint64_t through_ = 0;  // What the newest batch covers.
  std::uint64_t losses_ = 0;
};

}  // namespace tuco::log

#endif  // TUCO_SERVER_LOG_SPOOLING_H_
