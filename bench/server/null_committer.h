// A committer that keeps nothing and says at once that it did.

#ifndef TUCO_BENCH_SERVER_NULL_COMMITTER_H_
#define TUCO_BENCH_SERVER_NULL_COMMITTER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/committer.h"

namespace tuco::bench {

// One thread at a time.
class NullCommitter final : public log::Committer {
 public:
  void Submit(std::shared_ptr<log::Record> /*record*/, Done done) override {
    std::move(done)(log::Appended{.sequence = ++sequence_});
  }
  bool MayBeReplay(const log::Record& /*record*/) const override {
    return false;
  }
  void SubmitReleased(log::Release /*release*/, Done done) override {
    std::move(done)(log::Appended{.sequence = ++sequence_});
  }
  void Quarantine(std::shared_ptr<log::QuarantineEntry> /*entry*/,
                  QuarantineDone done) override {
    std::move(done)(std::uint64_t{1});
  }
  void UpdateQuarantined(const log::QuarantineUpdate& update,
                         QuarantineDone done) override {
    std::move(done)(update.id);
  }
  void ChangeSubscription(log::SubscriptionChange /*change*/,
                          ChangeDone done) override {
    std::move(done)(absl::OkStatus());
  }
  absl::StatusOr<std::optional<std::uint64_t>> FindEvent(
      const std::array<std::uint8_t, log::kEventIdBytes>& /*id*/)
      const override {
    return std::nullopt;
  }
  void Stop() override {}
  absl::Status Probe() const override { return absl::OkStatus(); }
  Condition condition() const override { return {State::kTaking, {}}; }
  Statistics statistics() const override { return {}; }
  std::vector<log::DriftName> drift_names() const override { return {}; }
  log::ArrivalMap newest_arrivals() const override { return {}; }

 private:
  std::uint64_t sequence_ = 0;
};

}  // namespace tuco::bench

#endif  // TUCO_BENCH_SERVER_NULL_COMMITTER_H_
