#include "server/client/stream_call.h"

namespace tuco::client {
namespace {

namespace pb = events::v1;
using Clock = std::chrono::system_clock;

}  // namespace

// There is one step under way at any time: the beginning, a read, or the end.
// So steps need no tag to tell them apart.
StreamCall::StreamCall(const std::shared_ptr<grpc::Channel>& channel,
                       const pb::StreamEventsRequest& request)
    : stub_(pb::EventService::NewStub(channel)),
      reader_(stub_->PrepareAsyncStreamEvents(&context_, request, &queue_)) {
  reader_->StartCall(/*tag=*/nullptr);
}

StreamCall::~StreamCall() {
  Cancel();
  Finish();
  queue_.Shutdown();
  AwaitStep();
}

StreamCall::Outcome StreamCall::Read(pb::StreamEventsResponse& response,
                                     std::chrono::milliseconds silence_max) {
  const Clock::time_point end = Clock::now() + silence_max;
  if (!begun_) {
    const std::optional<bool> begun = Await(end);
    if (!begun.has_value()) {
      Cancel();
      return Outcome::kSilent;
    }
    begun_ = true;
    if (!*begun) return Outcome::kEnded;
  }
  reader_->Read(&response, /*tag=*/nullptr);
  const std::optional<bool> read = Await(end);
  if (read.has_value()) {
    return *read ? Outcome::kResponse : Outcome::kEnded;
  }
  // gRPC writes to the response until it has let go of it.
  Cancel();
  AwaitStep();
  return Outcome::kSilent;
}

grpc::Status StreamCall::Finish() {
  if (!begun_) AwaitStep();
  begun_ = true;
  if (!status_.has_value()) {
    status_.emplace();
    reader_->Finish(&*status_, /*tag=*/nullptr);
    AwaitStep();
  }
  return *status_;
}

std::optional<bool> StreamCall::Await(Clock::time_point end) {
  void* tag = nullptr;
  bool succeeded = false;
  if (queue_.AsyncNext(&tag, &succeeded, end) ==
      grpc::CompletionQueue::TIMEOUT) {
    return std::nullopt;
  }
  return succeeded;
}

bool StreamCall::AwaitStep() {
  void* tag = nullptr;
  bool succeeded = false;
  return queue_.Next(&tag, &succeeded) && succeeded;
}

}  // namespace tuco::client
