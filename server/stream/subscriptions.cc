#include "server/stream/subscriptions.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include "server/base/status_macros.h"
#include "server/stream/consumer_handle.h"
#include "server/stream/cursor_reader.h"
#include "server/stream/records_between.h"
#include "server/stream/resolve_position.h"
#include "server/stream/subscription_registry.h"
#include "server/stream/subscription_thread.h"

namespace tuco::stream {
namespace {

// Rows that are looked at for the oldest event that is not settled.
constexpr std::size_t kOldestRows = 20'000;
// Of one page of parked events.
constexpr std::size_t kParkedBytes = std::size_t{3} << 20;

absl::Status Stopping() {
  return absl::UnavailableError("the server is stopping");
}

class SubscriptionsImpl final : public Subscriptions {
 public:
  SubscriptionsImpl(log::EventLog& log, log::Committer& committer, Hub& hub,
                    const base::Clock& clock, Options options)
      : log_(log),
        hub_(hub),
        thread_(std::make_shared<SubscriptionThread>(clock)),
        context_{.log = log,
                 .committer = committer,
                 .clock = clock,
                 .thread = *thread_,
                 .heartbeat = options.heartbeat},
        registry_(context_, std::move(options.read_settings)) {
    (void)thread_->Post([this] { registry_.Load(); });
    thread_->Start([this] { return registry_.Turn(); });
  }
  ~SubscriptionsImpl() override { Stop(); }

  absl::StatusOr<SubscriptionInfo> Create(std::string name,
                                          SubscriptionSettings settings,
                                          const Position& position) override;
  absl::StatusOr<SubscriptionInfo> Update(std::string_view name,
                                          Change change) override;
  absl::StatusOr<SubscriptionInfo> Get(std::string_view name) override;
  absl::StatusOr<std::vector<SubscriptionInfo>> List(
      std::string_view after, std::size_t count) override;
  absl::Status Delete(std::string_view name) override;
  absl::StatusOr<SubscriptionInfo> Seek(std::string_view name,
                                        const Position& position) override;
  absl::StatusOr<ParkedPage> ListParked(std::string_view name,
                                        std::uint64_t after, std::size_t count,
                                        bool bodies) override;
  absl::StatusOr<Replayed> ReplayParked(
      std::string_view name, std::span<const std::uint64_t> sequences) override;
  absl::StatusOr<std::uint64_t> Acknowledge(std::string_view name,
                                            std::uint64_t through) override;
  absl::StatusOr<std::unique_ptr<Stream>> OpenCursor(
      std::string_view name, const StreamOptions& options) override;
  absl::StatusOr<std::unique_ptr<Consumer>> OpenConsumer(
      std::string_view name, const ConsumerOptions& options) override;
  void OnCommitted() override;
  void Stop() override;
  Statistics statistics() override;

 private:
  using Ptr = SubscriptionRegistry::Ptr;
  template <typename T>
  using Reply = absl::AnyInvocable<void(absl::StatusOr<T>)>;

  // Lets `ask` answer on the thread, and waits for that.
  template <typename T>
  absl::StatusOr<T> Ask(absl::AnyInvocable<void(Reply<T>)> ask) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<T>>>();
    std::future<absl::StatusOr<T>> answer = promise->get_future();
    const bool posted =
        thread_->Post([this, ask = std::move(ask), promise]() mutable {
          Reply<T> reply = [promise](absl::StatusOr<T> value) {
            promise->set_value(std::move(value));
          };
          if (stopping_) {
            std::move(reply)(Stopping());
          } else {
            std::move(ask)(std::move(reply));
          }
        });
    if (!posted) return Stopping();
    return answer.get();
  }

  // Answers with how `subscription` is once a change of it is durable.
  static LiveSubscription::Done ReplyWithInfo(Ptr subscription,
                                              Reply<SubscriptionInfo> reply);
  // Adds what takes reading the log.
  void Complete(SubscriptionInfo& info);
  // Whether nobody waits for anything any more.
  bool Settled();

  log::EventLog& log_;
  Hub& hub_;
  // Shared with readers and consumers, which may outlive this by the moment
  // that it takes them to learn of it.
  const std::shared_ptr<SubscriptionThread> thread_;
  SubscriptionContext context_;
  SubscriptionRegistry registry_;
  bool stopping_ = false;  // On the thread only.
  // Consumers that there are, which want to hear of what is committed. Shared
  // as the thread is.
  const std::shared_ptr<std::atomic<std::size_t>> consumers_ =
      std::make_shared<std::atomic<std::size_t>>(0);
};

LiveSubscription::Done SubscriptionsImpl::ReplyWithInfo(
    Ptr subscription, Reply<SubscriptionInfo> reply) {
  return [subscription = std::move(subscription),
          reply = std::move(reply)](absl::Status status) mutable {
    if (status.ok()) {
      std::move(reply)(subscription->Info());
    } else {
      std::move(reply)(std::move(status));
    }
  };
}

absl::StatusOr<SubscriptionInfo> SubscriptionsImpl::Create(
    std::string name, SubscriptionSettings settings, const Position& position) {
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t after, Resolve(position, log_));
  absl::StatusOr<SubscriptionInfo> info =
      Ask<SubscriptionInfo>([&, after](Reply<SubscriptionInfo> reply) {
        registry_.Create(
            std::move(name), std::move(settings), after,
            [reply = std::move(reply)](absl::StatusOr<Ptr> created) mutable {
              if (created.ok()) {
                std::move(reply)((*created)->Info());
              } else {
                std::move(reply)(created.status());
              }
            });
      });
  if (info.ok()) Complete(*info);
  return info;
}

absl::StatusOr<SubscriptionInfo> SubscriptionsImpl::Update(
    std::string_view name, Change change) {
  absl::StatusOr<SubscriptionInfo> info =
      Ask<SubscriptionInfo>([&](Reply<SubscriptionInfo> reply) {
        const absl::StatusOr<Ptr> found = registry_.Find(name);
        if (!found.ok()) {
          std::move(reply)(found.status());
          return;
        }
        absl::StatusOr<SubscriptionSettings> settings =
            change((*found)->settings());
        if (!settings.ok()) {
          std::move(reply)(settings.status());
          return;
        }
        (*found)->SetSettings(*std::move(settings),
                              ReplyWithInfo(*found, std::move(reply)));
      });
  if (info.ok()) Complete(*info);
  return info;
}

absl::StatusOr<SubscriptionInfo> SubscriptionsImpl::Get(std::string_view name) {
  absl::StatusOr<SubscriptionInfo> info =
      Ask<SubscriptionInfo>([&](Reply<SubscriptionInfo> reply) {
        const absl::StatusOr<Ptr> found = registry_.Find(name);
        if (found.ok()) {
          std::move(reply)((*found)->Info());
        } else {
          std::move(reply)(found.status());
        }
      });
  if (info.ok()) Complete(*info);
  return info;
}

absl::StatusOr<std::vector<SubscriptionInfo>> SubscriptionsImpl::List(
    std::string_view after, std::size_t count) {
  using Infos = std::vector<SubscriptionInfo>;
  absl::StatusOr<Infos> infos = Ask<Infos>([&](Reply<Infos> reply) {
    Infos found;
    for (const Ptr& subscription : registry_.Behind(after, count)) {
      found.push_back(subscription->Info());
    }
    std::move(reply)(std::move(found));
  });
  if (!infos.ok()) return infos;
  for (SubscriptionInfo& info : *infos) Complete(info);
  return infos;
}

void SubscriptionsImpl::Complete(SubscriptionInfo& info) {
  info.lag_events =
      RecordsBetween(info.settled_through, info.head, log_.gaps());
  log::ReadRequest request{
      .after = info.settled_through, .events_max = 1, .scan_max = kOldestRows};
  // One that is open is known, and is the oldest one.
  if (info.oldest_unacknowledged.has_value()) {
    request.after = *info.oldest_unacknowledged - 1;
    request.scan_max = 1;
  }
  const Timestamp now = context_.clock.Now();
  // What cannot be read shows where the events themselves are asked for.
  (void)log_.Read(
      request, info.settings.filter, [&](const RecordColumns& columns) {
        info.oldest_unacknowledged = columns.sequence;
        info.oldest_age =
            std::max(std::chrono::microseconds(0),
                     now.time_since_epoch() -
                         std::chrono::microseconds(columns.recorded_at_us));
      });
}

absl::Status SubscriptionsImpl::Delete(std::string_view name) {
  return Ask<bool>([&](Reply<bool> reply) {
           registry_.Delete(
               name, [reply = std::move(reply)](absl::Status status) mutable {
                 if (status.ok()) {
                   std::move(reply)(true);
                 } else {
                   std::move(reply)(std::move(status));
                 }
               });
         })
      .status();
}

absl::StatusOr<SubscriptionInfo> SubscriptionsImpl::Seek(
    std::string_view name, const Position& position) {
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t after, Resolve(position, log_));
  absl::StatusOr<SubscriptionInfo> info =
      Ask<SubscriptionInfo>([&, after](Reply<SubscriptionInfo> reply) {
        const absl::StatusOr<Ptr> found = registry_.Find(name);
        if (found.ok()) {
          (*found)->Seek(after, ReplyWithInfo(*found, std::move(reply)));
        } else {
          std::move(reply)(found.status());
        }
      });
  if (info.ok()) Complete(*info);
  return info;
}

absl::StatusOr<ParkedPage> SubscriptionsImpl::ListParked(std::string_view name,
                                                         std::uint64_t after,
                                                         std::size_t count,
                                                         bool bodies) {
  TUCO_ASSIGN_OR_RETURN(const std::uint64_t id,
                        Ask<std::uint64_t>([&](Reply<std::uint64_t> reply) {
                          const auto found = registry_.FindShared(name);
                          if (found.ok()) {
                            std::move(reply)((*found)->row().id);
                          } else {
                            std::move(reply)(found.status());
                          }
                        }));
  ParkedPage page;
  std::size_t bytes = 0;
  // One at a time, for they may be large.
  while (page.events.size() < count && bytes < kParkedBytes) {
    std::vector<log::ParkedEvent> next;
    TUCO_ASSIGN_OR_RETURN(
        const std::uint64_t through,
        log_.ReadParked(
            {.id = id, .after = after, .events_max = 1, .bodies = bodies},
            [&next](const log::ParkedEvent& event) { next.push_back(event); }));
    if (through == after) {
      page.end = true;
      break;
    }
    after = through;
    bytes += next.front().event.size() + next.front().body.size();
    if (bytes > kParkedBytes && !page.events.empty()) break;
    page.events.push_back(std::move(next.front()));
  }
  return page;
}

absl::StatusOr<Replayed> SubscriptionsImpl::ReplayParked(
    std::string_view name, std::span<const std::uint64_t> sequences) {
  return Ask<Replayed>([&](Reply<Replayed> reply) {
    const auto found = registry_.FindShared(name);
    if (found.ok()) {
      (*found)->Replay(sequences, std::move(reply));
    } else {
      std::move(reply)(found.status());
    }
  });
}

absl::StatusOr<std::uint64_t> SubscriptionsImpl::Acknowledge(
    std::string_view name, std::uint64_t through) {
  return Ask<std::uint64_t>([&](Reply<std::uint64_t> reply) {
    const auto found = registry_.FindCursor(name);
    if (found.ok()) {
      (*found)->Acknowledge(through, std::move(reply));
    } else {
      std::move(reply)(found.status());
    }
  });
}

absl::StatusOr<std::unique_ptr<Stream>> SubscriptionsImpl::OpenCursor(
    std::string_view name, const StreamOptions& options) {
  StreamOptions positioned = options;
  std::shared_ptr<CursorSubscription> subscription;
  TUCO_ASSIGN_OR_RETURN(std::shared_ptr<ReaderLink> link,
                        Ask<std::shared_ptr<ReaderLink>>(
                            [&](Reply<std::shared_ptr<ReaderLink>> reply) {
                              const auto found = registry_.FindCursor(name);
                              if (!found.ok()) {
                                std::move(reply)(found.status());
                                return;
                              }
                              subscription = *found;
                              positioned.filter =
                                  subscription->settings().filter;
                              positioned.filter.reach = options.filter.reach;
                              std::move(reply)(subscription->Open());
                            }));
  positioned.position = Resumed{link->position()};
  positioned.epoch.reset();
  std::function<void()> gone = [thread = thread_, subscription, link] {
    (void)thread->Post([subscription, link] { subscription->Leave(link); });
  };
  absl::StatusOr<std::unique_ptr<Stream>> stream = hub_.Open(positioned);
  if (!stream.ok()) {
    gone();
    return stream;
  }
  return MakeCursorReader(*std::move(stream), std::move(link), std::move(gone));
}

absl::StatusOr<std::unique_ptr<Consumer>> SubscriptionsImpl::OpenConsumer(
    std::string_view name, const ConsumerOptions& options) {
  std::shared_ptr<SharedSubscription> subscription;
  TUCO_ASSIGN_OR_RETURN(
      const ConsumerId id, Ask<ConsumerId>([&](Reply<ConsumerId> reply) {
        const auto found = registry_.FindShared(name);
        if (!found.ok()) {
          std::move(reply)(found.status());
          return;
        }
        subscription = *found;
        absl::StatusOr<ConsumerId> opened = subscription->Open(options);
        // Before anything is looked for in the log, so that
        // nothing is committed unheard behind that.
        if (opened.ok()) ++*consumers_;
        std::move(reply)(std::move(opened));
      }));
  return MakeConsumerHandle(thread_, std::move(subscription), id,
                            [consumers = consumers_] { --*consumers; });
}

void SubscriptionsImpl::OnCommitted() {
  if (consumers_->load() > 0) thread_->Wake();
}

bool SubscriptionsImpl::Settled() {
  std::promise<bool> settled;
  std::future<bool> answer = settled.get_future();
  const bool posted = thread_->Post([&] {
    settled.set_value(context_.commits == 0 && !registry_.unsettled());
  });
  return !posted || answer.get();
}

void SubscriptionsImpl::Stop() {
  (void)thread_->Post([this] {
    if (stopping_) return;
    stopping_ = true;
    registry_.End(Stopping());
  });
  // Bounded by what the committer takes for a commit or two.
  while (!Settled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  thread_->Stop();
}

Subscriptions::Statistics SubscriptionsImpl::statistics() {
  return Ask<Statistics>([this](Reply<Statistics> reply) {
           std::move(reply)(registry_.statistics());
         })
      .value_or(Statistics());
}

}  // namespace

std::unique_ptr<Subscriptions> Subscriptions::Start(log::EventLog& log,
                                                    log::Committer& committer,
                                                    Hub& hub,
                                                    const base::Clock& clock,
                                                    Options options) {
  return std::make_unique<SubscriptionsImpl>(log, committer, hub, clock,
                                             std::move(options));
}

}  // namespace tuco::stream
