// One call of StreamEvents: writes a batch, waits until it is taken, asks the
// hub for the next one.
//
//   Open ─▶ Next ─▶ StartWrite ─▶ OnWriteDone ─▶ Next ─▶ …
//     │       │  end: StartWriteAndFinish    │ not taken
//     └───────┴──────────────▶ Finish ◀──────┘
//
// There is one step under way at any time, and only that step finishes the
// call; a cancellation makes the step end early.

#ifndef TUCO_SERVER_RPC_STREAM_REACTOR_H_
#define TUCO_SERVER_RPC_STREAM_REACTOR_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>

#include "absl/status/statusor.h"
#include "server/stream/hub.h"

namespace tuco::rpc {

// Begins the call; the reactor belongs to gRPC from then on. A stream that is
// an error ends the call with it.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStream(
    absl::StatusOr<std::unique_ptr<stream::Stream>> stream);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_STREAM_REACTOR_H_
