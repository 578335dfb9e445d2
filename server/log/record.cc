#include "server/log/record.h"

#include <chrono>

namespace tuco::log {
namespace {

std::string_view ViewOf(const std::optional<std::string>& text) {
  if (!text) return {};
  return *text;
}

std::string_view ViewOf(const Digest& digest, std::size_t size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::int64_t Microseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

}  // namespace

RecordColumns ColumnsOf(const Record& record) {
  RecordColumns columns;
  columns.sequence = record.sequence;
  columns.epoch = record.epoch;
  columns.event_id = ViewOf(record.duplicate_key, kEventIdBytes);
  columns.endpoint = record.endpoint;
  columns.type_name = record.type_name;
  columns.workspace_id = ViewOf(record.workspace_id);
  columns.line_id = ViewOf(record.line_id);
  columns.campaign_id = ViewOf(record.campaign_id);
  columns.message_id = ViewOf(record.message_id);
  columns.lead_id = ViewOf(record.lead_id);
  columns.phone = ViewOf(record.phone);
  if (record.occurred_at) {
    columns.occurred_at_us = Microseconds(*record.occurred_at);
  }
  columns.received_at_us = Microseconds(record.received_at);
  columns.recorded_at_us = Microseconds(record.recorded_at);
  columns.flags = record.flags.bits();
  columns.event = record.event;
  columns.body = record.body;
  columns.signature = ViewOf(record.signature, record.signature.size());
  columns.suspected_duplicate_of = record.suspected_duplicate_of;
  return columns;
}

}  // namespace tuco::log
