#include "server/rpc/stream_reactor.h"

#include <mutex>
#include <optional>
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
    std::optional<absl::StatusOr<stream::Batch>> next;
    bool cancel = false;
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      taken_ = ok;
      next = std::exchange(next_, std::nullopt);
      cancel = asking_ && !ok;
      if (asking_ && ok) return;  // OnBatch goes on.
      if (!next && ok) asking_ = true;
    }
    if (cancel) {
      stream_->Cancel();
    } else if (!ok) {
      FinishWithoutClient();
    } else if (next) {
      Send(*std::move(next));
    } else {
      AskForBatch();
    }
  }

  void OnCancel() override {
    if (stream_ != nullptr) stream_->Cancel();
  }

  // gRPC's contract: the reactor is its own owner, and this is the last call.
  void OnDone() override { delete this; }

 private:
  // With asking_ set: nothing finishes the call before OnBatch.
  void AskForBatch() {
    stream_->Next([this](absl::StatusOr<stream::Batch> batch) {
      OnBatch(std::move(batch));
    });
  }

  void OnBatch(absl::StatusOr<stream::Batch> batch) {
    bool taken;
    {
      const std::lock_guard lock(mutex_);
      asking_ = false;
      if (writing_) {
        next_ = std::move(batch);
        return;
      }
      taken = taken_;
    }
    if (taken) {
      Send(std::move(batch));
    } else {
      FinishWithoutClient();
    }
  }

  // With nothing under way.
  void Send(absl::StatusOr<stream::Batch> batch) {
    const absl::Status status =
        batch.ok() ? caller_.StillAdmitted() : batch.status();
    if (!status.ok()) {
      Finish(ToGrpcStatus(status));
      return;
    }
    frame_ = ToByteBuffer(std::move(batch->frame));
    if (batch->end) {
      StartWriteAndFinish(&frame_, grpc::WriteOptions(), grpc::Status::OK);
      return;
    }
    const bool ahead = batch->behind;
    {
      const std::lock_guard lock(mutex_);
      writing_ = true;
      asking_ = ahead;
    }
    // First, so that a thread of the hub reads while this one writes.
    if (ahead) AskForBatch();
    StartWrite(&frame_);
  }

  void FinishWithoutClient() {
    Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
  }

  std::unique_ptr<stream::Stream> stream_;
  Caller caller_;
  grpc::ByteBuffer frame_;  // Lives until OnWriteDone.
  std::mutex mutex_;
  // All below under mutex_. A write and a Next that are under way:
  bool writing_ = false;
  bool asking_ = true;
  bool taken_ = true;  // What the last write brought.
  // What came while the batch before it was being written.
  std::optional<absl::StatusOr<stream::Batch>> next_;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStream(
    absl::StatusOr<AdmittedStream> stream) {
  return new StreamReactor(std::move(stream));
}

}  // namespace tuco::rpc
