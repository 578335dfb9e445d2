#include "server/rpc/stream_reactor.h"

#include <utility>

#include "server/rpc/byte_buffers.h"
#include "server/rpc/status_mapping.h"

namespace tuco::rpc {
namespace {

class StreamReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit StreamReactor(absl::StatusOr<AdmittedStream> stream) {
    if (!stream.ok()) {
      Finish(ToGrpcStatus(stream.status()));
      return;
    }
    stream_ = std::move(stream->stream);
    caller_ = std::move(stream->caller);
    AskForBatch();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      AskForBatch();
    } else {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
    }
  }

  void OnCancel() override {
    if (stream_ != nullptr) stream_->Cancel();
  }

  // gRPC's contract: the reactor is its own owner, and this is the last call.
  void OnDone() override { delete this; }

 private:
  void AskForBatch() {
    stream_->Next([this](absl::StatusOr<stream::Batch> batch) {
      OnBatch(std::move(batch));
    });
  }

  void OnBatch(absl::StatusOr<stream::Batch> batch) {
    const absl::Status status =
        batch.ok() ? caller_.StillAdmitted() : batch.status();
    if (!status.ok()) {
      Finish(ToGrpcStatus(status));
      return;
    }
    frame_ = ToByteBuffer(std::move(batch->frame));
    if (batch->end) {
      StartWriteAndFinish(&frame_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      StartWrite(&frame_);
    }
  }

  std::unique_ptr<stream::Stream> stream_;
  Caller caller_;
  grpc::ByteBuffer frame_;  // Lives until OnWriteDone.
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStream(
    absl::StatusOr<AdmittedStream> stream) {
  return new StreamReactor(std::move(stream));
}

}  // namespace tuco::rpc
