// `tuco-events send`: signed deliveries, like those of Tuco's Test button.

#ifndef TUCO_SERVER_CLI_SEND_H_
#define TUCO_SERVER_CLI_SEND_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "server/cli/console.h"
#include "server/cli/delivery_kind.h"
#include "server/cli/field_setting.h"
#include "server/cli/http_url.h"
#include "server/cli/interrupt.h"

namespace tuco::cli {

// What to send, where and how fast. A value.
struct SendPlan {
  HttpUrl url;
  DeliveryKind kind;
  std::vector<FieldSetting> fields;
  std::string secret;
  std::uint64_t count = 1;
  double rate = 0;  // Deliveries a second; 0: as fast as they are answered.
  bool json = false;
};

// Sends it, one delivery after the other, and writes to `output` a line for
// each, or of many a summary. What the process ends with: kExitOk when all were
// answered 2xx, kExitNegative when not, kExitConnect without a connection.
int RunSend(const SendPlan& plan, Output& output, Interrupt& interrupt);

// Adds the subcommand to `app`.
void AddSend(CLI::App& app, int& exit_code);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SEND_H_
