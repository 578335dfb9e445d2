// A look at the certificate of the ingress before anything is opened.

#ifndef TUCO_SERVER_APP_HTTP_CERTIFICATE_H_
#define TUCO_SERVER_APP_HTTP_CERTIFICATE_H_

#include <chrono>
#include <optional>

#include "absl/status/statusor.h"
#include "server/app/serve_config.h"
#include "tuco/timestamp.h"

namespace tuco::app {

// From so long before its end on people are told of it.
inline constexpr std::chrono::days kCertificateWarning{14};

// When the certificate that `config` names expires, which may lie back; none
// where none is needed. InvalidArgument, with the file and the reason, when it
// or its key cannot be used.
absl::StatusOr<std::optional<Timestamp>> CheckHttpCertificate(
    const ServeConfig& config);

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_HTTP_CERTIFICATE_H_
