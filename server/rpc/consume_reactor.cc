#include "server/rpc/consume_reactor.h"

#include <grpcpp/alarm.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/byte_buffers.h"
#include "server/rpc/consume_request.h"
#include "server/rpc/status_mapping.h"
#include "server/rpc/subscription_access.h"
#include "server/rpc/subscription_info.h"
#include "server/stream/consumer.h"
#include "tuco/events/v1/subscription.pb.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

// A client that has gone looks at first like one that has no more to say, but
// what it held counts as delivered: it may be what it fell over.
constexpr std::chrono::milliseconds kCancelDelay{50};

std::string OpenedFrame(const stream::SubscriptionInfo& info) {
  pb::ConsumeResponse response;
  *response.mutable_opened()->mutable_subscription() = Describe(info);
  return response.SerializeAsString();
}

class ConsumeReactor final
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
      public std::enable_shared_from_this<ConsumeReactor> {
 public:
  ConsumeReactor(stream::Subscriptions& subscriptions, Caller caller)
      : subscriptions_(subscriptions), caller_(std::move(caller)) {}

  // Lives until OnDone, and until nobody holds one of its callbacks.
  void Begin() {
    self_ = shared_from_this();
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Reading.
  absl::StatusOr<pb::ConsumeRequest> TakeRequest();
  absl::Status TakeFirst();
  absl::Status TakeLater();
  void Judge(std::vector<stream::Verdict> verdicts);
  void ReadOn();
  void EndVerdicts();
  void Fail(absl::Status why);

  // Writing.
  void Write(std::string bytes);
  void WriteAndEnd(std::string bytes);
  void AskForFrame();
  void OnFrame(absl::StatusOr<stream::ConsumerFrame> frame);
  void End(const absl::Status& status);

  bool IsOpen() const { return consumer_ != nullptr; }
  // Finishes; what there is to end the call with, instead of `status`.
  absl::Status Finished(const absl::Status& status);

  stream::Subscriptions& subscriptions_;
  const Caller caller_;
  // Its own owner until OnDone: gRPC holds a pointer alone.
  std::shared_ptr<ConsumeReactor> self_;

  grpc::ByteBuffer request_;  // Belongs to reading, as does what follows.
  grpc::Alarm half_closed_;
  grpc::ByteBuffer response_;  // Belongs to writing; lives until OnWriteDone.

  std::mutex mutex_;
  // Set once, by reading, before writing begins; reading and writing look at
  // it without the mutex, OnCancel with it.
  std::unique_ptr<stream::Consumer> consumer_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  // Whether the call is finished, and nothing of it may be started any more.
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  // Why reading wants the call to end.
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

void ConsumeReactor::OnReadDone(bool ok) {
  if (ok) {
    absl::Status status = IsOpen() ? TakeLater() : TakeFirst();
    if (!status.ok()) Fail(std::move(status));
  } else if (IsOpen()) {
    // Or the client has gone, of which gRPC tells behind this.
    half_closed_.Set(std::chrono::system_clock::now() + kCancelDelay,
                     [weak = weak_from_this()](bool /*ok*/) {
                       if (const auto self = weak.lock()) self->EndVerdicts();
                     });
  } else {
    Fail(ToConsumerOptions({}).status());
  }
}

// On a thread of its own: the consumer may be gone, and goes under the mutex.
void ConsumeReactor::EndVerdicts() {
  const std::lock_guard lock(mutex_);
  if (!finished_ && !cancelled_) consumer_->EndOfVerdicts();
}

void ConsumeReactor::OnWriteDone(bool ok) {
  if (ok) {
    AskForFrame();
    return;
  }
  // What it holds goes to others at once, and not when gRPC is done.
  consumer_->Cancel();
  End(absl::CancelledError("the client has gone"));
}

void ConsumeReactor::OnCancel() {
  stream::Consumer* consumer = nullptr;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    consumer = consumer_.get();
  }
  if (consumer != nullptr) consumer->Cancel();
}

// The last call of gRPC's. The consumer goes first, so that it holds no
// callback any more.
void ConsumeReactor::OnDone() {
  const std::shared_ptr<ConsumeReactor> self = std::move(self_);
  std::unique_ptr<stream::Consumer> consumer;
  {
    const std::lock_guard lock(mutex_);
    consumer = std::move(consumer_);
  }
}

absl::StatusOr<pb::ConsumeRequest> ConsumeReactor::TakeRequest() {
  pb::ConsumeRequest request;
  const absl::Status status = ParseRequest(request_, request);
  request_.Clear();
  if (!status.ok()) return status;
  return request;
}

absl::Status ConsumeReactor::TakeFirst() {
  TUCO_ASSIGN_OR_RETURN(const pb::ConsumeRequest request, TakeRequest());
  TUCO_ASSIGN_OR_RETURN(stream::ConsumerOptions options,
                        ToConsumerOptions(request));
  options.reach = caller_.reach();
  TUCO_ASSIGN_OR_RETURN(std::vector<stream::Verdict> verdicts,
                        ToVerdicts(request));
  const std::string& name = request.open().subscription();
  TUCO_RETURN_IF_ERROR(MayUse(caller_, subscriptions_, name));
  TUCO_ASSIGN_OR_RETURN(std::unique_ptr<stream::Consumer> consumer,
                        subscriptions_.OpenConsumer(name, options));
  TUCO_ASSIGN_OR_RETURN(const stream::SubscriptionInfo info,
                        subscriptions_.Get(name));
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    consumer_ = std::move(consumer);
    cancelled = cancelled_;
  }
  if (cancelled) consumer_->Cancel();
  Write(OpenedFrame(info));
  Judge(std::move(verdicts));
  return absl::OkStatus();
}

absl::Status ConsumeReactor::TakeLater() {
  TUCO_ASSIGN_OR_RETURN(const pb::ConsumeRequest request, TakeRequest());
  if (request.has_open()) {
    return proto::FieldViolation("open",
                                 "expected in the first request and no other");
  }
  TUCO_ASSIGN_OR_RETURN(std::vector<stream::Verdict> verdicts,
                        ToVerdicts(request));
  Judge(std::move(verdicts));
  return absl::OkStatus();
}

void ConsumeReactor::Judge(std::vector<stream::Verdict> verdicts) {
  if (verdicts.empty()) {
    ReadOn();
    return;
  }
  consumer_->Judge(std::move(verdicts),
                   [self = shared_from_this()] { self->ReadOn(); });
}

void ConsumeReactor::ReadOn() {
  // Under the mutex, so that it is not finished in between.
  const std::lock_guard lock(mutex_);
  if (!finished_) StartRead(&request_);
}

void ConsumeReactor::Fail(absl::Status why) {
  if (!IsOpen()) {
    End(why);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(why);
  }
  consumer_->Cancel();
}

void ConsumeReactor::Write(std::string bytes) {
  response_ = ToByteBuffer(std::make_shared<std::string>(std::move(bytes)));
  StartWrite(&response_);
}

void ConsumeReactor::AskForFrame() {
  consumer_->Next(
      [self = shared_from_this()](absl::StatusOr<stream::ConsumerFrame> frame) {
        self->OnFrame(std::move(frame));
      });
}

void ConsumeReactor::OnFrame(absl::StatusOr<stream::ConsumerFrame> frame) {
  if (!frame.ok()) {
    End(frame.status());
  } else if (const absl::Status status = caller_.StillAdmitted();
             !status.ok()) {
    consumer_->Cancel();
    End(status);
  } else if (frame->end) {
    WriteAndEnd(std::move(frame->bytes));
  } else {
    Write(std::move(frame->bytes));
  }
}

void ConsumeReactor::WriteAndEnd(std::string bytes) {
  const absl::Status status = Finished(absl::OkStatus());
  if (!status.ok()) {
    Finish(ToGrpcStatus(status));
    return;
  }
  response_ = ToByteBuffer(std::make_shared<std::string>(std::move(bytes)));
  StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
}

void ConsumeReactor::End(const absl::Status& status) {
  Finish(ToGrpcStatus(Finished(status)));
}

absl::Status ConsumeReactor::Finished(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  return failure_.ok() ? status : failure_;
}

// A call that ends as it begins.
class Refusal final
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit Refusal(const absl::Status& status) { Finish(ToGrpcStatus(status)); }

  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartConsume(
    stream::Subscriptions& subscriptions, absl::StatusOr<Caller> caller) {
  if (!caller.ok()) return new Refusal(caller.status());
  const auto reactor =
      std::make_shared<ConsumeReactor>(subscriptions, *std::move(caller));
  reactor->Begin();
  return reactor.get();
}

}  // namespace tuco::rpc
