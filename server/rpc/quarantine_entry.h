// A quarantined delivery in the protocol's words.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RPC_QUARANTINE_ENTRY_H_
#define TUCO_SERVER_RPC_QUARANTINE_ENTRY_H_

#include <string>
#include <string_view>

#include "server/log/quarantine.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {

// `text`, which anybody may have sent, with U+FFFD for what is not UTF-8: the
// protocol's strings are.
std::string WellFormed(std::string_view text);

// All but headers and body, for lists.
events::v1::QuarantinedDelivery Summary(const log::QuarantineEntry& entry);

// All of it.
events::v1::QuarantinedDelivery Details(const log::QuarantineEntry& entry);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_QUARANTINE_ENTRY_H_
