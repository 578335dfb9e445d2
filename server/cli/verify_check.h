// Whether a delivery is genuine, and how that is told.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_CLI_VERIFY_CHECK_H_
#define TUCO_SERVER_CLI_VERIFY_CHECK_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/cli/delivery_line.h"
#include "tuco/event.h"
#include "tuco/finding.h"
#include "tuco/signature_verifier.h"

namespace tuco::cli {

// A value.
struct VerifyResult {
  // Why the delivery is not genuine; kUnspecified when it is.
  Reason reason = Reason::kUnspecified;
  // What it means; present when genuine.
  std::optional<Event> event;

  bool genuine() const { return event.has_value(); }
};

// `delivery` under the secrets of `verifier`.
VerifyResult CheckDelivery(const DeliveryLine& delivery,
                           const SignatureVerifier& verifier);

// What would have to be different for a delivery that is not genuine to be so.
std::vector<Finding> ExplainDelivery(const DeliveryLine& delivery,
                                     const std::vector<Secret>& secrets);

// For people, each on a line of its own without the line's end:
// `certain KIND (secret NAME): what to change`; one line that says so when
// there are none.
std::vector<std::string> FindingLines(const std::vector<Finding>& findings);

// For people: the verdict, and a summary of the event or what to look at.
std::string ResultText(const VerifyResult& result);

// One JSON object on one line with the keys genuine, verifiedForm, reason and
// event; null when empty.
std::string ResultJson(const VerifyResult& result);
// The same with the key name before the others.
std::string NamedResultJson(std::string_view name, const VerifyResult& result);

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_VERIFY_CHECK_H_
