// Ties a delivery to the trace that its sender, or a proxy on its way, writes.

#ifndef TUCO_SERVER_INGRESS_DELIVERY_TRACE_H_
#define TUCO_SERVER_INGRESS_DELIVERY_TRACE_H_

#include <memory>
#include <string>
#include <string_view>

#include "server/base/trace_parent.h"
#include "server/http/message.h"
#include "server/receiver/receiver.h"

namespace tuco::ingress {

// Immutable; outlives the request.
class DeliveryTrace {
 public:
  // Null unless the request has one well-formed `traceparent`, and it says that
  // the trace is recorded: most have none, and are to cost nothing.
  static std::unique_ptr<const DeliveryTrace> Of(const http::RequestHead& head,
                                                 std::string_view endpoint);

  // Writes a line of log that names the trace and what became of the delivery.
  // Not of one that was rejected: who knows no secret writes nothing here.
  void Log(const receiver::Answer& answer) const;

 private:
  DeliveryTrace(const base::TraceParent& parent, std::string_view endpoint)
      : trace_id_(parent.trace_id),
        parent_id_(parent.parent_id),
        endpoint_(endpoint) {}

  const std::string trace_id_;
  const std::string parent_id_;
  const std::string endpoint_;
};

}  // namespace tuco::ingress

#endif  // TUCO_SERVER_INGRESS_DELIVERY_TRACE_H_
