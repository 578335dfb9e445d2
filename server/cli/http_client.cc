#include "server/cli/http_client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

#include "server/base/status_macros.h"
#include "server/cli/http_response_head.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

// Our server answers in some hundred bytes; what is larger is no such answer.
constexpr std::size_t kHeadBytesMax = 65536;
constexpr std::size_t kBodyBytesMax = 1048576;

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

absl::Status BrokenConnection(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS) {
    return absl::DeadlineExceededError("no answer in time");
  }
  return absl::UnavailableError(
      Concat({"connection broke: ", std::strerror(error)}));
}

// The kernel applies the send timeout to connecting as well.
void SetOptions(int fd, std::chrono::milliseconds timeout) {
  timeval time;
  time.tv_sec = timeout.count() / 1000;
  time.tv_usec = timeout.count() % 1000 * 1000;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

HttpClient::HttpClient(HttpUrl url, std::chrono::milliseconds timeout,
                       std::shared_ptr<const TlsTrust> trust)
    : url_(std::move(url)), timeout_(timeout), trust_(std::move(trust)) {}

HttpClient::~HttpClient() { Close(); }

void HttpClient::Close() {
  tls_.reset();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

absl::Status HttpClient::Connect() {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(url_.host.c_str(), url_.port.c_str(), &hints, &found);
  const Addresses addresses(found, &::freeaddrinfo);
  std::string why = error == 0 ? "" : ::gai_strerror(error);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    fd_ = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0);
    if (fd_ >= 0) {
      SetOptions(fd_, timeout_);
      if (::connect(fd_, at->ai_addr, at->ai_addrlen) == 0) {
        return url_.tls ? StartTls() : absl::OkStatus();
      }
    }
    why = errno == EINPROGRESS ? "no answer in time" : std::strerror(errno);
    Close();
  }
  return absl::FailedPreconditionError(
      Concat({"cannot connect to ", url_.Authority(), ": ", why}));
}

absl::Status HttpClient::StartTls() {
  auto stream = TlsStream::Connect(trust_, fd_, url_.host);
  if (stream.ok()) {
    tls_ = *std::move(stream);
    return absl::OkStatus();
  }
  Close();
  return absl::FailedPreconditionError(
      Concat({"cannot connect to ", url_.Authority(), ": ",
              FromAbsl(stream.status().message())}));
}

absl::StatusOr<HttpResponse> HttpClient::Post(const Headers& headers,
                                              std::string_view body) {
  std::string request =
      Concat({"POST ", url_.target, " HTTP/1.1\r\nHost: ", url_.Authority(),
              "\r\nContent-Length: ", std::to_string(body.size()), "\r\n"});
  for (const auto& [name, value] : headers) {
    request += Concat({name, ": ", value, "\r\n"});
  }
  request += Concat({"\r\n", body});

  const bool kept = fd_ >= 0;
  if (!kept) TUCO_RETURN_IF_ERROR(Connect());
  absl::StatusOr<HttpResponse> response = Exchange(request);
  if (kept && absl::IsUnavailable(response.status()) && received_.empty()) {
    TUCO_RETURN_IF_ERROR(Connect());
    response = Exchange(request);
  }
  return response;
}

absl::StatusOr<HttpResponse> HttpClient::Exchange(std::string_view request) {
  received_.clear();
  const absl::Status sent = Send(request);
  // A server that refuses early answers and closes while we still send.
  absl::StatusOr<HttpResponse> response = ReadResponse();
  if (!response.ok()) {
    Close();
    if (!sent.ok()) return sent;
  }
  return response;
}

absl::Status HttpClient::Send(std::string_view bytes) {
  if (tls_ != nullptr) return tls_->Send(bytes);
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      return BrokenConnection(errno);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> HttpClient::ReceiveSome(std::span<char> buffer) {
  if (tls_ != nullptr) return tls_->Receive(buffer);
  ssize_t count = -1;
  do {
    count = ::recv(fd_, buffer.data(), buffer.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return BrokenConnection(errno);
  return static_cast<std::size_t>(count);
}

absl::Status HttpClient::Receive() {
  std::array<char, 16384> buffer;
  TUCO_ASSIGN_OR_RETURN(const std::size_t count, ReceiveSome(buffer));
  if (count == 0) return absl::UnavailableError("connection was closed");
  received_.append(buffer.data(), count);
  return absl::OkStatus();
}

absl::StatusOr<HttpResponse> HttpClient::ReadResponse() {
  while (true) {
    std::size_t end = received_.find("\r\n\r\n");
    while (end == std::string::npos) {
      if (received_.size() > kHeadBytesMax) {
        return absl::DataLossError("the response's header block has no end");
      }
      TUCO_RETURN_IF_ERROR(Receive());
      end = received_.find("\r\n\r\n");
    }
    TUCO_ASSIGN_OR_RETURN(
        const HttpResponseHead head,
        ReadResponseHead(std::string_view(received_).substr(0, end)));
    received_.erase(0, end + 4);
    if (head.status < 200) continue;  // 100 Continue and its like.
    const bool whole = head.content_length.has_value() &&
                       *head.content_length <= kBodyBytesMax;
    const std::size_t length = whole ? *head.content_length : 0;
    while (received_.size() < length) TUCO_RETURN_IF_ERROR(Receive());
    if (!whole || head.close) Close();
    return HttpResponse{head.status, received_.substr(0, length)};
  }
}

}  // namespace tuco::cli
