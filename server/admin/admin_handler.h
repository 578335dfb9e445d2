// The operator's listener: /metrics, /healthz and /readyz.

#ifndef TUCO_SERVER_ADMIN_ADMIN_HANDLER_H_
#define TUCO_SERVER_ADMIN_ADMIN_HANDLER_H_

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "server/base/metrics.h"
#include "server/http/handler.h"
#include "server/http/response_counters.h"

namespace tuco::admin {

// One thread at a time.
class AdminHandler final : public http::Handler {
 public:
  // `ready` says whether a delivery would be taken in now, and why not; it is
  // asked at every request to /readyz, on the admin listener's thread.
  AdminHandler(base::Metrics& metrics, std::function<absl::Status()> ready);

  std::optional<http::Response> Admit(const http::RequestHead& head) override;
  void Handle(const http::Request& request, http::Responder responder) override;
  void OnRefused(int status) override { responses_.Count(status); }

 private:
  http::Response Answer(const http::RequestHead& head) const;

  const base::Metrics& metrics_;
  const std::function<absl::Status()> ready_;
  http::ResponseCounters responses_;
};

}  // namespace tuco::admin

#endif  // TUCO_SERVER_ADMIN_ADMIN_HANDLER_H_
