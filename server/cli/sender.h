// Sends deliveries over some connections at once, and says what became of them.

#ifndef TUCO_SERVER_CLI_SENDER_H_
#define TUCO_SERVER_CLI_SENDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/cli/console.h"
#include "server/cli/delivery_kind.h"
#include "server/cli/field_setting.h"
#include "server/cli/http_url.h"
#include "server/cli/interrupt.h"
#include "server/cli/tls_stream.h"

namespace tuco::cli {

// What to send, where and how fast. A value.
struct SendPlan {
  HttpUrl url;
  std::shared_ptr<const TlsTrust> trust;  // Where the URL is https.
  std::vector<DeliveryKind> kinds;        // One after the other; at least one.
  std::vector<FieldSetting> fields;
  std::string secret;
  std::uint64_t count = 1;
  double rate = 0;  // Deliveries a second; 0: as fast as they are answered.
  // Each is used for one delivery at a time.
  unsigned connections = 1;
  bool json = false;
};

// Sends it, and writes to `output` a line for each delivery, or of many a
// summary. What the process ends with: kExitOk when all were answered 2xx,
// kExitNegative when not, kExitConnect without a connection.
int RunSend(const SendPlan& plan, Output& output, Interrupt& interrupt);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SENDER_H_
