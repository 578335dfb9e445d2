// Subscriptions that are what the test says, and notes of what was asked.

#ifndef TUCO_TESTS_SERVER_RPC_FAKE_SUBSCRIPTIONS_H_
#define TUCO_TESTS_SERVER_RPC_FAKE_SUBSCRIPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/stream/subscriptions.h"

namespace tuco::testing {

// Safe for concurrent use, but for its members.
class FakeSubscriptions final : public stream::Subscriptions {
 public:
  // By their names.
  std::map<std::string, stream::SubscriptionInfo, std::less<>> infos;
  // What every call is refused with, unless it is OK.
  absl::Status refusal;
  stream::ParkedPage parked;
  stream::Replayed replayed;
  // What opens a consumer, and a cursor.
  std::function<std::unique_ptr<stream::Consumer>(
      const stream::ConsumerOptions&)>
      open_consumer;
  std::function<std::unique_ptr<stream::Stream>(const stream::StreamOptions&)>
      open_cursor;

  // The arguments of the newest call.
  std::optional<stream::Position> position;
  std::vector<std::uint64_t> sequences;
  std::uint64_t after = 0;
  std::size_t count = 0;
  bool bodies = false;

  absl::StatusOr<stream::SubscriptionInfo> Create(
      std::string name, stream::SubscriptionSettings settings,
      const stream::Position& at) override;
  absl::StatusOr<stream::SubscriptionInfo> Update(std::string_view name,
                                                  Change change) override;
  absl::StatusOr<stream::SubscriptionInfo> Get(std::string_view name) override;
  absl::StatusOr<std::vector<stream::SubscriptionInfo>> List(
      std::string_view behind, std::size_t at_most) override;
  absl::Status Delete(std::string_view name) override;
  absl::StatusOr<stream::SubscriptionInfo> Seek(
      std::string_view name, const stream::Position& to) override;
  absl::StatusOr<stream::ParkedPage> ListParked(std::string_view name,
                                                std::uint64_t behind,
                                                std::size_t at_most,
                                                bool with_bodies) override;
  absl::StatusOr<stream::Replayed> ReplayParked(
      std::string_view name, std::span<const std::uint64_t> which) override;
  absl::StatusOr<std::uint64_t> Acknowledge(std::string_view name,
                                            std::uint64_t through) override;
  absl::StatusOr<std::unique_ptr<stream::Stream>> OpenCursor(
      std::string_view name, const stream::StreamOptions& options) override;
  absl::StatusOr<std::unique_ptr<stream::Consumer>> OpenConsumer(
      std::string_view name, const stream::ConsumerOptions& options) override;
  void OnCommitted() override {}
  void Stop() override {}
  Statistics statistics() override { return {}; }

 private:
  // Under mutex_.
  absl::StatusOr<stream::SubscriptionInfo*> Find(std::string_view name);

  std::mutex mutex_;
};

}  // namespace tuco::testing

#endif  // TUCO_TESTS_SERVER_RPC_FAKE_SUBSCRIPTIONS_H_
