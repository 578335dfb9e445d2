// POST /webhooks/<endpoint>: from an HTTP request to the receiver, and back.
// GET /healthz for load balancers.

#ifndef TUCO_SERVER_INGRESS_INGRESS_HANDLER_H_
#define TUCO_SERVER_INGRESS_INGRESS_HANDLER_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "server/base/metrics.h"
#include "server/http/handler.h"
#include "server/http/response_counters.h"
#include "server/receiver/receiver.h"

namespace tuco::ingress {

// One thread at a time, the I/O thread; answers leave from any.
class IngressHandler final : public http::Handler {
 public:
  // Both must outlive the handler and its connections.
  IngressHandler(receiver::Receiver& receiver, base::Metrics& metrics);

  std::optional<http::Response> Admit(const http::RequestHead& head) override;
  std::size_t BodyBytesMax(const http::RequestHead& head) const override;
  void Handle(const http::Request& request, http::Responder responder) override;
  void OnRefused(int status) override { responses_.Count(status); }

 private:
  std::optional<http::Response> Refusal(const http::RequestHead& head) const;
  // Whether deliveries are posted to `path`.
  bool IsEndpoint(std::string_view path) const;

  receiver::Receiver& receiver_;
  http::ResponseCounters responses_;
  base::Histogram& seconds_;
};

}  // namespace tuco::ingress

#endif  // TUCO_SERVER_INGRESS_INGRESS_HANDLER_H_
