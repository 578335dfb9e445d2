// The answer of GetStatus: what the parts of the server say of themselves, in
// the protocol's words.

#ifndef TUCO_SERVER_RPC_GET_STATUS_H_
#define TUCO_SERVER_RPC_GET_STATUS_H_

#include <string>

#include "server/log/committer.h"
#include "server/log/event_log.h"
#include "server/receiver/current_endpoints.h"
#include "server/stream/hub.h"
#include "tuco/events/v1/event_service.pb.h"
#include "tuco/timestamp.h"

namespace tuco::rpc {

// Who is asked, and what they do not know. All must outlive whoever asks.
struct StatusSources {
  std::string version;
  Timestamp started_at;
  bool has_spool = false;
  const log::EventLog& log;
  const log::Committer& committer;
  const stream::Hub& hub;
  const receiver::CurrentEndpoints& endpoints;
};

// Asks the system for the sizes of files, and holds nobody up. Safe for
// concurrent use.
void AnswerGetStatus(const StatusSources& sources,
                     events::v1::GetStatusResponse& response);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_GET_STATUS_H_
