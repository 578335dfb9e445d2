// The one table between what the receiver says and what HTTP answers.

#ifndef TUCO_SERVER_INGRESS_ANSWER_RESPONSE_H_
#define TUCO_SERVER_INGRESS_ANSWER_RESPONSE_H_

#include "server/http/message.h"
#include "server/receiver/receiver.h"

namespace tuco::ingress {

// 200 for accepted and duplicate, 404 for an unknown endpoint, 401 in one form
// for everything else that is not genuine, 503 with Retry-After for what could
// not be kept.
http::Response ToResponse(const receiver::Answer& answer);

// The 404 of an unknown path or endpoint.
http::Response NotFound();

// For a body with a Content-Encoding.
http::Response UnsupportedEncoding();

}  // namespace tuco::ingress

#endif  // TUCO_SERVER_INGRESS_ANSWER_RESPONSE_H_
