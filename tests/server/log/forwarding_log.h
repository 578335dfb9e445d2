// A log that passes everything on to another one, to be derived from.

#ifndef TUCO_TESTS_SERVER_LOG_FORWARDING_LOG_H_
#define TUCO_TESTS_SERVER_LOG_FORWARDING_LOG_H_

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/log/event_log.h"

namespace tuco::log {

class ForwardingLog : public EventLog {
 public:
  explicit ForwardingLog(std::unique_ptr<EventLog> log)
      : log_(std::move(log)) {}

  absl::Status Commit(const Batch& batch) override {
    return log_->Commit(batch);
  }
  void AfterAppend() override { log_->AfterAppend(); }
  absl::StatusOr<ForgottenKeys> ForgetKeys(
      const ForgetRequest& request) override {
    return log_->ForgetKeys(request);
  }
  Timestamp dedup_horizon() const override { return log_->dedup_horizon(); }
  bool untimed_in_doubt() const override { return log_->untimed_in_doubt(); }
  absl::StatusOr<KeyRepair> RepairKeys() override { return log_->RepairKeys(); }
  absl::StatusOr<RemovedRecords> RemoveOldest(
      const RemoveRequest& request) override {
    return log_->RemoveOldest(request);
  }
  absl::StatusOr<std::uint64_t> Read(
      const ReadRequest& request, const Filter& filter,
      const std::function<void(const RecordColumns&)>& visit) override {
    return log_->Read(request, filter, visit);
  }
  const std::vector<Gap>& gaps() const override { return log_->gaps(); }
  Bounds bounds() const override { return log_->bounds(); }
  absl::StatusOr<std::uint64_t> FirstRecordedAt(Timestamp time) override {
    return log_->FirstRecordedAt(time);
  }
  absl::Status VisitDuplicateKeys(
      const std::function<void(const Digest&, std::uint64_t)>& visit) override {
    return log_->VisitDuplicateKeys(visit);
  }
  absl::StatusOr<std::optional<Digest>> KeyOf(std::uint64_t sequence) override {
    return log_->KeyOf(sequence);
  }
  absl::StatusOr<std::uint64_t> ReadQuarantine(
      const QuarantineRequest& request,
      const QuarantineVisitor& visit) override {
    return log_->ReadQuarantine(request, visit);
  }
  absl::Status VisitDriftNames(
      const std::function<void(const DriftName&)>& visit) override {
    return log_->VisitDriftNames(visit);
  }
  absl::Status ReadSubscriptions(const SubscriptionVisitor& visit) override {
    return log_->ReadSubscriptions(visit);
  }
  absl::StatusOr<std::uint64_t> ReadParked(
      const ParkedRequest& request, const ParkedVisitor& visit) override {
    return log_->ReadParked(request, visit);
  }
  LogSize size() const override { return log_->size(); }
  absl::Status Probe() override { return log_->Probe(); }

 private:
  const std::unique_ptr<EventLog> log_;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_FORWARDING_LOG_H_
