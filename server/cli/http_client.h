// Posts over plain HTTP/1.1 on one connection that is kept between requests.

#ifndef TUCO_SERVER_CLI_HTTP_CLIENT_H_
#define TUCO_SERVER_CLI_HTTP_CLIENT_H_

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/cli/http_url.h"

namespace tuco::cli {

struct HttpResponse {
  int status = 0;
  std::string body;  // Empty unless it came with a Content-Length.
};

// One thread at a time; blocks.
class HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string_view, std::string>>;

  // Each wait for the other side lasts at most `timeout`.
  HttpClient(HttpUrl url, std::chrono::milliseconds timeout);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Connects unless connected, sends and waits for the response. A kept
  // connection that the other side has closed meanwhile is replaced once.
  //
  // FailedPrecondition: cannot connect. Unavailable, DeadlineExceeded: the
  // connection broke or the response did not come in time. DataLoss: what
  // came is no HTTP response.
  absl::StatusOr<HttpResponse> Post(const Headers& headers,
                                    std::string_view body);

 private:
  absl::Status Connect();
  void Close();
  absl::StatusOr<HttpResponse> Exchange(std::string_view request);
  absl::Status Send(std::string_view bytes) const;
  // Appends what comes next to `received_`.
  absl::Status Receive();
  absl::StatusOr<HttpResponse> ReadResponse();

  const HttpUrl url_;
  const std::chrono::milliseconds timeout_;
  int fd_ = -1;
  std::string received_;  // Of the current response.
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_HTTP_CLIENT_H_
