#include "server/cli/event_stream.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <string>
#include <utility>

#include "server/cli/channel.h"
#include "server/cli/exit_codes.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

// A reader that wants to end, with stop_at_end, does not wait for ever for a
// server that is gone: 0.2 + 0.4 + 0.8 + 1.6 + 3.2 seconds.
constexpr int kFailuresMax = 5;

std::string Words(const grpc::Status& status) {
  return status.error_message().empty() ? "no reason given"
                                        : status.error_message();
}

}  // namespace

EventStream::EventStream(std::shared_ptr<grpc::Channel> channel,
                         StreamPlan plan, PrintEvent print, Tell tell,
                         Interrupt& interrupt)
    : channel_(std::move(channel)),
      stub_(pb::EventService::NewStub(channel_)),
      plan_(std::move(plan)),
      print_(std::move(print)),
      tell_(std::move(tell)),
      interrupt_(interrupt),
      pause_(plan_.pause_min) {}

int EventStream::Run() {
  while (true) {
    if (const std::optional<int> exit_code = ReadOnce()) return *exit_code;
    if (Pause(*channel_, pause_, interrupt_)) return interrupt_.exit_code();
    pause_ = std::min(pause_ * 2, plan_.pause_max);
  }
}

std::optional<int> EventStream::ReadOnce() {
  grpc::ClientContext context;
  const Interrupt::Action cancel(interrupt_,
                                 [&context] { context.TryCancel(); });
  const auto reader = stub_->StreamEvents(&context, plan_.request);
  pb::StreamEventsResponse response;
  std::optional<int> exit_code;
  while (!exit_code.has_value() && reader->Read(&response)) {
    exit_code = Take(response);
  }
  if (exit_code.has_value()) {
    context.TryCancel();
    while (reader->Read(&response)) {
    }
  }
  const grpc::Status status = reader->Finish();
  if (exit_code.has_value()) return exit_code;
  return interrupt_.raised() ? interrupt_.exit_code() : Judge(status);
}

std::optional<int> EventStream::Take(const pb::StreamEventsResponse& response) {
  for (const pb::Event& event : response.events()) {
    if (interrupt_.raised()) return interrupt_.exit_code();
    const WriteResult result = print_(event);
    if (result != WriteResult::kWritten) return ExitCodeOf(result);
    ++printed_;
    if (plan_.limit != 0 && printed_ == plan_.limit) return kExitOk;
  }
  plan_.request.set_after_sequence(response.scanned_through());
  pause_ = plan_.pause_min;
  failures_ = 0;
  if (response.has_gap()) {
    const bool removed =
        response.gap().reason() == events::v1::GAP_REASON_REMOVED;
    tell_(Concat({"events ", std::to_string(response.gap().from_sequence()),
                  " to ", std::to_string(response.gap().to_sequence()),
                  removed ? " are missing: retention removed what was there"
                          : " are missing: the server's log lost what was "
                            "there"}),
          /*important=*/true);
  }
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
  return std::nullopt;
}

std::optional<int> EventStream::Judge(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      if (!plan_.request.stop_at_end()) return JudgeDrop(status);
      return printed_ == 0 ? kExitNegative : kExitOk;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::NOT_FOUND:
      return Fail(kExitUsage, Words(status));
    case grpc::StatusCode::DATA_LOSS:
      return Fail(kExitStorage, Words(status));
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return Fail(kExitConnect,
                  "the server does not let us stream events: " + Words(status));
    default:
      return JudgeDrop(status);
  }
}

std::optional<int> EventStream::JudgeDrop(const grpc::Status& status) {
  ++failures_;
  if (plan_.request.stop_at_end() && failures_ > kFailuresMax) {
    return Fail(kExitConnect, "lost the server: " + Words(status));
  }
  // Once an outage; the attempts that follow are silent.
  if (failures_ == 1) {
    tell_(Concat({status.ok() ? "the server ended the stream"
                              : "connection lost: " + Words(status),
                  "; reconnecting"}),
          /*important=*/true);
  }
  return std::nullopt;
}

}  // namespace tuco::cli
