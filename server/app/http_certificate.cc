#include "server/app/http_certificate.h"

#include <memory>

#include "server/base/status_macros.h"
#include "server/http/tls.h"

namespace tuco::app {

absl::StatusOr<std::optional<Timestamp>> CheckHttpCertificate(
    const ServeConfig& config) {
  if (config.http.off() || !config.http_tls.has_value()) return std::nullopt;
  TUCO_ASSIGN_OR_RETURN(const std::unique_ptr<http::TlsContext> context,
                        http::TlsContext::Create(*config.http_tls));
  return context->expires_at();
}

}  // namespace tuco::app
