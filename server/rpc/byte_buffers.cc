#include "server/rpc/byte_buffers.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <utility>

#include "tuco/strings.h"

namespace tuco::rpc {

grpc::ByteBuffer ToByteBuffer(std::shared_ptr<const std::string> bytes) {
  using Owner = std::shared_ptr<const std::string>;
  auto* const owner = new Owner(std::move(bytes));
  // gRPC's slices are not const; what it sends it does not change.
  const grpc::Slice slice(
      const_cast<char*>((*owner)->data()), (*owner)->size(),
      [](void* shared) { delete static_cast<Owner*>(shared); }, owner);
  return {&slice, 1};
}

absl::Status ParseRequest(const grpc::ByteBuffer& buffer,
                          google::protobuf::MessageLite& message) {
  grpc::ByteBuffer bytes = buffer;
  grpc::ProtoBufferReader reader(&bytes);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      ToAbsl(Concat({"the request is not a ", message.GetTypeName()})));
}

}  // namespace tuco::rpc
