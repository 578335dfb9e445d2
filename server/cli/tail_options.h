// From the flags of `tail` to the request that they stand for.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_TAIL_OPTIONS_H_
#define TUCO_SERVER_CLI_TAIL_OPTIONS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/cli/event_filter_flags.h"
#include "server/client/credentials.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::cli {

// The command line as it was given; empty is not given.
struct TailFlags {
  std::string from = "latest";
  bool no_follow = false;
  std::uint64_t limit = 0;   // 0: none.
  std::string subscription;  // Not with `from` or `filter`.
  EventFilterFlags filter;
  std::string output = "text";
  std::string grpc;
  client::CredentialFiles credentials;
};

// Sets the position that `from` names: `earliest`, `latest`, the sequence of
// the first event wanted, or a time in RFC 3339. InvalidArgument for anything
// else.
absl::Status SetPosition(std::string_view from,
                         events::v1::StreamEventsRequest& request);

// InvalidArgument with the flag that is at fault.
absl::StatusOr<events::v1::StreamEventsRequest> MakeTailRequest(
    const TailFlags& flags);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_TAIL_OPTIONS_H_
