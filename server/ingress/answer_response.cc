#include "server/ingress/answer_response.h"

#include <string>
#include <string_view>

#include "tuco/strings.h"

namespace tuco::ingress {
namespace {

// Seconds after which a sender may try again; Tuco does not, others do.
constexpr std::string_view kRetryAfterSeconds = "5";

// Event ids and sequences hold nothing that JSON would have to escape.
http::Response Kept(std::string_view status, const receiver::Answer& answer) {
  http::Response response;
  response.body =
      Concat({R"({"status":")", status, R"(","eventId":")", answer.event_id,
              R"(","sequence":")", std::to_string(answer.sequence), "\"}"});
  return response;
}

// Always the same, whatever was wrong: a detail would help a forger only.
http::Response Unauthorized() {
  http::Response response = http::Problem(
      401, "the X-Tuco-Signature header does not authenticate the body");
  response.headers.push_back({"WWW-Authenticate", "TucoSignature"});
  return response;
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

http::Response ToResponse(const receiver::Answer& answer) {
  switch (answer.kind) {
    case receiver::Answer::Kind::kAccepted:
      return Kept("accepted", answer);
    case receiver::Answer::Kind::kDuplicate:
      return Kept("duplicate", answer);
    case receiver::Answer::Kind::kUnavailable:
      return Unavailable();
    case receiver::Answer::Kind::kRejected:
      break;
  }
  return answer.reason == Reason::kEndpointUnknown ? NotFound()
                                                   : Unauthorized();
}

}  // namespace tuco::ingress
