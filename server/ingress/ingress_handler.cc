#include "server/ingress/ingress_handler.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "server/ingress/answer_response.h"
#include "server/ingress/delivery_trace.h"
#include "tuco/strings.h"

namespace tuco::ingress {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::string_view kWebhooksPrefix = "/webhooks/";
// Of what a delivery names as its endpoint, this much is kept.
constexpr std::size_t kEndpointSizeMax = 200;
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

constexpr std::string_view kSignatureHeader = "x-tuco-signature";

// What a header holds is nobody's business.
bool IsConfidential(std::string_view name) {
  return name == "authorization" || name == "proxy-authorization" ||
         name == "cookie";
}

std::string HeaderLines(const http::RequestHead& head) {
  std::string lines;
  for (const http::Header& header : head.headers) {
    lines.append(header.name).append(": ");
    lines.append(IsConfidential(header.name) ? "(left out)" : header.value);
    lines.append("\n");
  }
  return lines;
}

// The name of the endpoint that `path` is of, or else the path itself.
std::string_view EndpointOf(std::string_view path) {
  if (path.starts_with(kWebhooksPrefix)) {
    path.remove_prefix(kWebhooksPrefix.size());
  }
  return path.substr(0, kEndpointSizeMax);
}

// `request` must outlive it.
receiver::Delivery ToDelivery(const http::Request& request) {
  receiver::Delivery delivery;
  delivery.body = request.body;
  delivery.source = request.head.source;
  delivery.signatures = request.head.Count(kSignatureHeader);
  delivery.signature =
      request.head.Find(kSignatureHeader).value_or(std::string_view());
  delivery.event_header = request.head.Find("x-tuco-event");
  delivery.timestamp_header = request.head.Find("x-tuco-timestamp");
  delivery.headers = [&head = request.head] { return HeaderLines(head); };
  return delivery;
}

}  // namespace

IngressHandler::IngressHandler(receiver::Receiver& receiver,
                               base::Metrics& metrics)
    : receiver_(receiver),
      responses_(metrics, "http"),
      seconds_(metrics.AddHistogram(
          "tuco_delivery_seconds",
          "How long it took from the last byte of a delivery to its answer.",
          {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5})) {}

std::optional<http::Response> IngressHandler::Refusal(
    const http::RequestHead& head) const {
  if (head.path == kHealthPath) {
    if (!IsRead(head.method)) return MethodNotAllowed("GET, HEAD");
    return std::nullopt;
  }
  // What is signed may be meant for us: it is read and kept, and refused then.
  const bool keep = head.method == "POST" && head.Count(kSignatureHeader) > 0;
  if (keep) return std::nullopt;
  if (!IsEndpoint(head.path)) return NotFound();
  if (head.method != "POST") return MethodNotAllowed("POST");
  if (!IsIdentity(head)) return UnsupportedEncoding();
  return std::nullopt;
}

bool IngressHandler::IsEndpoint(std::string_view path) const {
  return path.starts_with(kWebhooksPrefix) &&
         receiver_.endpoints()->Find(path.substr(kWebhooksPrefix.size())) !=
             nullptr;
}

std::optional<http::Response> IngressHandler::Admit(
    const http::RequestHead& head) {
  std::optional<http::Response> refusal = Refusal(head);
  if (refusal.has_value()) responses_.Count(refusal->status);
  return refusal;
}

std::size_t IngressHandler::BodyBytesMax(const http::RequestHead& head) const {
  const receiver::EndpointsPtr endpoints = receiver_.endpoints();
  const receiver::Endpoint* const endpoint =
      endpoints->Find(EndpointOf(head.path));
  return endpoint == nullptr ? SIZE_MAX : endpoint->body_bytes_max;
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
  const std::string_view endpoint = EndpointOf(request.head.path);
  auto done = [this, responder = std::move(responder),
               trace = DeliveryTrace::Of(request.head, endpoint),
               begun =
                   SteadyClock::now()](const receiver::Answer& answer) mutable {
    if (trace != nullptr) trace->Log(answer);
    http::Response response = ToResponse(answer);
    responses_.Count(response.status);
    const std::chrono::duration<double> took = SteadyClock::now() - begun;
    seconds_.Observe(took.count());
    responder.Send(std::move(response));
  };
  if (!request.head.path.starts_with(kWebhooksPrefix)) {
    receiver_.Refuse(endpoint, ToDelivery(request), Reason::kEndpointUnknown,
                     std::move(done));
  } else if (!IsIdentity(request.head)) {
    receiver_.Refuse(endpoint, ToDelivery(request),
                     Reason::kEncodingUnsupported, std::move(done));
  } else {
    receiver_.Receive(endpoint, ToDelivery(request), std::move(done));
  }
}

}  // namespace tuco::ingress
