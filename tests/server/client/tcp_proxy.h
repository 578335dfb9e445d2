// Stands between a client and a server on this machine, and breaks what is
// between them.

#ifndef TUCO_TESTS_SERVER_CLIENT_TCP_PROXY_H_
#define TUCO_TESTS_SERVER_CLIENT_TCP_PROXY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace tuco::client {

// Listens on a port of its own and connects each client to `server_port`.
class TcpProxy {
 public:
  // `cut_after` says of each new connection how many bytes of the server's it
  // carries before both ends of it are closed; without, it carries all.
  using CutAfter = std::function<std::size_t()>;

  explicit TcpProxy(std::uint16_t server_port, CutAfter cut_after = {});
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  // What clients connect to.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::size_t connections() const { return connections_; }

  // From now on the connections that are open carry nothing, and stay open as
  // when somebody has pulled a cable.
  void StallOpenConnections();

 private:
  struct Link {
    int client = -1;
    int server = -1;
    std::size_t bytes_left = 0;
    std::atomic<bool> stalled = false;
    std::atomic<int> pumps = 2;  // That are still at work.
    std::thread up;
    std::thread down;
  };

  void Accept();
  void Connect(int client);
  static void Pump(Link& link, int from, int to, bool counted);
  static void End(Link& link);

  const std::uint16_t server_port_;
  const CutAfter cut_after_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> connections_ = 0;
  std::mutex mutex_;
  std::list<Link> links_;  // Under mutex_.
  std::thread thread_;
};

}  // namespace tuco::client

#endif  // TUCO_TESTS_SERVER_CLIENT_TCP_PROXY_H_
