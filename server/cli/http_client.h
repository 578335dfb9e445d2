// Posts over HTTP/1.1 on one connection that is kept between requests.

#ifndef TUCO_SERVER_CLI_HTTP_CLIENT_H_
#define TUCO_SERVER_CLI_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/cli/http_url.h"
#include "server/cli/tls_stream.h"

namespace tuco::cli {

struct HttpResponse {
  int status = 0;
  std::string body;  // Empty unless it came with a Content-Length.
};

// One thread at a time; blocks.
class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string_view, std::string>>;

  // Each wait for the other side lasts at most `timeout`. `trust` is needed
  // where the URL is https.
  HttpClient(HttpUrl url, std::chrono::milliseconds timeout,
             std::shared_ptr<const TlsTrust> trust = nullptr);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Connects unless connected, sends and waits for the response. A kept
  // connection that the other side has closed meanwhile is replaced once.
  //
  // FailedPrecondition: cannot connect, or the certificate is not taken.
  // Unavailable, DeadlineExceeded: the connection broke or the response did not
  // come in time. DataLoss: what came is no HTTP response.
  absl::StatusOr<HttpResponse> Post(const Headers& headers,
                                    std::string_view body);

 private:
  absl::Status Connect();
  absl::Status StartTls();
  void Close();
  absl::StatusOr<HttpResponse> Exchange(std::string_view request);
  absl::Status Send(std::string_view bytes);
  absl::StatusOr<std::size_t> ReceiveSome(std::span<char> buffer);
  // Appends what comes next to `received_`.
  absl::Status Receive();
  absl::StatusOr<HttpResponse> ReadResponse();

  const HttpUrl url_;
  const std::chrono::milliseconds timeout_;
  const std::shared_ptr<const TlsTrust> trust_;
  int fd_ = -1;
  std::unique_ptr<TlsStream> tls_;  // Null: in plain.
  std::string received_;            // Of the current response.
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_HTTP_CLIENT_H_
