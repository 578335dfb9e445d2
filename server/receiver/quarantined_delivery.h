// From a delivery to the entry that the quarantine keeps, and back.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RECEIVER_QUARANTINED_DELIVERY_H_
#define TUCO_SERVER_RECEIVER_QUARANTINED_DELIVERY_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/log/quarantine.h"
#include "server/log/record.h"
#include "server/receiver/delivery.h"
#include "tuco/signature_verifier.h"

namespace tuco::receiver {

// `q_` and the number, as users see it.
std::string QuarantineIdText(std::uint64_t id);
// InvalidArgument for what is no such text.
absl::StatusOr<std::uint64_t> ParseQuarantineId(std::string_view text);

// A copy of `delivery`, which was posted to `endpoint`, has a time of arrival
// and was refused for `reason`.
std::shared_ptr<log::QuarantineEntry> MakeEntry(std::string_view endpoint,
                                                const Delivery& delivery,
                                                Reason reason);

// The same of what is left of a delivery once it has become a record.
std::shared_ptr<log::QuarantineEntry> MakeEntry(const log::Record& record,
                                                std::string_view source,
                                                Reason reason);

// The headers of `entry`: name and value of each; views into it.
std::vector<std::pair<std::string_view, std::string_view>> HeadersOf(
    const log::QuarantineEntry& entry);

// The delivery that `entry` was made of, as far as it was kept; views into it.
Delivery DeliveryOf(const log::QuarantineEntry& entry);

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_QUARANTINED_DELIVERY_H_
