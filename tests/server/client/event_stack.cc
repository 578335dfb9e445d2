#include "tests/server/client/event_stack.h"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <memory>
#include <span>
#include <utility>

#include "server/rpc/subscription_settings.h"
#include "tests/server/stream/records.h"

namespace tuco::client {
namespace {

receiver::Endpoints MakeEndpoints() {
  return receiver::Endpoints::Create(
             {{.name = "tuco",
               .secrets = {{"main", "whsec_0123456789abcdef"}},
               .workspaces = {}}})
      .value();
}

}  // namespace

EventStack::EventStack(stream::Hub::Options options)
    : options_(options),
      address_(base::ParseNetAddress("127.0.0.1:0").value()),
      endpoints_(MakeEndpoints()),
      log_(log::MakeMemoryLog(clock_)) {
  Start();
}

EventStack::~EventStack() { Stop(); }

void EventStack::Start() {
  hub_ = stream::Hub::Start(*log_, clock_, options_);
  committer_ = log::Committer::Start(
      *log_, {}, [this](std::span<const log::RecordPtr> records) {
        hub_->Publish(records);
      });
  subscriptions_ = stream::Subscriptions::Start(
      *log_, *committer_, *hub_, clock_, {.read_settings = rpc::ReadSettings});
  receiver_ = std::make_unique<receiver::Receiver>(
      endpoints_, *committer_, quarantine_, clock_, metrics_, 1 << 20);
  finder_ = std::make_unique<stream::EventFinder>(*log_, *committer_);
  service_ = std::make_unique<rpc::EventService>(
      *receiver_, *hub_, *subscriptions_, quarantine_, *finder_, *log_,
      rpc::StatusSources{.version = "0",
                         .started_at = clock_.Now(),
                         .log = *log_,
                         .committer = *committer_,
                         .hub = *hub_,
                         .endpoints = endpoints_});
  server_ = rpc::GrpcServer::Listen(address_, *service_).value();
  address_ = server_->address();
}

void EventStack::Stop() {
  if (server_ == nullptr) return;
  hub_->Stop();
  subscriptions_->Stop();
  server_->Stop(std::chrono::milliseconds(0));
  committer_->Stop();
  server_.reset();
  service_.reset();
  finder_.reset();
  receiver_.reset();
  subscriptions_.reset();
  committer_.reset();
  hub_.reset();
}

void EventStack::Append(std::size_t count) {
  std::latch published(static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = 0; i < count; ++i, ++next_) {
    committer_->Submit(
        std::make_shared<log::Record>(testing::MakeRecord(
            next_, kTypes[next_ % 3], "org_" + std::to_string(next_ % 5))),
        [&published](const absl::StatusOr<log::Appended>& appended) {
          EXPECT_TRUE(appended.ok()) << appended.status();
          published.count_down();
        });
  }
  published.wait();
}

void EventStack::RemoveOldest(std::size_t count) {
  const absl::StatusOr<log::RemovedRecords> removed =
      log_->RemoveOldest({.recorded_before = Timestamp::max(),
                          .bytes_max = std::nullopt,
                          .rows_max = count});
  EXPECT_TRUE(removed.ok()) << removed.status();
}

}  // namespace tuco::client
