#include "server/client/event_session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::client {
namespace {

namespace pb = events::v1;
using std::chrono::milliseconds;

// How often a pause looks whether the session was cancelled.
constexpr milliseconds kLookEvery{50};

absl::Status ToStatus(const grpc::Status& status) {
  // Abseil's canonical codes are gRPC's, number by number.
  return {static_cast<absl::StatusCode>(status.error_code()),
          ToAbsl(status.error_message())};
}

// Whether opening the stream again would end the same way.
bool IsFinal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
    // Another reader has taken a subscription over, and would be thrown out in
    // turn; or it was moved, of which whoever reads it should know.
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

std::string Words(const absl::Status& status) {
  if (status.ok()) return "the server ended the stream";
  return status.message().empty() ? "no reason given"
                                  : Concat({FromAbsl(status.message())});
}

// Says where to go on. What the server keeps the place of is opened again as it
// was.
void GoOnBehind(std::uint64_t sequence, std::uint64_t epoch,
                pb::StreamEventsRequest& request) {
  if (request.has_subscription()) return;
  request.set_after_sequence(sequence);
  // A log that never had the epoch is another one, where the sequence means
  // nothing: the server says so.
  if (epoch != 0) request.set_epoch(epoch);
}

}  // namespace

EventSession::EventSession(pb::StreamEventsRequest request, Patience patience,
                           std::shared_ptr<grpc::Channel> channel,
                           MakeChannel make_channel)
    : patience_(patience),
      make_channel_(std::move(make_channel)),
      channel_(std::move(channel)),
      pause_(patience.pause_min),
      request_(std::move(request)) {}

absl::Status EventSession::Run(SessionReader& reader) {
  drops_ = 0;
  pause_ = patience_.pause_min;
  outage_since_ = Clock::now();
  while (!cancelled()) {
    const Ending ending = ReadOnce(reader);
    if (cancelled()) break;
    if (!ending.drop) return ending.status;
    TUCO_RETURN_IF_ERROR(JudgeDrop(ending.status, reader));
    Pause();
  }
  return absl::CancelledError("the session was cancelled");
}

EventSession::Ending EventSession::ReadOnce(SessionReader& reader) {
  StreamCall call(channel_, request());
  Attach(&call);
  // Also when the reader throws.
  const std::unique_ptr<EventSession, void (*)(EventSession*)> detach(
      this, [](EventSession* session) { session->Attach(nullptr); });
  return ReadAll(call, reader);
}

EventSession::Ending EventSession::ReadAll(StreamCall& call,
                                           SessionReader& reader) {
  pb::StreamEventsResponse response;
  while (true) {
    const milliseconds silence_max = SilenceMax();
    const StreamCall::Outcome outcome = call.Read(response, silence_max);
    if (outcome == StreamCall::Outcome::kEnded) {
      return Judge(ToStatus(call.Finish()));
    }
    if (outcome == StreamCall::Outcome::kSilent) {
      // Its connection may be dead, and would be used again.
      channel_ = make_channel_();
      return {.drop = true,
              .status = absl::DeadlineExceededError(
                  Concat({"nothing came for ",
                          std::to_string(silence_max.count()), " ms"}))};
    }
    if (reader.OnResponse(response) == Next::kStop) return {};
    TookAll(response);
    drops_ = 0;
    pause_ = patience_.pause_min;
    outage_since_ = Clock::now();
  }
}

EventSession::Ending EventSession::Judge(absl::Status status) const {
  const bool is_end = status.ok() && request().stop_at_end();
  return {.drop = !is_end && !IsFinal(status), .status = std::move(status)};
}

absl::Status EventSession::JudgeDrop(const absl::Status& cause,
                                     SessionReader& reader) {
  ++drops_;
  const bool too_often =
      patience_.drops_max.has_value() && drops_ > *patience_.drops_max;
  const bool too_long = patience_.outage_max.has_value() &&
                        Clock::now() - outage_since_ >= *patience_.outage_max;
  if (too_often || too_long) return OutageTooLong(cause);
  reader.OnDrop({.cause = cause, .count = drops_});
  return absl::OkStatus();
}

absl::Status EventSession::OutageTooLong(const absl::Status& cause) const {
  const auto outage =
      std::chrono::duration_cast<milliseconds>(Clock::now() - outage_since_);
  const auto code = absl::IsDeadlineExceeded(cause)
                        ? absl::StatusCode::kDeadlineExceeded
                        : absl::StatusCode::kUnavailable;
  const std::string words =
      Concat({Words(cause), "; nothing was heard of the server for ",
              std::to_string(outage.count()), " ms and in ",
              std::to_string(drops_), " attempts"});
  return {code, ToAbsl(words)};
}

// Without an outage a silence is the first sign of one; within one it does not
// make it longer than it may be.
milliseconds EventSession::SilenceMax() const {
  if (drops_ == 0 || !patience_.outage_max.has_value()) {
    return patience_.silence_max;
  }
  const auto left = std::chrono::ceil<milliseconds>(
      outage_since_ + *patience_.outage_max - Clock::now());
  return std::clamp(left, milliseconds(1), patience_.silence_max);
}

// Lets the pause pass, and the channel connect meanwhile: it does so only while
// somebody waits for it.
void EventSession::Pause() {
  // Clients that lost one server do not come back all at once.
  std::uniform_int_distribution<milliseconds::rep> about(pause_.count() / 2,
                                                         pause_.count());
  const auto end =
      std::chrono::system_clock::now() + milliseconds(about(random_));
  while (!cancelled() && std::chrono::system_clock::now() < end) {
    const grpc_connectivity_state state =
        channel_->GetState(/*try_to_connect=*/true);
    channel_->WaitForStateChange(
        state, std::min(end, std::chrono::system_clock::now() + kLookEvery));
  }
  pause_ = std::min(pause_ * 2, patience_.pause_max);
}

void EventSession::Attach(StreamCall* call) {
  const std::lock_guard lock(mutex_);
  call_ = call;
  if (call_ != nullptr && cancelled_) call_->Cancel();
}

void EventSession::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (call_ != nullptr) call_->Cancel();
}

bool EventSession::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void EventSession::Took(const pb::Event& event) {
  const std::lock_guard lock(mutex_);
  GoOnBehind(event.sequence(), event.epoch(), request_);
}

void EventSession::TookAll(const pb::StreamEventsResponse& response) {
  const int count = response.events_size();
  const std::uint64_t epoch =
      count == 0 ? 0 : response.events(count - 1).epoch();
  const std::lock_guard lock(mutex_);
  GoOnBehind(response.scanned_through(), epoch, request_);
}

pb::StreamEventsRequest EventSession::request() const {
  const std::lock_guard lock(mutex_);
  return request_;
}

}  // namespace tuco::client
