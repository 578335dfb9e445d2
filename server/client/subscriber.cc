#include "server/client/subscriber.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proto/event_codec.h"
#include "server/base/status_macros.h"
#include "server/client/channel.h"
#include "server/client/event_session.h"
#include "server/client/stream_request.h"
#include "tuco/strings.h"

namespace tuco::client {
namespace {

namespace pb = events::v1;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr milliseconds kOutageMaxAtEnd = minutes(1);

absl::Status CheckRange(std::string_view name, milliseconds least,
                        milliseconds value, milliseconds most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      Concat({name, ": expected ", std::to_string(least.count()), " to ",
              std::to_string(most.count()), " ms, found ",
              std::to_string(value.count())}));
}

absl::StatusOr<Patience> MakePatience(const SubscriberOptions& options) {
  TUCO_RETURN_IF_ERROR(CheckRange("silence_max", milliseconds(10),
                                  options.silence_max, hours(1)));
  TUCO_RETURN_IF_ERROR(CheckRange("pause_min", milliseconds(1),
                                  options.pause_min, options.pause_max));
  TUCO_RETURN_IF_ERROR(
      CheckRange("pause_max", milliseconds(1), options.pause_max, minutes(10)));
  std::optional<milliseconds> outage_max = options.outage_max;
  if (outage_max.has_value()) {
    TUCO_RETURN_IF_ERROR(CheckRange("outage_max", options.silence_max,
                                    *outage_max, hours(24 * 30)));
  } else if (options.stop_at_end) {
    outage_max = std::max(kOutageMaxAtEnd, options.silence_max);
  }
  return Patience{.silence_max = options.silence_max,
                  .pause_min = options.pause_min,
                  .pause_max = options.pause_max,
                  .outage_max = outage_max};
}

// From responses to calls of the user's callbacks.
class CallbackReader final : public SessionReader {
 public:
  CallbackReader(EventSession& session, const Subscriber::OnEvent& on_event,
                 const Subscriber::OnNotice& on_notice)
      : session_(session), on_event_(on_event), on_notice_(on_notice) {}

  Next OnResponse(const pb::StreamEventsResponse& response) override {
    for (const pb::Event& event : response.events()) {
      if (session_.cancelled()) return Next::kStop;
      const Next next = on_event_(proto::FromProto(event));
      session_.Took(event);
      if (next == Next::kStop) return next;
    }
    if (const std::optional<Notice> notice = NoticeOf(response)) Tell(*notice);
    return Next::kGoOn;
  }

  void OnDrop(const Drop& drop) override {
    Tell(Reconnecting{.cause = drop.cause, .drops = drop.count});
  }

 private:
  void Tell(const Notice& notice) {
    if (on_notice_) on_notice_(notice);
  }

  EventSession& session_;
  const Subscriber::OnEvent& on_event_;
  const Subscriber::OnNotice& on_notice_;
};

}  // namespace

class Subscriber::Impl {
 public:
  Impl(const SubscriberOptions& options, Credentials credentials,
       Patience patience, std::shared_ptr<grpc::Channel> channel)
      : session_(
            MakeStreamRequest(options), patience, std::move(channel),
            [address = options.address, credentials = std::move(credentials)] {
              return OpenChannel(address, credentials).value();
            }) {}

  EventSession& session() { return session_; }

 private:
  EventSession session_;
};

Subscriber::Subscriber(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Subscriber::~Subscriber() = default;

absl::StatusOr<std::unique_ptr<Subscriber>> Subscriber::Create(
    const SubscriberOptions& options) {
  TUCO_ASSIGN_OR_RETURN(const Patience patience, MakePatience(options));
  TUCO_ASSIGN_OR_RETURN(Credentials credentials,
                        ReadCredentials(options.credentials));
  TUCO_ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel,
                        OpenChannel(options.address, credentials));
  return std::unique_ptr<Subscriber>(new Subscriber(std::make_unique<Impl>(
      options, std::move(credentials), patience, std::move(channel))));
}

absl::Status Subscriber::Run(const OnEvent& on_event,
                             const OnNotice& on_notice) {
  CallbackReader reader(impl_->session(), on_event, on_notice);
  return impl_->session().Run(reader);
}

void Subscriber::Cancel() { impl_->session().Cancel(); }

Position Subscriber::position() const {
  return PositionOf(impl_->session().request());
}

}  // namespace tuco::client
