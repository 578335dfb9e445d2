// One call of StreamEvents, from its beginning to its end, with a limit to how
// long nothing may come.

#ifndef TUCO_SERVER_CLIENT_STREAM_CALL_H_
#define TUCO_SERVER_CLIENT_STREAM_CALL_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::client {

// One thread at a time, except for Cancel.
class StreamCall {
 public:
  enum class Outcome : std::uint8_t {
    kResponse,
    kEnded,   // Finish says how.
    kSilent,  // Nothing came in time; the call is cancelled.
  };

  // Begins the call.
  StreamCall(const std::shared_ptr<grpc::Channel>& channel,
             const events::v1::StreamEventsRequest& request);
  // Cancels the call unless it has ended.
  ~StreamCall();
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  // Waits for the next response, at most `silence_max`.
  Outcome Read(events::v1::StreamEventsResponse& response,
               std::chrono::milliseconds silence_max);

  // How the call ended. Behind kEnded and kSilent only.
  grpc::Status Finish();

  // Ends the call early: a Read that is under way, or the next one, gives
  // kEnded. Safe for concurrent use.
  void Cancel() { context_.TryCancel(); }

 private:
  // Waits for the step that is under way; whether it succeeded, and nothing
  // when the time is over first.
  std::optional<bool> Await(std::chrono::system_clock::time_point end);
  bool AwaitStep();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  const std::unique_ptr<events::v1::EventService::Stub> stub_;
  const std::unique_ptr<
      grpc::ClientAsyncReader<events::v1::StreamEventsResponse>>
      reader_;
  bool begun_ = false;
  std::optional<grpc::Status> status_;
};

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_STREAM_CALL_H_
