// The server from its gRPC port down to a log in memory, in this process: all
// that a stream passes. It can be stopped and started on the same log and port.

#ifndef TUCO_TESTS_SERVER_CLIENT_EVENT_STACK_H_
#define TUCO_TESTS_SERVER_CLIENT_EVENT_STACK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "server/base/metrics.h"
#include "server/base/net_address.h"
#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/receiver/current_endpoints.h"
#include "server/receiver/receiver.h"
#include "server/rpc/event_service.h"
#include "server/rpc/grpc_server.h"
#include "server/stream/event_finder.h"
#include "server/stream/hub.h"
#include "server/stream/subscriptions.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/rpc/fake_quarantine.h"

namespace tuco::client {

// What events alternate in: n has kTypes[n % 3] and workspace `org_<n % 5>`.
inline constexpr const char* kTypes[] = {"message.sent", "message.reply",
                                         "message.failed"};

// One thread at a time.
class EventStack {
 public:
  explicit EventStack(stream::Hub::Options options = {});
  ~EventStack();

  void Start();
  void Stop();

  // What clients connect to; the same after every Start.
  std::string address() const { return address_.ToString(); }
  std::uint16_t port() const { return address_.port; }
  // The newest event.
  std::uint64_t head() const { return log_->bounds().head; }
  std::size_t streams() const { return hub_->streams(); }

  // Appends so many events and returns when they are published; the sequence of
  // event n is n.
  void Append(std::size_t count);
  // Has retention remove the oldest `count` events.
  void RemoveOldest(std::size_t count);

 private:
  const stream::Hub::Options options_;
  base::NetAddress address_;
  base::FakeClock clock_;
  base::Metrics metrics_;
  testing::FakeQuarantine quarantine_;
  const receiver::CurrentEndpoints endpoints_;
  const std::unique_ptr<log::EventLog> log_;
  std::uint64_t next_ = 1;
  std::unique_ptr<stream::Hub> hub_;
  std::unique_ptr<log::Committer> committer_;
  std::unique_ptr<stream::Subscriptions> subscriptions_;
  std::unique_ptr<receiver::Receiver> receiver_;
  std::unique_ptr<stream::EventFinder> finder_;
  std::unique_ptr<rpc::EventService> service_;
  std::unique_ptr<rpc::GrpcServer> server_;
};

}  // namespace tuco::client

#endif  // TUCO_TESTS_SERVER_CLIENT_EVENT_STACK_H_
