// How a command that is a client finds its server.

#ifndef TUCO_SERVER_CLI_SERVER_CONNECTION_H_
#define TUCO_SERVER_CLI_SERVER_CONNECTION_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>

#include "server/cli/command_line.h"
#include "server/cli/exit_codes.h"
#include "server/cli/interrupt.h"
#include "server/client/credentials.h"

namespace tuco::cli {

// Adds --grpc, --token-file, --tls-ca, --tls-cert and --tls-key to `command`.
void AddServerFlags(Command command, std::string& grpc,
                    client::CredentialFiles& credentials);

struct Connection {
  // Null when there is none; the user has been told why.
  std::shared_ptr<grpc::Channel> channel;
  // Where it leads, as client::OpenChannel takes it.
  std::string address;
  client::Credentials credentials;
  // What the process ends with then.
  int exit_code = kExitOk;
};

// Connects to the server at `grpc`, the value of the flag; without one at
// TUCO_EVENTS_GRPC, else at the default address.
Connection ConnectToServer(const std::string& grpc,
                           const client::CredentialFiles& files,
                           Interrupt& interrupt);

// Tells the user what the `status` of a call that failed means; nothing when it
// was interrupted. What the process ends with.
int FailCall(const grpc::Status& status, const Interrupt& interrupt);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SERVER_CONNECTION_H_
