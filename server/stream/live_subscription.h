// A subscription at work: what the log keeps of it, and how that is changed.
//
// Changes are gathered while a commit is under way and go with the next one;
// whoever asked for one is told once it is durable.

#ifndef TUCO_SERVER_STREAM_LIVE_SUBSCRIPTION_H_
#define TUCO_SERVER_STREAM_LIVE_SUBSCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/base/clock.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/log/subscription.h"
#include "server/stream/shared_queue.h"
#include "server/stream/subscription.h"
#include "server/stream/subscription_thread.h"

namespace tuco::stream {

// What every subscription stands on; all must outlive it.
struct SubscriptionContext {
  log::EventLog& log;
  log::Committer& committer;
  const base::Clock& clock;
  SubscriptionThread& thread;
  Instant heartbeat{0};
  std::size_t commits = 0;  // Under way, of all subscriptions.
};

// Counts since the start.
struct SubscriptionCounts {
  std::uint64_t delivered = 0;
  std::uint64_t redelivered = 0;
  std::uint64_t settled = 0;
  std::uint64_t parked = 0;
};

// On its thread only. Shared, because a commit under way may outlive what it
// was begun by.
class LiveSubscription : public std::enable_shared_from_this<LiveSubscription> {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;

  LiveSubscription(SubscriptionContext& context, log::SubscriptionRow row,
                   SubscriptionSettings settings);
  virtual ~LiveSubscription() = default;

  // Writes it for the first time.
  void Begin(Done done);

  // What there is to do, bounded. When it wants its next turn, if ever.
  virtual std::optional<Instant> Turn(Instant now);

  // Goes on behind `position`.
  virtual void Seek(std::uint64_t position, Done done) = 0;
  // From now on.
  virtual void SetSettings(SubscriptionSettings settings, Done done);
  // Ends whoever reads from it with `why`, and takes what they hold back.
  virtual void End(const absl::Status& why) = 0;
  // The same for good: nothing of it is kept.
  void Delete(Done done);
  // Makes durable how far it has got, soon.
  void Flush();
  // Whether something is on its way into the log, or to be.
  bool unsettled() const {
    return committing_ || (broken_.ok() && (force_ || dirty()));
  }

  // As it is; what takes reading the log is left out.
  virtual SubscriptionInfo Info() const;
  // Readers or consumers.
  virtual std::size_t readers() const = 0;
  // Whether it has been left alone for as long as it may be.
  bool expired() const;

  const log::SubscriptionRow& row() const { return row_; }
  const SubscriptionSettings& settings() const { return settings_; }
  const SubscriptionCounts& counts() const { return counts_; }
  // Not OK: nothing more can be said of it until it is read again.
  const absl::Status& broken() const { return broken_; }

 protected:
  // Whether there is something to make durable.
  virtual bool dirty() const = 0;
  // Everything of that, into `change`; the row is filled in already. `flush`:
  // also what is not worth a change of its own. Not OK: it cannot be, and
  // nothing is changed.
  virtual absl::Status Gather(bool flush, log::SubscriptionChange& change) = 0;
  // What was gathered is durable, or never will be; whether it can go on all
  // the same with what the log has.
  virtual bool OnChanged(const absl::Status& status) = 0;

  // Makes something durable even if not dirty, and tells `done` then.
  void ForceChange(Done done);
  // It was made use of.
  void Touch();
  // Nothing goes any more.
  void Break(absl::Status why);
  // How far it has got for all that a crash could do: `through` unless some of
  // that is not durable yet.
  std::uint64_t DurableThrough(std::uint64_t through) const {
    return unsettled() ? kept_row_.through : through;
  }

  SubscriptionContext& context_;
  log::SubscriptionRow row_;
  SubscriptionSettings settings_;
  SubscriptionCounts counts_;

 private:
  void Commit();
  void Committed(const absl::Status& status);
  // Those whose change will never be on its way.
  void AnswerWaiting();

  // As the log has them, as far as that is known.
  log::SubscriptionRow kept_row_;
  SubscriptionSettings kept_settings_;
  SubscriptionSettings sent_settings_;  // Of the commit under way.
  absl::Status broken_;
  bool committing_ = false;
  bool beginning_ = false;
  bool force_ = false;
  bool flush_ = false;
  Instant active_;             // When it was made use of, as Steady says.
  std::vector<Done> waiting_;  // For what is not on its way yet.
  std::vector<Done> committing_waiting_;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_LIVE_SUBSCRIPTION_H_
