#include "server/ingress/ingress_handler.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "server/ingress/answer_response.h"
#include "tuco/strings.h"

namespace tuco::ingress {
namespace {

constexpr std::string_view kWebhooksPrefix = "/webhooks/";
constexpr std::string_view kHealthPath = "/healthz";

bool IsRead(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

http::Response MethodNotAllowed(std::string_view allowed) {
  http::Response response =
      http::Problem(405, "this path takes another method; see Allow");
  response.headers.push_back({"Allow", allowed});
  return response;
}

// Whether every coding of a Content-Encoding leaves the body as it is. The
// names of codings are case-insensitive, and a list may have empty entries.
bool IsIdentityList(std::string_view codings) {
  for (const absl::string_view coding : absl::StrSplit(ToAbsl(codings), ',')) {
    const absl::string_view name = absl::StripAsciiWhitespace(coding);
    if (!name.empty() && !absl::EqualsIgnoreCase(name, "identity")) {
      return false;
    }
  }
  return true;
}

// Whether the body comes as it was signed.
bool IsIdentity(const http::RequestHead& head) {
  return std::all_of(head.headers.begin(), head.headers.end(),
                     [](const http::Header& header) {
                       return header.name != "content-encoding" ||
                              IsIdentityList(header.value);
                     });
}

receiver::Delivery ToDelivery(const http::Request& request) {
  receiver::Delivery delivery;
  delivery.body = request.body;
  delivery.source = request.head.source;
  delivery.signatures = request.head.Count("x-tuco-signature");
  delivery.signature =
      request.head.Find("x-tuco-signature").value_or(std::string_view());
  delivery.event_header = request.head.Find("x-tuco-event");
  delivery.timestamp_header = request.head.Find("x-tuco-timestamp");
  return delivery;
}

}  // namespace

IngressHandler::IngressHandler(receiver::Receiver& receiver,
                               base::Metrics& metrics)
    : receiver_(receiver), responses_(metrics, "http") {}

std::optional<http::Response> IngressHandler::Refusal(
    const http::RequestHead& head) const {
  if (head.path == kHealthPath) {
    if (!IsRead(head.method)) return MethodNotAllowed("GET, HEAD");
    return std::nullopt;
  }
  if (!head.path.starts_with(kWebhooksPrefix)) return NotFound();
  const std::string_view endpoint = head.path.substr(kWebhooksPrefix.size());
  if (receiver_.endpoints().Find(endpoint) == nullptr) return NotFound();
  if (head.method != "POST") return MethodNotAllowed("POST");
  if (!IsIdentity(head)) {
    return http::Problem(
        415, "expected a body without Content-Encoding, as Tuco signs it");
  }
  return std::nullopt;
}

std::optional<http::Response> IngressHandler::Admit(
    const http::RequestHead& head) {
  std::optional<http::Response> refusal = Refusal(head);
  if (refusal.has_value()) responses_.Count(refusal->status);
  return refusal;
}

void IngressHandler::Handle(const http::Request& request,
                            http::Responder responder) {
  if (request.head.path == kHealthPath) {
    http::Response response;
    response.body = R"({"status":"ok"})";
    responses_.Count(response.status);
    responder.Send(std::move(response));
    return;
  }
  receiver_.Receive(
      request.head.path.substr(kWebhooksPrefix.size()), ToDelivery(request),
      [this, responder =
                 std::move(responder)](const receiver::Answer& answer) mutable {
        http::Response response = ToResponse(answer);
        responses_.Count(response.status);
        responder.Send(std::move(response));
      });
}

}  // namespace tuco::ingress
