// `tuco-events verify`: whether deliveries are genuine, without a server.

#ifndef TUCO_SERVER_CLI_VERIFY_H_
#define TUCO_SERVER_CLI_VERIFY_H_

#include <istream>
#include <string>

#include "server/cli/command_line.h"
#include "server/cli/console.h"

namespace tuco::cli {

// What every delivery is verified with. A value.
struct VerifyContext {
  std::string secret;  // Where the delivery has none of its own; empty: none.
  std::string endpoint;
  bool explain = false;
};

// Reads deliveries from `input`, one a line (delivery_line.h), and writes a
// line of JSON for each, in order. Ends at the first line that it cannot read,
// with the lines before it written. What explains that one is not genuine goes
// to stderr, after its name. kExitOk when all are genuine, else
// kExitNegative; kExitUsage for a line that is unreadable or has no secret.
int VerifyLines(std::istream& input, const VerifyContext& context,
                Output& output);

// Adds the command to `parent`.
void AddVerify(Command parent);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_VERIFY_H_
