// What `tuco-events subscriptions` does, one function for each subcommand.
//
// Each connects, prints to `output`, and returns what the process ends with.

#ifndef TUCO_SERVER_CLI_SUBSCRIPTION_COMMANDS_H_
#define TUCO_SERVER_CLI_SUBSCRIPTION_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/cli/console.h"
#include "server/cli/event_filter_flags.h"
#include "server/cli/interrupt.h"
#include "server/client/credentials.h"

namespace tuco::cli {

// The command line as it was given.
struct SubscriptionFlags {
  std::string name;  // Not of list.
  std::string output = "text";
  std::string grpc;
  client::CredentialFiles credentials;
};

struct SubscriptionCreateFlags {
  SubscriptionFlags common;
  std::string mode;  // cursor or shared.
  std::string from = "latest";
  EventFilterFlags filter;
  std::optional<std::int64_t> ack_deadline_s;
  std::optional<std::uint32_t> max_deliveries;
  std::optional<std::int64_t> backoff_min_s;
  std::optional<std::int64_t> backoff_max_s;
  std::string ordering_key;  // lead, phone or empty.
  std::optional<std::int64_t> expires_after_s;
};

struct SubscriptionResetFlags {
  SubscriptionFlags common;
  std::string from;
};

struct SubscriptionReplayFlags {
  SubscriptionFlags common;
  std::vector<std::uint64_t> sequences;
  bool all = false;
};

int RunSubscriptionsList(const SubscriptionFlags& flags, Output& output,
                         Interrupt& interrupt);
int RunSubscriptionsShow(const SubscriptionFlags& flags, Output& output,
                         Interrupt& interrupt);
int RunSubscriptionsCreate(const SubscriptionCreateFlags& flags, Output& output,
                           Interrupt& interrupt);
int RunSubscriptionsReset(const SubscriptionResetFlags& flags, Output& output,
                          Interrupt& interrupt);
int RunSubscriptionsDelete(const SubscriptionFlags& flags, Output& output,
                           Interrupt& interrupt);
int RunSubscriptionsParked(const SubscriptionFlags& flags, Output& output,
                           Interrupt& interrupt);
int RunSubscriptionsReplay(const SubscriptionReplayFlags& flags, Output& output,
                           Interrupt& interrupt);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SUBSCRIPTION_COMMANDS_H_
