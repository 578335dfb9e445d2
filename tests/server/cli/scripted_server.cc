#include "tests/server/cli/scripted_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace tuco::cli {
namespace {

// Whether `text` is a request with the whole of its body.
bool IsComplete(const std::string& text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string::npos) return false;
  const std::string name = "Content-Length: ";
  const std::size_t at = text.find(name);
  if (at > head) return true;
  const auto length =
      std::strtoul(text.c_str() + at + name.size(), nullptr, 10);
  return text.size() >= head + 4 + length;
}

std::string ReadRequest(int fd) {
  std::string request;
  std::array<char, 4096> buffer;
  while (!IsComplete(request)) {
    const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return request;
}

}  // namespace

ScriptedServer::ScriptedServer(std::vector<Answers> connections)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 8) != 0) {
    std::abort();
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ =
      std::thread([this, script = std::move(connections)] { Play(script); });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  ::close(listener_);
}

const std::vector<std::string>& ScriptedServer::Requests() {
  if (thread_.joinable()) thread_.join();
  return requests_;
}

void ScriptedServer::Play(const std::vector<Answers>& connections) {
  for (const Answers& answers : connections) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    PlayOne(fd, answers);
    ::close(fd);
  }
}

void ScriptedServer::PlayOne(int fd, const Answers& answers) {
  for (const std::string& answer : answers) {
    requests_.push_back(ReadRequest(fd));
    ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
}

std::string Respond(const std::string& status, const std::string& body,
                    const std::string& header) {
  return "HTTP/1.1 " + status + "\r\n" + header +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace tuco::cli
