#include "server/cli/event_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/cli/exit_codes.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

// A reader that wants to end, with stop_at_end, does not wait for ever for a
// server that is gone: 0.2 + 0.4 + 0.8 + 1.6 + 3.2 seconds, or a little less.
constexpr int kDropsMax = 5;

std::string Words(const absl::Status& status) {
  return status.message().empty() ? "no reason given"
                                  : Concat({FromAbsl(status.message())});
}

client::Patience PatienceOf(const StreamPlan& plan) {
  client::Patience patience = plan.patience;
  if (plan.request.stop_at_end()) patience.drops_max = kDropsMax;
  return patience;
}

std::string GapText(const pb::Gap& gap) {
  const bool removed = gap.reason() == pb::GAP_REASON_REMOVED;
  return Concat({"events ", std::to_string(gap.from_sequence()), " to ",
                 std::to_string(gap.to_sequence()),
                 removed ? " are missing: retention removed what was there"
                         : " are missing: the server's log lost what was "
                           "there"});
}

}  // namespace

EventStream::EventStream(std::shared_ptr<grpc::Channel> channel,
                         client::EventSession::MakeChannel make_channel,
                         const StreamPlan& plan, PrintEvents print, Tell tell,
                         Interrupt& interrupt)
    : limit_(plan.limit),
      print_(std::move(print)),
      acknowledge_(plan.acknowledge),
      tell_(std::move(tell)),
      interrupt_(interrupt),
      session_(plan.request, PatienceOf(plan), std::move(channel),
               std::move(make_channel)) {}

int EventStream::Run() {
  const Interrupt::Action cancel(interrupt_, [this] { session_.Cancel(); });
  const absl::Status status = session_.Run(*this);
  if (!exit_code_.has_value()) {
    if (interrupt_.raised()) return interrupt_.exit_code();
    exit_code_ = ExitCodeOfEnd(status);
  }
  if (*exit_code_ != kExitOk || acknowledge_status_.ok()) return *exit_code_;
  return Fail(
      kExitConnect,
      "what was printed could not be acknowledged and will come again: " +
          acknowledge_status_.error_message());
}

client::Next EventStream::OnResponse(const pb::StreamEventsResponse& response) {
  const bool ended = Print(response);
  if (ended && exit_code_ != kExitOk) return client::Next::kStop;
  Acknowledge(response);
  if (ended) return client::Next::kStop;
  TellOfNotice(response);
  return client::Next::kGoOn;
}

void EventStream::Acknowledge(const pb::StreamEventsResponse& response) {
  const std::uint64_t through =
      exit_code_.has_value() ? last_printed_ : response.scanned_through();
  if (acknowledge_ == nullptr || through <= acknowledged_) return;
  acknowledge_status_ = acknowledge_(through);
  if (acknowledge_status_.ok()) acknowledged_ = through;
}

bool EventStream::Print(const pb::StreamEventsResponse& response) {
  Events events(response.events().data(), response.events().size());
  if (events.empty() || interrupt_.raised()) return interrupt_.raised();
  if (limit_ != 0) {
    events =
        events.first(std::min<std::uint64_t>(limit_ - printed_, events.size()));
  }
  const WriteResult result = print_(events);
  if (result != WriteResult::kWritten) {
    exit_code_ = ExitCodeOf(result);
    return true;
  }
  printed_ += events.size();
  last_printed_ = events.back()->sequence();
  if (limit_ != 0 && printed_ == limit_) exit_code_ = kExitOk;
  return exit_code_.has_value();
}

void EventStream::TellOfNotice(const pb::StreamEventsResponse& response) {
  if (response.has_gap()) tell_(GapText(response.gap()), /*important=*/true);
  if (response.has_fell_behind()) {
    tell_("events come faster than they are taken; reading from disk",
          /*important=*/false);
  }
  if (response.has_caught_up()) {
    const std::uint64_t head = response.caught_up().head_sequence();
    tell_(Concat({"caught up at sequence ", std::to_string(head),
                  "; waiting for new events"}),
          /*important=*/false);
  }
}

void EventStream::OnDrop(const client::Drop& drop) {
  // Once an outage; the attempts that follow are silent.
  if (drop.count != 1) return;
  tell_(Concat({drop.cause.ok() ? "the server ended the stream"
                                : "connection lost: " + Words(drop.cause),
                "; reconnecting"}),
        /*important=*/true);
}

int EventStream::ExitCodeOfEnd(const absl::Status& status) const {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return printed_ == 0 ? kExitNegative : kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
      return Fail(kExitUsage, Words(status));
    case absl::StatusCode::kDataLoss:
      return Fail(kExitStorage, Words(status));
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return Fail(kExitConnect,
                  "the server does not let us stream events: " + Words(status));
    case absl::StatusCode::kAborted:
      return Fail(kExitConnect, Words(status));
    default:
      return Fail(kExitConnect, "lost the server: " + Words(status));
  }
}

}  // namespace tuco::cli
