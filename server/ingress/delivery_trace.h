// Ties a delivery to the trace that its sender, or a proxy on its way, writes.

#ifndef TUCO_SERVER_INGRESS_DELIVERY_TRACE_H_
#define TUCO_SERVER_INGRESS_DELIVERY_TRACE_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/http/message.h"
#include "server/receiver/receiver.h"

namespace tuco::ingress {

// A value, which outlives the request.
class DeliveryTrace {
 public:
  // Nothing unless the request has one well-formed `traceparent`, and it says
  // that the trace is recorded.
  static std::optional<DeliveryTrace> Of(const http::RequestHead& head,
                                         std::string_view endpoint);

  // Writes a line of log that names the trace and what became of the delivery.
  // Not of one that was rejected: who knows no secret writes nothing here.
  void Log(const receiver::Answer& answer) const;

 private:
  std::string trace_id_;
  std::string parent_id_;
  std::string endpoint_;
};

}  // namespace tuco::ingress

#endif  // TUCO_SERVER_INGRESS_DELIVERY_TRACE_H_
