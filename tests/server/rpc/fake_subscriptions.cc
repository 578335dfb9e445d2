#include "tests/server/rpc/fake_subscriptions.h"

#include <utility>

#include "server/base/status_macros.h"

namespace tuco::testing {

using stream::SubscriptionInfo;

absl::StatusOr<SubscriptionInfo*> FakeSubscriptions::Find(
    std::string_view name) {
  if (!refusal.ok()) return refusal;
  const auto found = infos.find(name);
  if (found == infos.end()) return absl::NotFoundError("no such subscription");
  return &found->second;
}

absl::StatusOr<SubscriptionInfo> FakeSubscriptions::Create(
    std::string name, stream::SubscriptionSettings settings,
    const stream::Position& at) {
  const std::lock_guard lock(mutex_);
  if (!refusal.ok()) return refusal;
  position = at;
  const auto [made, fresh] = infos.try_emplace(name);
  if (!fresh) return absl::AlreadyExistsError("there is one");
  made->second.name = std::move(name);
  made->second.settings = std::move(settings);
  return made->second;
}

absl::StatusOr<SubscriptionInfo> FakeSubscriptions::Update(
    std::string_view name, Change change) {
  const std::lock_guard lock(mutex_);
  TUCO_ASSIGN_OR_RETURN(SubscriptionInfo* const info, Find(name));
  TUCO_ASSIGN_OR_RETURN(info->settings, change(info->settings));
  return *info;
}

absl::StatusOr<SubscriptionInfo> FakeSubscriptions::Get(std::string_view name) {
  const std::lock_guard lock(mutex_);
  TUCO_ASSIGN_OR_RETURN(const SubscriptionInfo* const info, Find(name));
  return *info;
}

absl::StatusOr<std::vector<SubscriptionInfo>> FakeSubscriptions::List(
    std::string_view behind, std::size_t at_most) {
  const std::lock_guard lock(mutex_);
  if (!refusal.ok()) return refusal;
  std::vector<SubscriptionInfo> found;
  for (auto at = infos.upper_bound(behind);
       at != infos.end() && found.size() < at_most; ++at) {
    found.push_back(at->second);
  }
  return found;
}

absl::Status FakeSubscriptions::Delete(std::string_view name) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Find(name).status());
  infos.erase(infos.find(name));
  return absl::OkStatus();
}

absl::StatusOr<SubscriptionInfo> FakeSubscriptions::Seek(
    std::string_view name, const stream::Position& to) {
  const std::lock_guard lock(mutex_);
  position = to;
  TUCO_ASSIGN_OR_RETURN(const SubscriptionInfo* const info, Find(name));
  return *info;
}

absl::StatusOr<stream::ParkedPage> FakeSubscriptions::ListParked(
    std::string_view name, std::uint64_t behind, std::size_t at_most,
    bool with_bodies) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Find(name).status());
  after = behind;
  count = at_most;
  bodies = with_bodies;
  return parked;
}

absl::StatusOr<stream::Replayed> FakeSubscriptions::ReplayParked(
    std::string_view name, std::span<const std::uint64_t> which) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Find(name).status());
  sequences.assign(which.begin(), which.end());
  return replayed;
}

absl::StatusOr<std::uint64_t> FakeSubscriptions::Acknowledge(
    std::string_view name, std::uint64_t through) {
  const std::lock_guard lock(mutex_);
  TUCO_ASSIGN_OR_RETURN(SubscriptionInfo* const info, Find(name));
  info->settled_through = through;
  return through;
}

absl::StatusOr<std::unique_ptr<stream::Stream>> FakeSubscriptions::OpenCursor(
    std::string_view name, const stream::StreamOptions& options) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Find(name).status());
  return open_cursor(options);
}

absl::StatusOr<std::unique_ptr<stream::Consumer>>
FakeSubscriptions::OpenConsumer(std::string_view name,
                                const stream::ConsumerOptions& options) {
  const std::lock_guard lock(mutex_);
  TUCO_RETURN_IF_ERROR(Find(name).status());
  return open_consumer(options);
}

}  // namespace tuco::testing
