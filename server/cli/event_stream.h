// Prints what a server streams, for as long as anybody wants: a
// client::EventSession whose statuses have become exit codes and notices.

#ifndef TUCO_SERVER_CLI_EVENT_STREAM_H_
#define TUCO_SERVER_CLI_EVENT_STREAM_H_

#include <grpcpp/channel.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "server/cli/console.h"
#include "server/cli/interrupt.h"
#include "server/client/event_session.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::cli {

// What to read. A value.
struct StreamPlan {
  events::v1::StreamEventsRequest request;
  std::uint64_t limit = 0;  // Events to print; 0: all.
  client::Patience patience;
  // Acknowledges everything up to a sequence, which is printed by then; without
  // it nothing is acknowledged. One that fails is made good by the next.
  std::function<grpc::Status(std::uint64_t through)> acknowledge;
};

// One thread at a time.
class EventStream final : private client::SessionReader {
 public:
  // Prints events that came together, all of them.
  using Events = std::span<const events::v1::Event* const>;
  using PrintEvents = std::function<WriteResult(Events)>;
  // Told what people may want to know; `important` when it explains a gap in
  // what they see.
  using Tell = std::function<void(std::string_view notice, bool important)>;

  // `channel` and `make_channel` are those of client::EventSession. The
  // interrupt must outlive this object.
  EventStream(std::shared_ptr<grpc::Channel> channel,
              client::EventSession::MakeChannel make_channel,
              const StreamPlan& plan, PrintEvents print, Tell tell,
              Interrupt& interrupt);

  // Prints events until the limit, the end (with stop_at_end), a closed pipe,
  // an interrupt or an error that trying again does not mend. What the process
  // ends with.
  int Run();

 private:
  client::Next OnResponse(
      const events::v1::StreamEventsResponse& response) override;
  void OnDrop(const client::Drop& drop) override;

  // Acknowledges what is printed of it, all of it unless the limit is reached.
  void Acknowledge(const events::v1::StreamEventsResponse& response);
  // Whether that was the end.
  bool Print(const events::v1::StreamEventsResponse& response);
  void TellOfNotice(const events::v1::StreamEventsResponse& response);
  int ExitCodeOfEnd(const absl::Status& status) const;

  const std::uint64_t limit_;
  const PrintEvents print_;
  const std::function<grpc::Status(std::uint64_t through)> acknowledge_;
  const Tell tell_;
  Interrupt& interrupt_;
  client::EventSession session_;
  std::uint64_t printed_ = 0;
  std::uint64_t last_printed_ = 0;  // Its sequence.
  std::uint64_t acknowledged_ = 0;
  grpc::Status acknowledge_status_;  // Of the newest one.
  std::optional<int> exit_code_;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_EVENT_STREAM_H_
