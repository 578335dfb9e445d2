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
#include "server/rpc/caller.h"
#include "server/stream/hub.h"

namespace tuco::rpc {

// A stream and who reads it.
struct AdmittedStream {
  std::unique_ptr<stream::Stream> stream;
  Caller caller;
};

// Begins the call; the reactor belongs to gRPC from then on. A stream that is
// an error ends the call with it. The call ends as well once the caller is no
// longer admitted, within a heartbeat.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStream(
    absl::StatusOr<AdmittedStream> stream);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_STREAM_REACTOR_H_
