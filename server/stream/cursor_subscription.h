// A CURSOR subscription: one reader in the order of the log, which says how far
// it has got.

#ifndef TUCO_SERVER_STREAM_CURSOR_SUBSCRIPTION_H_
#define TUCO_SERVER_STREAM_CURSOR_SUBSCRIPTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/stream/cursor_reader.h"
#include "server/stream/live_subscription.h"

namespace tuco::stream {

// On its thread only.
class CursorSubscription final : public LiveSubscription {
 public:
  // Its readers may have had events up to `delivered`.
  CursorSubscription(SubscriptionContext& context, log::SubscriptionRow row,
                     SubscriptionSettings settings, std::uint64_t delivered);

  using AckDone = absl::AnyInvocable<void(absl::StatusOr<std::uint64_t>)>;
  // Everything up to `through` is done with. OutOfRange: more than was
  // delivered.
  void Acknowledge(std::uint64_t through, AckDone done);

  // A reader begins here; the one before it ends. Call Leave when it is gone.
  std::shared_ptr<ReaderLink> Open();
  void Leave(const std::shared_ptr<ReaderLink>& reader);

  void Seek(std::uint64_t position, Done done) override;
  void End(const absl::Status& why) override;
  SubscriptionInfo Info() const override;
  std::size_t readers() const override { return reader_ != nullptr ? 1 : 0; }

 protected:
  bool dirty() const override { return false; }
  absl::Status Gather(bool flush, log::SubscriptionChange& change) override;
  bool OnChanged(const absl::Status& status) override;

 private:
  // Up to where a reader may have had events.
  std::uint64_t delivered() const;

  std::uint64_t through_;           // What is on its way into the log.
  std::uint64_t delivered_before_;  // By readers that are gone.
  std::shared_ptr<ReaderLink> reader_;
};

}  // namespace tuco::stream

#endif  // TUCO_SERVER_STREAM_CURSOR_SUBSCRIPTION_H_
