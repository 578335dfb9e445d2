// One call of Consume: what a client says goes to its consumer, and what that
// has for it goes to the client.
//
//   reading:  StartRead ─▶ the first one opens ─▶ Judge ─▶ taken ─▶ StartRead …
//                 │ no more, and a moment later      │ not to be understood:
//                 ▼ not cancelled: EndOfVerdicts     ▼ Cancel
//               (ends)                             (ends)
//
//   writing:  opened ─▶ StartWrite ─▶ OnWriteDone ─▶ Next ─▶ StartWrite ─▶ …
//                │          │ end: and finish   │ not taken   │ an error
//                └──────────┴──────▶ Finish ◀───┴─────────────┘
//
// Before the consumer is open, reading is what finishes the call; from then on
// writing does, of which there is one step under way at any time: a write or a
// Next. Reading never finishes it then, but leaves why it should and cancels
// the consumer, which makes the step end early, as OnCancel does.
//
// A verdict is `taken` on a thread that is not gRPC's, maybe after the call has
// ended: the reactor lives until all that may call it is gone, and knows
// whether it may still read.

#ifndef TUCO_SERVER_RPC_CONSUME_REACTOR_H_
#define TUCO_SERVER_RPC_CONSUME_REACTOR_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "absl/status/statusor.h"
#include "server/rpc/caller.h"
#include "server/stream/subscriptions.h"

namespace tuco::rpc {

// Begins the call; the reactor belongs to gRPC from then on. `subscriptions`
// must outlive it. A caller that is an error ends the call with it; so does one
// who may not see what the subscription has, or is no longer admitted, within a
// heartbeat.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartConsume(
    stream::Subscriptions& subscriptions,
    absl::StatusOr<Caller> caller = Caller());

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_CONSUME_REACTOR_H_
