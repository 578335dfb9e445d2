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

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/fail.h"
#include "bench/numbered_bodies.h"
#include "tuco/hmac_sha256.h"

namespace tuco::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSignatureBytes = 2 * Digest{}.size();
constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr int kPatienceMs = 10'000;
constexpr std::size_t kAnswerBytesMax = 4'096;
constexpr std::size_t kConnectionsMax = 1'000;

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

// The requests, one after the other in the same piece of memory.
class Requests {
 public:
  Requests(const std::string& body_file, std::uint64_t first)
      : bodies_(body_file),
        next_(first),
        key_(kSecret),
        text_(HeadOf(bodies_.bytes())),
        body_at_(text_.size()),
        signature_at_(body_at_ - kEndOfHead.size() - kSignatureBytes) {
    text_.resize(body_at_ + bodies_.bytes());
  }

  // Valid until the next call.
  std::string_view Next() {
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

 private:
  NumberedBodies bodies_;
  std::uint64_t next_;
  const HmacSha256Key key_;
  std::string text_;
  const std::size_t body_at_;
  const std::size_t signature_at_;
};

// One connection, closed by the end of the process.
class Connection {
 public:
  explicit Connection(std::uint16_t port)
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

  int socket() const { return socket_; }

  void Post(std::string_view request) {
    size_ = 0;
    sent_at_ = Clock::now();
    const ssize_t sent =
        ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    // One request fits into the socket's buffer.
    if (sent != static_cast<ssize_t>(request.size())) {
      Fail(std::string("cannot send: ") + std::strerror(errno));
    }
  }

  // Reads what has come; whether that completes the answer.
  bool ReadAnswer() {
    const ssize_t got =
        ::recv(socket_, &answer_[size_], kAnswerBytesMax - size_, 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) Fail("the server ended a connection or answered at length");
    size_ += static_cast<std::size_t>(got);
    answer_[size_] = '\0';
    return IsComplete();
  }

  Clock::duration Waited() const { return Clock::now() - sent_at_; }

 private:
  bool IsComplete() const {
    const std::string_view text(answer_.data(), size_);
    const std::size_t head = text.find(kEndOfHead);
    if (head == std::string_view::npos) return false;
    if (!text.starts_with("HTTP/1.1 200 ")) {
      Fail("expected a 200, found: " + std::string(text));
    }
    const char* const length = ::strcasestr(answer_.data(), "content-length:");
    if (length == nullptr) Fail("expected an answer with a Content-Length");
    return size_ >=
           head + kEndOfHead.size() + std::strtoul(length + 15, nullptr, 10);
  }

  const int socket_;
  Clock::time_point sent_at_;
  std::size_t size_ = 0;
  std::array<char, kAnswerBytesMax + 1> answer_{};
};

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
