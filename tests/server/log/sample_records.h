// Records for tests of the log.

#ifndef TUCO_TESTS_SERVER_LOG_SAMPLE_RECORDS_H_
#define TUCO_TESTS_SERVER_LOG_SAMPLE_RECORDS_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/log/event_log.h"
#include "server/log/record.h"

namespace tuco::log {

// A key that differs for each `number`.
inline Digest SampleKey(std::uint64_t number) {
  Digest key{};
  for (std::uint8_t& byte : key) {
    number = number * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    byte = static_cast<std::uint8_t>(number >> 56);
  }
  return key;
}

// A record with something in every field; another one for each `number`.
inline Record SampleRecord(std::uint64_t number) {
  const std::string text = std::to_string(number);
  Record record;
  record.duplicate_key = SampleKey(number);
  record.endpoint = "tuco";
  record.type_name = number % 2 == 0 ? "message.sent" : "message.reply";
  record.workspace_id = "workspace " + text;
  record.line_id = "line " + text;
  record.campaign_id = "campaign " + text;
  record.message_id = "message " + text;
  record.lead_id = "lead " + text;
  record.phone = "+15550" + text;
  record.received_at = Timestamp(std::chrono::seconds(1'776'254'400));
  record.occurred_at = record.received_at - std::chrono::milliseconds(58);
  record.flags = {Flag::kTest, Flag::kLate};
  record.event = "event " + text;
  record.body = "{\"body\":" + text + "}";
  record.signature.fill(static_cast<std::uint8_t>(number));
  return record;
}

inline absl::Status Append(EventLog& log, std::vector<Record>& records) {
  std::vector<Record*> pointers;
  pointers.reserve(records.size());
  for (Record& record : records) pointers.push_back(&record);
  return log.Append(pointers);
}

// Appends the sample records `first` to `first + count - 1` in one batch and
// yields them with what the log gave them.
inline absl::StatusOr<std::vector<Record>> AppendSamples(EventLog& log,
                                                         std::uint64_t first,
                                                         std::size_t count) {
  std::vector<Record> records;
  records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(SampleRecord(first + i));
  }
  const absl::Status status = Append(log, records);
  if (!status.ok()) return status;
  return records;
}

// A copy of what a reader is shown, in a record; its key is the event id and
// zeros.
inline Record ToRecord(const RecordColumns& columns) {
  const auto time = [](std::int64_t microseconds) {
    return Timestamp(std::chrono::microseconds(microseconds));
  };
  const auto text = [](std::string_view view) {
    return view.data() == nullptr ? std::optional<std::string>()
                                  : std::string(view);
  };
  Record record;
  record.sequence = columns.sequence;
  record.epoch = columns.epoch;
  record.recorded_at = time(columns.recorded_at_us);
  std::copy(columns.event_id.begin(), columns.event_id.end(),
            record.duplicate_key.begin());
  record.endpoint = columns.endpoint;
  record.type_name = columns.type_name;
  record.workspace_id = text(columns.workspace_id);
  record.line_id = text(columns.line_id);
  record.campaign_id = text(columns.campaign_id);
  record.message_id = text(columns.message_id);
  record.lead_id = text(columns.lead_id);
  record.phone = text(columns.phone);
  if (columns.occurred_at_us != RecordColumns::kNoTime) {
    record.occurred_at = time(columns.occurred_at_us);
  }
  record.received_at = time(columns.received_at_us);
  record.flags = Flags::FromBits(columns.flags);
  record.event = columns.event;
  record.body = columns.body;
  std::copy(columns.signature.begin(), columns.signature.end(),
            record.signature.begin());
  record.suspected_duplicate_of = columns.suspected_duplicate_of;
  return record;
}

// `record` as the log shows it to a reader who wants bodies.
inline Record AsRead(Record record) {
  std::fill(record.duplicate_key.begin() + kEventIdBytes,
            record.duplicate_key.end(), std::uint8_t{0});
  return record;
}

// What one read yields.
struct ReadResult {
  absl::StatusOr<std::uint64_t> scanned_through;
  std::vector<Record> records;

  std::vector<std::uint64_t> sequences() const {
    std::vector<std::uint64_t> sequences;
    sequences.reserve(records.size());
    for (const Record& record : records) sequences.push_back(record.sequence);
    return sequences;
  }
};

inline ReadResult ReadOnce(EventLog& log, const ReadRequest& request,
                           const Filter& filter = {}) {
  std::vector<Record> records;
  auto scanned_through =
      log.Read(request, filter, [&records](const RecordColumns& columns) {
        records.push_back(ToRecord(columns));
      });
  return {std::move(scanned_through), std::move(records)};
}

// Everything with its bodies.
inline ReadResult ReadAll(EventLog& log) {
  return ReadOnce(log, {.events_max = SIZE_MAX,
                        .bytes_max = SIZE_MAX,
                        .scan_max = SIZE_MAX,
                        .bodies = true});
}

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_SAMPLE_RECORDS_H_
