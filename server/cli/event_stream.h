// Reads StreamEvents for as long as anybody wants, whatever the connection
// does.
//
//          response            drop                back-off over
//   open ------------> reading ------> waiting ----------------> open, behind
//     |  limit, closed pipe,  |           | interrupt             what was read
//     |  final status         v           v
//     +-------------------> exit code <---+

#ifndef TUCO_SERVER_CLI_EVENT_STREAM_H_
#define TUCO_SERVER_CLI_EVENT_STREAM_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "server/cli/console.h"
#include "server/cli/interrupt.h"
#include "tuco/events/v1/event_service.grpc.pb.h"

namespace tuco::cli {

// What to read. A value.
struct StreamPlan {
  events::v1::StreamEventsRequest request;
  std::uint64_t limit = 0;  // Events to print; 0: all.
  // Pauses before the stream is opened again: twice as long each time, from
  // the least again once something was read.
  std::chrono::milliseconds pause_min{200};
  std::chrono::milliseconds pause_max{5000};
};

// One thread at a time.
class EventStream {
 public:
  using PrintEvent = std::function<WriteResult(const events::v1::Event&)>;
  // Told what people may want to know; `important` when it explains a gap in
  // what they see.
  using Tell = std::function<void(std::string_view notice, bool important)>;

  // The interrupt must outlive this object.
  EventStream(std::shared_ptr<grpc::Channel> channel, StreamPlan plan,
              PrintEvent print, Tell tell, Interrupt& interrupt);

  // Prints events until the limit, the end (with stop_at_end), a closed pipe,
  // an interrupt or an error that trying again does not mend. What the process
  // ends with.
  int Run();

 private:
  // One stream from its opening to its end; nothing when it is to be opened
  // again.
  std::optional<int> ReadOnce();
  std::optional<int> Take(const events::v1::StreamEventsResponse& response);
  std::optional<int> Judge(const grpc::Status& status);
  std::optional<int> JudgeDrop(const grpc::Status& status);

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<events::v1::EventService::Stub> stub_;
  StreamPlan plan_;
  const PrintEvent print_;
  const Tell tell_;
  Interrupt& interrupt_;
  std::uint64_t printed_ = 0;
  std::chrono::milliseconds pause_;
  int failures_ = 0;  // In a row, without a response between them.
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_EVENT_STREAM_H_
