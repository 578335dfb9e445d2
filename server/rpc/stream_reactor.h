// One call of StreamEvents: asks the hub for a batch, writes it, and once it is
// taken asks for the next one.
//
//   Open ─▶ Next ─▶ StartWrite ─▶ OnWriteDone ─▶ Next ─▶ …
//     │       │  end: StartWriteAndFinish    │ not taken
//     └───────┴──────────────▶ Finish ◀──────┘
//
// While the stream has to catch up, it asks for the next batch as soon as it
// writes one, so that the log is read and the network is written to at the same
// time. A live stream does not: what is published meanwhile goes into one
// batch.
//
// What ends last of a write and a Next that are under way finishes the call; a
// cancellation makes them end early.

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
