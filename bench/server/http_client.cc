#include "bench/server/http_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "bench/fail.h"

namespace tuco::bench {
namespace {

constexpr std::size_t kSignatureBytes = 2 * Digest{}.size();
constexpr std::string_view kEndOfHead = "\r\n\r\n";

// What stands before a body, with room for its signature at the end.
std::string HeadOf(std::size_t body_bytes) {
  return "POST /webhooks/tuco HTTP/1.1\r\n"
         "Host: 127.0.0.1\r\n"
         "Content-Type: application/json\r\n"
         "X-Tuco-Event: message.reply\r\n"
         "X-Tuco-Timestamp: 2026-04-15T12:00:00Z\r\n"
         "Content-Length: " +
         std::to_string(body_bytes) +
         "\r\nX-Tuco-Signature: " + std::string(kSignatureBytes, '0') +
         std::string(kEndOfHead);
}

}  // namespace

Requests::Requests(const std::string& body_file, std::uint64_t first)
    : bodies_(body_file),
      next_(first),
      key_(kSecret),
      text_(HeadOf(bodies_.bytes())),
      body_at_(text_.size()),
      signature_at_(body_at_ - kEndOfHead.size() - kSignatureBytes) {
  text_.resize(body_at_ + bodies_.bytes());
}

std::string_view Requests::Next() {
  const std::string_view body = bodies_.At(next_++);
  body.copy(&text_[body_at_], body.size());
  constexpr std::string_view kHex = "0123456789abcdef";
  char* to = &text_[signature_at_];
  for (const unsigned char byte : key_.Sign(body)) {
    *to++ = kHex[byte >> 4];
    *to++ = kHex[byte & 15];
  }
  return text_;
}

Connection::Connection(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) != 0) {
    Fail(std::string("cannot connect: ") + std::strerror(errno));
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
}

void Connection::Post(std::string_view request) {
  size_ = 0;
  sent_at_ = Clock::now();
  const ssize_t sent =
      ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
  // One request fits into the socket's buffer.
  if (sent != static_cast<ssize_t>(request.size())) {
    Fail(std::string("cannot send: ") + std::strerror(errno));
  }
}

bool Connection::ReadAnswer() {
  const ssize_t got =
      ::recv(socket_, &answer_[size_], kAnswerBytesMax - size_, 0);
  if (got < 0 && errno == EAGAIN) return false;
  if (got <= 0) Fail("the server ended a connection or answered at length");
  size_ += static_cast<std::size_t>(got);
  answer_[size_] = '\0';
  return IsComplete();
}

void Connection::AwaitAnswer() {
  pollfd wait{socket_, POLLIN, 0};
  do {
    if (::poll(&wait, 1, kPatienceMs) == 0) {
      Fail("no answer came for ten seconds");
    }
  } while (!ReadAnswer());
}

bool Connection::IsComplete() const {
  const std::size_t head = answer().find(kEndOfHead);
  if (head == std::string_view::npos) return false;
  if (!answer().starts_with("HTTP/1.1 200 ")) {
    Fail("expected a 200, found: " + std::string(answer()));
  }
  const char* const length = ::strcasestr(answer_.data(), "content-length:");
  if (length == nullptr) Fail("expected an answer with a Content-Length");
  return size_ >=
         head + kEndOfHead.size() + std::strtoul(length + 15, nullptr, 10);
}

}  // namespace tuco::bench
