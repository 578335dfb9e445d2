#include "server/admin/admin_handler.h"

#include <string_view>
#include <utility>

#include "tuco/strings.h"

namespace tuco::admin {
namespace {

constexpr std::string_view kMetricsPath = "/metrics";
constexpr std::string_view kHealthPath = "/healthz";
constexpr std::string_view kReadyPath = "/readyz";

std::optional<http::Response> Refusal(const http::RequestHead& head) {
  if (head.path != kMetricsPath && head.path != kHealthPath &&
      head.path != kReadyPath) {
    return http::Problem(
        404, "nothing is served here; try /metrics, /healthz or /readyz");
  }
  if (head.method != "GET" && head.method != "HEAD") {
    http::Response response = http::Problem(405, "expected GET or HEAD");
    response.headers.push_back({"Allow", "GET, HEAD"});
    return response;
  }
  return std::nullopt;
}

}  // namespace

AdminHandler::AdminHandler(base::Metrics& metrics,
                           std::function<absl::Status()> ready)
    : metrics_(metrics),
      ready_(std::move(ready)),
      responses_(metrics, "admin") {}

std::optional<http::Response> AdminHandler::Admit(
    const http::RequestHead& head) {
  std::optional<http::Response> refusal = Refusal(head);
  if (refusal.has_value()) responses_.Count(refusal->status);
  return refusal;
}

http::Response AdminHandler::Answer(const http::RequestHead& head) const {
  http::Response response;
  if (head.path == kMetricsPath) {
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics_.Scrape();
    return response;
  }
  if (head.path == kReadyPath) {
    const absl::Status status = ready_();
    if (!status.ok()) return http::Problem(503, FromAbsl(status.message()));
    response.body = R"({"status":"ready"})";
    return response;
  }
  response.body = R"({"status":"ok"})";
  return response;
}

void AdminHandler::Handle(const http::Request& request,
                          http::Responder responder) {
  http::Response response = Answer(request.head);
  responses_.Count(response.status);
  responder.Send(std::move(response));
}

}  // namespace tuco::admin
