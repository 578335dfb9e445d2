// Posts signed deliveries to a server on this machine as fast as it answers.
//
//   http_load PORT CONNECTIONS SECONDS FIRST BODY_FILE
//
// Each connection posts a delivery, waits for the answer, and posts the next.
// No two bodies are the same: they are numbered from FIRST on and signed as
// they leave. Prints one line when the time is over and all is answered:
//
//   {"answers":141204,"seconds":2.001,"p50_us":611,"p99_us":1904}
//
// Any answer but a 200, a connection that ends, and ten seconds without an
// answer end it with status 3.

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "bench/fail.h"
#include "bench/server/http_client.h"

namespace tuco::bench {
namespace {

using Clock = Connection::Clock;

constexpr std::size_t kConnectionsMax = 1'000;

class Load {
 public:
  Load(std::uint16_t port, std::size_t connections, Requests& requests)
      : requests_(requests), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    connections_.reserve(connections);  // So that none ever moves.
    for (std::size_t i = 0; i < connections; ++i) {
      Connection& connection = connections_.emplace_back(port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket(), &event);
    }
  }

  void Run(std::chrono::duration<double> seconds) {
    const Clock::time_point begin = Clock::now();
    const auto end = begin + seconds;
    for (Connection& connection : connections_) {
      connection.Post(requests_.Next());
    }
    std::size_t open = connections_.size();
    std::array<epoll_event, 512> events{};
    while (open > 0) {
      const int count =
          ::epoll_wait(epoll_, events.data(), events.size(), kPatienceMs);
      if (count == 0) Fail("no answer came for ten seconds");
      for (int i = 0; i < count; ++i) {
        auto& connection = *static_cast<Connection*>(events.at(i).data.ptr);
        if (!connection.ReadAnswer()) continue;
        waited_.push_back(connection.Waited());
        if (Clock::now() < end) {
          connection.Post(requests_.Next());
        } else {
          --open;
        }
      }
    }
    Print(Clock::now() - begin);
  }

 private:
  void Print(std::chrono::duration<double> taken) {
    std::cout << "{\"answers\":" << waited_.size()
              << ",\"seconds\":" << taken.count()
              << ",\"p50_us\":" << Percentile(50)
              << ",\"p99_us\":" << Percentile(99) << "}" << std::endl;
  }

  std::int64_t Percentile(std::size_t percent) {
    const std::size_t at = (waited_.size() - 1) * percent / 100;
    std::nth_element(waited_.begin(), waited_.begin() + at, waited_.end());
    return std::chrono::round<std::chrono::microseconds>(waited_[at]).count();
  }

  Requests& requests_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::vector<Clock::duration> waited_;
};

int Main(int argc, char** argv) {
  if (argc != 6) {
    Fail("usage: http_load PORT CONNECTIONS SECONDS FIRST BODY_FILE");
  }
  const auto port =
      static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
  const std::size_t connections = std::strtoul(argv[2], nullptr, 10);
  const double seconds = std::strtod(argv[3], nullptr);
  if (connections < 1 || connections > kConnectionsMax) {
    Fail("expected 1 to 1000 connections");
  }
  Requests requests(argv[5], std::strtoull(argv[4], nullptr, 10));
  Load(port, connections, requests).Run(std::chrono::duration<double>(seconds));
  return 0;
}

}  // namespace
}  // namespace tuco::bench

int main(int argc, char** argv) { return tuco::bench::Main(argc, argv); }
