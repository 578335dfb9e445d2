#include "tests/server/log/log_model.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tests/server/log/random_records.h"

namespace tuco::log {
namespace {

constexpr std::uint64_t kEpochStep = 1 << 20;

std::uint64_t BytesOf(const Record& record, bool with_body) {
  return record.event.size() + (with_body ? record.body.size() : 0);
}

}  // namespace

std::optional<LogModel::Message> LogModel::MessageOf(const Record& record) {
  if (record.message_id.value_or("").empty()) return std::nullopt;
  return Message(record.endpoint, *record.message_id, record.type_name);
}

void LogModel::Number(std::vector<Record>& batch, Timestamp now) const {
  std::uint64_t sequence = bounds_.head;
  for (Record& record : batch) {
    record.sequence = ++sequence;
    record.epoch = bounds_.epoch;
    record.recorded_at = std::max(now, recorded_at_.value_or(now));
  }
}

void LogModel::FlagRepeats(std::vector<Record>& batch) const {
  std::map<Message, std::uint64_t> messages;
  for (Record& record : batch) {
    const std::optional<Message> message = MessageOf(record);
    if (!message.has_value()) continue;
    const auto before = messages_.find(*message);
    const auto [first, added] = messages.emplace(
        *message, before != messages_.end() ? before->second : record.sequence);
    if (first->second == record.sequence) continue;
    record.suspected_duplicate_of = first->second;
    record.flags.Add(Flag::kSuspectedDuplicate);
  }
}

void LogModel::Append(const std::vector<Record>& batch) {
  for (const Record& record : batch) {
    records_.push_back(record);
    keys_[record.sequence] = {.key = record.duplicate_key,
                              .received_at = record.received_at,
                              .occurred_at = record.occurred_at};
    sequences_[record.duplicate_key] = record.sequence;
    if (const auto message = MessageOf(record)) {
      messages_.emplace(*message, record.sequence);
    }
    bounds_.head = record.sequence;
    recorded_at_ = record.recorded_at;
  }
}

std::optional<std::uint64_t> LogModel::SequenceOf(const Digest& key) const {
  const auto found = sequences_.find(key);
  if (found == sequences_.end()) return std::nullopt;
  return found->second;
}

std::string LogModel::Remove(const RemoveRequest& request,
                             const RemovedRecords& removed) {
  std::uint64_t count = 0;
  while (count < request.rows_max && records_.size() > 1) {
    const Record& oldest = records_.front();
    const bool old = request.recorded_before.has_value() &&
                     oldest.recorded_at < *request.recorded_before;
    if (!old && request.bytes_max != 0) break;
    ++count;
    bounds_.first = oldest.sequence + 1;
    records_.pop_front();
  }
  if (removed.count == count) return "";
  return absl::StrCat("removed ", removed.count, " records instead of ", count);
}

std::string LogModel::Forget(const ForgetRequest& request,
                             const ForgottenKeys& keys) {
  if (keys.keys.size() > request.rows_max) return "forgot too many keys";
  for (const auto& [key, sequence] : keys.keys) {
    const auto found = keys_.find(sequence);
    if (found == keys_.end() || found->second.key != key ||
        std::next(found) == keys_.end() ||
        found->second.received_at >= request.before ||
        found->second.occurred_at.value_or(request.before) >= request.before) {
      return absl::StrCat("the key of record ", sequence, " was forgotten");
    }
    dedup_horizon_ = std::max(dedup_horizon_, *found->second.occurred_at);
    sequences_.erase(key);
    keys_.erase(found);
  }
  return "";
}

void LogModel::Reopen() {
  messages_.clear();
  for (const Record& record : records_) {
    if (const auto message = MessageOf(record)) {
      messages_.emplace(*message, record.sequence);
    }
  }
}

void LogModel::ReplaceLost(const Bounds& lost) {
  Reopen();
  if (lost.head <= bounds_.head) return;
  const std::uint64_t next = (lost.head / kEpochStep + 1) * kEpochStep;
  gaps_.push_back({.from = bounds_.head + 1, .to = next - 1});
  bounds_.head = next - 1;
  bounds_.epoch = std::max(bounds_.epoch, lost.epoch) + 1;
}

LogModel::Iterator LogModel::FirstBehind(std::uint64_t after) const {
  return std::upper_bound(records_.begin(), records_.end(), after,
                          [](std::uint64_t at, const Record& record) {
                            return at < record.sequence;
                          });
}

LogModel::Stretch LogModel::StretchBehind(std::uint64_t after) const {
  Stretch stretch{.start = after, .end = bounds_.head};
  for (const Gap& gap : gaps_) {
    if (gap.from <= stretch.start + 1 && stretch.start < gap.to) {
      stretch.start = gap.to;
    }
  }
  for (const Gap& gap : gaps_) {
    if (gap.from > stretch.start)
      stretch.end = std::min(stretch.end, gap.from - 1);
  }
  return stretch;
}

std::string LogModel::CheckRead(const ReadRequest& request,
                                const Filter& filter,
                                const ReadResult& read) const {
  const bool removed =
      request.after < bounds_.head && request.after + 1 < bounds_.first;
  if (removed && absl::IsOutOfRange(read.scanned_through.status()) &&
      read.records.empty()) {
    return "";
  }
  if (removed || !read.scanned_through.ok()) {
    return absl::StrCat("reading behind ", request.after, ": ",
                        read.scanned_through.status().ToString());
  }
  const std::uint64_t through = *read.scanned_through;
  const Stretch stretch = StretchBehind(request.after);
  const bool at_end = request.after >= bounds_.head;
  if (at_end ? through != request.after
             : through <= request.after || through < stretch.start ||
                   through > stretch.end) {
    return absl::StrCat("the read behind ", request.after, " came to ",
                        through);
  }
  std::string wrong = CheckVisited(request, filter, read, through);
  if (wrong.empty() && !at_end) {
    wrong = CheckLimits(request, filter, read, through, stretch);
  }
  return wrong;
}

std::string LogModel::CheckFailedRead(const ReadRequest& request,
                                      const Filter& filter,
                                      const ReadResult& read) const {
  return CheckVisited(
      request, filter, read,
      read.records.empty() ? request.after : read.records.back().sequence);
}

std::string LogModel::CheckVisited(const ReadRequest& request,
                                   const Filter& filter, const ReadResult& read,
                                   std::uint64_t through) const {
  auto next = read.records.begin();
  for (auto record = FirstBehind(request.after);
       record != records_.end() && record->sequence <= through; ++record) {
    if (!Wants(filter, *record)) continue;
    if (next == read.records.end()) {
      return absl::StrCat("record ", record->sequence, " was left out");
    }
    Record expected = AsRead(*record);
    if (!request.bodies) expected.body.clear();
    if (*next != expected) {
      return absl::StrCat("record ", next->sequence, " was read where ",
                          record->sequence, " was expected, or is changed");
    }
    ++next;
  }
  if (next == read.records.end()) return "";
  return absl::StrCat("record ", next->sequence, " was not wanted");
}

// A read takes as much as its limits allow, and no more.
std::string LogModel::CheckLimits(const ReadRequest& request,
                                  const Filter& filter, const ReadResult& read,
                                  std::uint64_t through,
                                  const Stretch& stretch) const {
  const auto next = FirstBehind(through);
  const auto rows = static_cast<std::size_t>(next - FirstBehind(stretch.start));
  const std::size_t events = read.records.size();
  std::size_t bytes = 0;
  for (const Record& record : read.records) {
    bytes += BytesOf(record, request.bodies);
  }
  if (rows > request.scan_max || (events > 1 && (events > request.events_max ||
                                                 bytes > request.bytes_max))) {
    return absl::StrCat("the read behind ", request.after,
                        " went beyond its limits");
  }
  const bool spent = rows == request.scan_max ||
                     (events > 0 && (events >= request.events_max ||
                                     bytes >= request.bytes_max));
  if (through == stretch.end || spent) return "";
  const bool too_large =
      events > 0 && next != records_.end() && Wants(filter, *next) &&
      bytes + BytesOf(*next, request.bodies) > request.bytes_max;
  return too_large ? ""
                   : absl::StrCat("the read behind ", request.after,
                                  " ended early, at ", through);
}

std::string LogModel::CheckTime(Timestamp time, std::uint64_t found) const {
  const auto first = std::find_if(
      records_.begin(), records_.end(),
      [time](const Record& record) { return record.recorded_at >= time; });
  const std::uint64_t expected =
      first == records_.end() ? bounds_.head + 1 : first->sequence;
  if (found == expected) return "";
  return absl::StrCat("the first record of a time is ", expected, " and not ",
                      found);
}

std::string LogModel::CheckPosition(EventLog& log) const {
  const Bounds bounds = log.bounds();
  if (bounds.first != bounds_.first || bounds.head != bounds_.head ||
      bounds.epoch != bounds_.epoch) {
    return absl::StrCat("the log has records ", bounds.first, " to ",
                        bounds.head, " of epoch ", bounds.epoch,
                        ", expected were ", bounds_.first, " to ", bounds_.head,
                        " of epoch ", bounds_.epoch);
  }
  if (log.gaps() != gaps_) return "the gaps are others";
  return log.dedup_horizon() == dedup_horizon_ ? "" : "the horizon is wrong";
}

std::string LogModel::CheckAll(EventLog& log) const {
  std::string wrong = CheckPosition(log);
  ReadRequest request{.after = bounds_.first - 1,
                      .events_max = SIZE_MAX,
                      .bytes_max = SIZE_MAX,
                      .scan_max = SIZE_MAX,
                      .bodies = true};
  while (wrong.empty() && request.after < bounds_.head) {
    const ReadResult read = ReadOnce(log, request);
    wrong = CheckRead(request, {}, read);
    if (wrong.empty()) request.after = *read.scanned_through;
  }
  if (wrong.empty()) wrong = CheckKeys(log);
  return wrong.empty() ? subscriptions_.Check(log) : wrong;
}

std::string LogModel::CheckKeys(EventLog& log) const {
  auto expected = keys_.begin();
  std::string wrong;
  const absl::Status status =
      log.VisitDuplicateKeys([&](const Digest& key, std::uint64_t sequence) {
        if (expected == keys_.end() || expected->first != sequence ||
            expected->second.key != key) {
          wrong = absl::StrCat("the key of record ", sequence, " is wrong");
        } else {
          ++expected;
        }
      });
  if (!status.ok()) return "cannot read the keys: " + status.ToString();
  if (!wrong.empty() || expected == keys_.end()) return wrong;
  return absl::StrCat("the key of record ", expected->first, " is missing");
}

}  // namespace tuco::log
