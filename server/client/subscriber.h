// A client of EventService that follows the events of a server's log, however
// often the connection drops:
//
//   tuco::client::SubscriberOptions options;
//   options.position = tuco::client::AfterSequence{stored};
//   auto subscriber = tuco::client::Subscriber::Create(options);
//   if (!subscriber.ok()) return subscriber.status();
//   absl::Status ended = (*subscriber)->Run([&](tuco::Event event) {
//     Handle(event);            // then remember event.sequence
//     return tuco::client::Next::kGoOn;
//   });
//
// Events come in ascending order of their sequences, each of those that match
// the filter, and within one subscriber none twice. Whoever begins anew at a
// sequence that it stored before a crash may get events again that it handled
// without storing that: `sequence` and `idempotency_key` tell.

#ifndef TUCO_SERVER_CLIENT_SUBSCRIBER_H_
#define TUCO_SERVER_CLIENT_SUBSCRIBER_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/client/next.h"
#include "server/client/subscriber_options.h"
#include "tuco/event.h"

namespace tuco::client {

// Owns a connection, and threads only in as far as gRPC has some. Must outlive
// its Run; Cancel first, and wait for it.
class Subscriber {
 public:
  // Takes an event. It counts as taken when this returns, whatever it returns;
  // an exception leaves it untaken and passes through Run.
  using OnEvent = std::function<Next(Event event)>;
  using OnNotice = std::function<void(const Notice& notice)>;

  // InvalidArgument: an address that is none, or a number out of its range; the
  // limits of batches and the filter are looked at by the server, when the
  // stream is opened. Connects to nothing yet.
  static absl::StatusOr<std::unique_ptr<Subscriber>> Create(
      const SubscriberOptions& options);

  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // Reads until one of these, and calls back in this thread, one event or
  // notice at a time. While a callback runs nothing is read, and the server
  // waits: it holds nothing in memory for a slow reader.
  //
  // OK: a callback said kStop, or the end is reached with `stop_at_end`. Called
  // again it goes on behind what was taken.
  // Cancelled: by Cancel.
  // Unavailable, DeadlineExceeded: the server was away, or silent, for longer
  // than `outage_max`.
  // OutOfRange: the position is past the log's head, or retention has removed
  // what follows it. FailedPrecondition: the position is of another log.
  // DataLoss: a record is damaged. InvalidArgument, NotFound, Unimplemented,
  // Unauthenticated, PermissionDenied: as the server says. Trying again does
  // not mend these.
  //
  // One thread at a time.
  absl::Status Run(const OnEvent& on_event, const OnNotice& on_notice = {});

  // Ends Run at once, or when its callback returns, and for good. Safe for
  // concurrent use, also from a callback.
  void Cancel();

  // Where another subscriber would begin to go on exactly here: behind the last
  // event whose callback returned, or further where nothing matched. Safe for
  // concurrent use.
  Position position() const;

 private:
  class Impl;
  explicit Subscriber(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace tuco::client

#endif  // TUCO_SERVER_CLIENT_SUBSCRIBER_H_
