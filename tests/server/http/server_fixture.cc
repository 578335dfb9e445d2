#include "tests/server/http/server_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <cstring>

#include "gtest/gtest.h"

namespace tuco::http {

void FunctionHandler::Handle(const Request& request, Responder responder) {
  if (handle) return handle(request, std::move(responder));
  responder.Send(TextResponse(request.body));
}

void FunctionHandler::OnRefused(int status) {
  const std::lock_guard lock(mutex_);
  refused_.push_back(status);
}

std::vector<int> FunctionHandler::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

Response TextResponse(std::string_view body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::string(body);
  return response;
}

RunningServer::RunningServer(const Limits& limits, FunctionHandler& handler)
    : RunningServer(handler, {.limits = limits}) {}

RunningServer::RunningServer(FunctionHandler& handler, ServerOptions options) {
  auto server = Server::Listen(io_, LoopbackV4(), std::move(options), handler);
  if (!server.ok()) std::abort();
  server_ = *std::move(server);
  server_->Start();
  thread_ = std::thread([this] { io_.run(); });
}

RunningServer::~RunningServer() {
  Destroy();
  work_.reset();
  thread_.join();
}

void RunningServer::OnIoThread(const std::function<void()>& task) {
  std::promise<void> done;
  boost::asio::post(io_, [&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

std::future<void> RunningServer::Drain(std::chrono::milliseconds quiet,
                                       std::chrono::milliseconds limit) {
  const auto drained = std::make_shared<std::promise<void>>();
  server_->Drain(quiet, limit, [drained] { drained->set_value(); });
  return drained->get_future();
}

void RunningServer::Destroy() {
  OnIoThread([this] { server_.reset(); });
}

bool IsReady(const std::future<void>& future) {
  return future.wait_for(kPatience) == std::future_status::ready;
}

base::NetAddress LoopbackV4() {
  base::NetAddress address;
  address.kind = base::NetAddress::Kind::kTcp;
  address.host = "127.0.0.1";
  return address;
}

int RawResponse::status() const {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  return head.starts_with(kVersion) ? std::atoi(&head[kVersion.size()]) : 0;
}

bool RawResponse::closes() const {
  return head.find("\r\nConnection: close\r\n") != std::string::npos;
}

RawClient::RawClient(const base::NetAddress& address) {
  const bool unix_socket = address.kind == base::NetAddress::Kind::kUnix;
  descriptor_ =
      ::socket(unix_socket ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof(patience));
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience,
               sizeof(patience));
  if (unix_socket) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, address.path.c_str(),
                 sizeof(name.sun_path) - 1);
    connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&name),
                           sizeof(name)) == 0;
    return;
  }
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(address.port);
  connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&name),
                         sizeof(name)) == 0;
}

RawClient::~RawClient() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool RawClient::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::CloseSending() const { ::shutdown(descriptor_, SHUT_WR); }

void RawClient::Reset() {
  const linger abort{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  ::close(std::exchange(descriptor_, -1));
}

bool RawClient::Fill() {
  std::array<char, 64UL * 1024> piece;
  const ssize_t size = ::recv(descriptor_, piece.data(), piece.size(), 0);
  failed_ = size < 0;
  if (size <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

RawResponse RawClient::Receive(bool head) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  while (buffer_.find(kEnd) == std::string::npos) {
    if (!Fill()) return {};
  }
  RawResponse response;
  response.head = buffer_.substr(0, buffer_.find(kEnd) + kEnd.size());
  buffer_.erase(0, response.head.size());
  const std::size_t field = response.head.find(kLength);
  if (head || field == std::string::npos) return response;
  const std::size_t size =
      std::strtoull(&response.head[field + kLength.size()], nullptr, 10);
  while (buffer_.size() < size && Fill()) {
  }
  response.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return response;
}

bool RawClient::IsClosedByPeer() {
  return buffer_.empty() && !Fill() && !failed_;
}

}  // namespace tuco::http
