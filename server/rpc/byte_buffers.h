// Between gRPC's buffers and ours, for calls whose messages are handled as
// bytes.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_SERVER_RPC_BYTE_BUFFERS_H_
#define TUCO_SERVER_RPC_BYTE_BUFFERS_H_

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace tuco::rpc {

// A buffer that shares `bytes`, without a copy.
grpc::ByteBuffer ToByteBuffer(std::shared_ptr<const std::string> bytes);

// Reads what a client sent into `message`. InvalidArgument: it is none.
absl::Status ParseRequest(const grpc::ByteBuffer& buffer,
                          google::protobuf::MessageLite& message);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_BYTE_BUFFERS_H_
