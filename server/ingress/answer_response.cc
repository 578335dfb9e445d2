#include "server/ingress/answer_response.h"

#include <string>
#include <string_view>

#include "server/receiver/quarantined_delivery.h"
#include "tuco/strings.h"

namespace tuco::ingress {
namespace {

// Seconds after which a sender may try again; Tuco does not, others do.
constexpr std::string_view kRetryAfterSeconds = "5";

// Event ids and sequences hold nothing that JSON would have to escape.
http::Response Kept(std::string_view status, const receiver::Answer& answer) {
  std::string sequence;
  // What is spooled has none yet.
  if (answer.sequence != 0) {
    sequence =
        Concat({R"(,"sequence":")", std::to_string(answer.sequence), "\""});
  }
  http::Response response;
  response.body = Concat({R"({"status":")", status, R"(","eventId":")",
                          answer.event_id, "\"", sequence, "}"});
  return response;
}

// Always the same, whatever was wrong: a detail would help a forger only.
http::Response Unauthorized() {
  http::Response response = http::Problem(
      401, "the X-Tuco-Signature header does not authenticate the body");
  response.headers.push_back({"WWW-Authenticate", "TucoSignature"});
  return response;
}

// RFC 9110 has 202 for what was received and is not acted on yet.
http::Response Quarantined(std::uint64_t id) {
  http::Response response;
  response.status = 202;
  response.body = Concat({R"({"status":"quarantined","quarantineId":")",
                          receiver::QuarantineIdText(id), "\"}"});
  return response;
}

http::Response TooMany() {
  http::Response response = http::Problem(
      429, "too many deliveries from this address were refused; slow down");
  response.headers.push_back({"Retry-After", kRetryAfterSeconds});
  return response;
}

http::Response Rejected(const receiver::Answer& answer) {
  if (answer.throttled) return TooMany();
  switch (answer.reason) {
    case Reason::kEndpointUnknown:
      return NotFound();
    case Reason::kEncodingUnsupported:
      return UnsupportedEncoding();
    // Its limit was lowered while the body came.
    case Reason::kBodyTooLarge:
      return http::Problem(413, "the body is larger than its endpoint takes");
    default:
      return Unauthorized();
  }
}

http::Response Unavailable() {
  http::Response response =
      http::Problem(503, "the event could not be stored; send it again");
  response.headers.push_back({"Retry-After", kRetryAfterSeconds});
  return response;
}

}  // namespace

http::Response NotFound() {
  return http::Problem(
      404, "nothing is served here; deliveries go to /webhooks/<endpoint>");
}

http::Response UnsupportedEncoding() {
  return http::Problem(
      415, "expected a body without Content-Encoding, as Tuco signs it");
}

http::Response ToResponse(const receiver::Answer& answer) {
  switch (answer.kind) {
    case receiver::Answer::Kind::kAccepted:
      return Kept("accepted", answer);
    case receiver::Answer::Kind::kDuplicate:
      return Kept("duplicate", answer);
    case receiver::Answer::Kind::kSpooled:
      return Kept("spooled", answer);
    case receiver::Answer::Kind::kQuarantined:
      return Quarantined(answer.quarantine_id);
    case receiver::Answer::Kind::kUnavailable:
      return Unavailable();
    case receiver::Answer::Kind::kRejected:
      break;
  }
  return Rejected(answer);
}

}  // namespace tuco::ingress
