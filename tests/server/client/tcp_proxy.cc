#include "tests/server/client/tcp_proxy.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

namespace tuco::client {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int NewSocket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) std::abort();
  return fd;
}

void SendSoon(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool SendAll(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t server_port, CutAfter cut_after)
    : server_port_(server_port),
      cut_after_(std::move(cut_after)),
      listener_(NewSocket()) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 128) != 0) {
    std::abort();
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Accept(); });
}

TcpProxy::~TcpProxy() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  for (Link& link : links_) End(link);
}

void TcpProxy::End(Link& link) {
  ::shutdown(link.client, SHUT_RDWR);
  ::shutdown(link.server, SHUT_RDWR);
  link.up.join();
  link.down.join();
  ::close(link.client);
  ::close(link.server);
}

void TcpProxy::StallOpenConnections() {
  const std::lock_guard lock(mutex_);
  for (Link& link : links_) link.stalled = true;
}

void TcpProxy::Accept() {
  while (true) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    Connect(client);
  }
}

void TcpProxy::Connect(int client) {
  const int server = NewSocket();
  const sockaddr_in address = Loopback(server_port_);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address),
                sizeof address) != 0) {
    ::close(server);
    ::close(client);
    return;
  }
  SendSoon(client);
  SendSoon(server);
  ++connections_;
  const std::lock_guard lock(mutex_);
  std::erase_if(links_, [](Link& link) {
    const bool is_over = link.pumps == 0;
    if (is_over) End(link);
    return is_over;
  });
  Link& link = links_.emplace_back();
  link.client = client;
  link.server = server;
  link.bytes_left =
      cut_after_ ? cut_after_() : std::numeric_limits<std::size_t>::max();
  link.up =
      std::thread([&link] { Pump(link, link.client, link.server, false); });
  link.down =
      std::thread([&link] { Pump(link, link.server, link.client, true); });
}

void TcpProxy::Pump(Link& link, int from, int to, bool counted) {
  std::array<char, 16'384> buffer;
  while (true) {
    const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    if (link.stalled) continue;
    auto size = static_cast<std::size_t>(got);
    const bool cut = counted && size >= link.bytes_left;
    if (cut) size = link.bytes_left;
    if (counted) link.bytes_left -= size;
    if (!SendAll(to, buffer.data(), size) || cut) break;
  }
  if (!link.stalled) {
    ::shutdown(link.client, SHUT_RDWR);
    ::shutdown(link.server, SHUT_RDWR);
  }
  --link.pumps;
}

}  // namespace tuco::client
