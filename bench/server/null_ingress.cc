// The ingress and the receiver as `serve` has them, in front of a log that
// keeps nothing: what it costs to take a delivery in, verify and read it, and
// answer.
//
//   null_ingress
//
// Prints its port on 127.0.0.1, and serves endpoint `tuco` until stdin ends.

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "bench/fail.h"
#include "bench/server/null_committer.h"
#include "server/app/io_thread.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/http/server.h"
#include "server/ingress/ingress_handler.h"
#include "server/log/event_log.h"
#include "server/receiver/current_endpoints.h"
#include "server/receiver/quarantine.h"
#include "server/receiver/receiver.h"
#include "tuco/strings.h"

namespace tuco::bench {
namespace {

// What deliveries are signed with: bench/numbered_bodies.h.
constexpr char kSecret[] = "whsec_sample_5f0c2a7e9d41";
constexpr std::size_t kBodyBytesMax = 256UL * 1024;

receiver::Endpoints MakeEndpoints() {
  receiver::EndpointConfig config;
  config.name = "tuco";
  config.secrets = {{.name = "main", .text = kSecret}};
  auto endpoints = receiver::Endpoints::Create({config});
  if (!endpoints.ok()) Fail(FromAbsl(endpoints.status().message()));
  return *std::move(endpoints);
}

int Main() {
  base::SystemClock clock;
  base::Metrics metrics;
  receiver::CurrentEndpoints endpoints(MakeEndpoints());
  NullCommitter committer;
  const std::unique_ptr<log::EventLog> log = log::MakeMemoryLog(clock);
  const auto quarantine =
      receiver::Quarantine::Create(endpoints, *log, committer, clock, metrics);
  receiver::Receiver receiver(endpoints, committer, *quarantine, clock, metrics,
                              kBodyBytesMax);
  ingress::IngressHandler handler(receiver, metrics);

  app::IoThread io;
  auto server = http::Server::Listen(
      io.io(), {.kind = base::NetAddress::Kind::kTcp, .host = "127.0.0.1"}, {},
      handler);
  if (!server.ok()) Fail(FromAbsl(server.status().message()));
  (*server)->Start();
  std::cout << (*server)->address().port << std::endl;
  io.Start();
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  io.Stop();
  return 0;
}

}  // namespace
}  // namespace tuco::bench

// NOLINTNEXTLINE(bugprone-exception-escape): who cannot begin just ends.
int main() { return tuco::bench::Main(); }
