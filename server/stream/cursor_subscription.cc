#include "server/stream/cursor_subscription.h"

#include <algorithm>
#include <string>
#include <utility>

#include "proto/status_details.h"
#include "tuco/strings.h"

namespace tuco::stream {

CursorSubscription::CursorSubscription(SubscriptionContext& context,
                                       log::SubscriptionRow row,
                                       SubscriptionSettings settings,
                                       std::uint64_t delivered)
    : LiveSubscription(context, std::move(row), std::move(settings)),
      through_(row_.through),
      delivered_before_(std::max(row_.through, delivered)) {}

std::uint64_t CursorSubscription::delivered() const {
  return reader_ == nullptr ? delivered_before_
                            : std::max(delivered_before_, reader_->delivered());
}

void CursorSubscription::Acknowledge(std::uint64_t through, AckDone done) {
  if (through > delivered()) {
    const std::string most = std::to_string(delivered());
    absl::Status status = absl::OutOfRangeError(Concat(
        {"through_sequence ", std::to_string(through),
         " was not delivered: the reader has had everything up to ", most}));
    proto::AddErrorInfo("NOT_DELIVERED", {{"delivered", most}}, status);
    std::move(done)(std::move(status));
    return;
  }
  // Said again, or late: nothing to write.
  if (through <= DurableThrough(row_.through) && broken().ok()) {
    std::move(done)(row_.through);
    return;
  }
  through_ = std::max(through_, through);
  ForceChange([self = shared_from_this(),
               done = std::move(done)](absl::Status status) mutable {
    if (!status.ok()) {
      std::move(done)(std::move(status));
    } else {
      std::move(done)(self->row().through);
    }
  });
}

std::shared_ptr<ReaderLink> CursorSubscription::Open() {
  if (reader_ != nullptr) {
    delivered_before_ = delivered();
    reader_->End(absl::AbortedError(
        Concat({"another reader of subscription ", row_.name, " has come"})));
  }
  Touch();
  reader_ = std::make_shared<ReaderLink>(row_.through);
  return reader_;
}

void CursorSubscription::Leave(const std::shared_ptr<ReaderLink>& reader) {
  if (reader != reader_) return;
  delivered_before_ = delivered();
  reader_.reset();
  Touch();
}

void CursorSubscription::Seek(std::uint64_t position, Done done) {
  // A reader that began elsewhere must not go on there.
  if (reader_ != nullptr) {
    reader_->End(
        absl::AbortedError(Concat({"subscription ", row_.name, " was moved"})));
    reader_.reset();
  }
  through_ = position;
  delivered_before_ = position;
  ForceChange(std::move(done));
}

void CursorSubscription::End(const absl::Status& why) {
  if (reader_ != nullptr) reader_->End(why);
  reader_.reset();
}

SubscriptionInfo CursorSubscription::Info() const {
  SubscriptionInfo info = LiveSubscription::Info();
  info.settled_through = DurableThrough(row_.through);
  return info;
}

absl::Status CursorSubscription::Gather(bool /*flush*/,
                                        log::SubscriptionChange& change) {
  change.row->through = through_;
  return absl::OkStatus();
}

bool CursorSubscription::OnChanged(const absl::Status& /*status*/) {
  // What was acknowledged stays on its way: the next change takes it along.
  return true;
}

}  // namespace tuco::stream
