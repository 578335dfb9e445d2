// What `tuco-events quarantine` does, one function for each subcommand.
//
// Each connects, prints to `output`, and returns what the process ends with.

#ifndef TUCO_SERVER_CLI_QUARANTINE_COMMANDS_H_
#define TUCO_SERVER_CLI_QUARANTINE_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "server/cli/console.h"
#include "server/cli/interrupt.h"
#include "server/client/credentials.h"

namespace tuco::cli {

// The command line as it was given; empty is not given.
struct QuarantineFilterFlags {
  std::vector<std::string> states;   // Names without prefix, such as `HELD`.
  std::vector<std::string> reasons;  // Likewise.
  std::string source;
  std::string endpoint;
};

struct QuarantineListFlags {
  QuarantineFilterFlags filter;
  std::uint64_t limit = 0;  // 0: none.
  std::string output = "text";
  std::string grpc;
  client::CredentialFiles credentials;
};

struct QuarantineShowFlags {
  std::string id;
  std::string output = "text";
  std::string grpc;
  client::CredentialFiles credentials;
};

struct QuarantineChangeFlags {
  std::vector<std::string> ids;
  bool undo = false;             // Of hold.
  bool all = false;              // Of purge, as is what follows.
  QuarantineFilterFlags filter;  // Which ones `all` are; its states are not
                                 // looked at.
  bool yes = false;
  std::string output = "text";
  std::string grpc;
  client::CredentialFiles credentials;
};

int RunQuarantineList(const QuarantineListFlags& flags, Output& output,
                      Interrupt& interrupt);
int RunQuarantineShow(const QuarantineShowFlags& flags, Output& output,
                      Interrupt& interrupt);
int RunQuarantineRelease(const QuarantineChangeFlags& flags, Output& output,
                         Interrupt& interrupt);
int RunQuarantineHold(const QuarantineChangeFlags& flags, Output& output,
                      Interrupt& interrupt);
int RunQuarantinePurge(const QuarantineChangeFlags& flags, Output& output,
                       Interrupt& interrupt);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_QUARANTINE_COMMANDS_H_
