// Reads StreamEvents for as long as its reader wants, whatever the connection
// does. Beneath Subscriber and `tuco-events tail`; speaks protobuf.
//
//          response         drop or silence       back-off over
//   open ------------> reading -----------> waiting -----------> open, behind
//     |   kStop, end,     |                    | Cancel, outage     what was
//     |   final error     v                    v                    taken
//     +----------------> Run returns <---------+

#ifndef TUCO_SERVER_CLIENT_EVENT_SESSION_H_
#define TUCO_SERVER_CLIENT_EVENT_SESSION_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/client/next.h"
#include "server/client/stream_call.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::client {

// The end of a stream that is to be opened again.
struct Drop {
  // OK: the server ended a stream that was to follow. DeadlineExceeded: nothing
  // came for too long. Else what ended it.
  absl::Status cause;
  // How many there were in a row, without a response between them.
  int count = 0;
};

// Who reads a session. Called in the thread that is in Run.
class SessionReader {
 public:
  virtual ~SessionReader() = default;
  // Takes a response. Behind kGoOn all of it counts as taken; behind kStop, and
  // behind an exception, only what EventSession::Took was told of.
  virtual Next OnResponse(const events::v1::StreamEventsResponse& response) = 0;
  virtual void OnDrop(const Drop& drop) = 0;
};

// How patient a session is. A value.
struct Patience {
  // Nothing at all may come for so long. A server sends a heartbeat when it had
  // nothing to send for 5 seconds.
  std::chrono::milliseconds silence_max{15'000};
  // Pauses before the stream is opened again: up to twice as long each time,
  // from the least again once something was read.
  std::chrono::milliseconds pause_min{200};
  std::chrono::milliseconds pause_max{5'000};
  // How long, and how often in a row, the stream may drop before Run gives up;
  // for ever without.
  std::optional<std::chrono::milliseconds> outage_max;
  std::optional<int> drops_max;
};

class EventSession {
 public:
  // Makes a channel with a connection of its own.
  using MakeChannel = std::function<std::shared_ptr<grpc::Channel>()>;

  // `channel` is what the first stream is opened on; one that turned out dead
  // is replaced by another that `make_channel` makes.
  EventSession(events::v1::StreamEventsRequest request, Patience patience,
               std::shared_ptr<grpc::Channel> channel,
               MakeChannel make_channel);
  EventSession(const EventSession&) = delete;
  EventSession& operator=(const EventSession&) = delete;

  // Reads until one of these; one thread at a time, and again from where it
  // stopped. OK: the reader said kStop, or the end is reached (stop_at_end).
  // Cancelled: by Cancel. Unavailable and DeadlineExceeded: the outage took too
  // long. Else the server's status, which trying again does not mend.
  absl::Status Run(SessionReader& reader);

  // Ends Run, also one that has yet to begin. Safe for concurrent use.
  void Cancel();
  bool cancelled() const;

  // Told by the reader: it is done with this event. Safe for concurrent use.
  void Took(const events::v1::Event& event);

  // What would be asked for to go on exactly here. Safe for concurrent use.
  events::v1::StreamEventsRequest request() const;

 private:
  using Clock = std::chrono::steady_clock;

  // How one stream ended, and whether that was the end of it all.
  struct Ending {
    bool drop = false;
    absl::Status status;
  };

  Ending ReadOnce(SessionReader& reader);
  Ending ReadAll(StreamCall& call, SessionReader& reader);
  Ending Judge(absl::Status status) const;
  // Whether Run goes on after a drop, with OK, or what it ends with.
  absl::Status JudgeDrop(const absl::Status& cause, SessionReader& reader);
  absl::Status OutageTooLong(const absl::Status& cause) const;
  std::chrono::milliseconds SilenceMax() const;
  void TookAll(const events::v1::StreamEventsResponse& response);
  void Pause();
  // The call that Cancel ends; null without one.
  void Attach(StreamCall* call);

  const Patience patience_;
  const MakeChannel make_channel_;
  // Used in Run only.
  std::shared_ptr<grpc::Channel> channel_;
  int drops_ = 0;
  Clock::time_point outage_since_;
  std::chrono::milliseconds pause_;
  std::minstd_rand random_{std::random_device{}()};

  mutable std::mutex mutex_;
  events::v1::StreamEventsRequest request_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  StreamCall* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_EVENT_SESSION_H_
