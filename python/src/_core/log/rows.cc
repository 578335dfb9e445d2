#include "_core/log/rows.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "tuco/strings.h"

namespace tuco::python::log {
namespace {

constexpr int kCrcColumn = kRowColumnCount - 1;
static_assert(std::count(kEventColumns.begin(), kEventColumns.end(), ',') ==
              kCrcColumn);

// Logs of version 1 have all columns but this one.
constexpr std::string_view kNewColumn = "suspected_duplicate_of";

std::uint64_t FromSql(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

// Of a Statement or Values.
template <typename Source>
Row ReadRow(const Source& source) {
  Row row;
  RecordColumns& columns = row.columns;
  int at = 0;
  columns.sequence = FromSql(source.Int(at++));
  columns.epoch = FromSql(source.Int(at++));
  for (std::string_view* const bytes :
       {&columns.event_id, &columns.endpoint, &columns.type_name,
        &columns.workspace_id, &columns.line_id, &columns.campaign_id,
        &columns.message_id, &columns.lead_id, &columns.phone}) {
    *bytes = source.Bytes(at++);
  }
  if (!source.IsNull(at)) columns.occurred_at_us = source.Int(at);
  ++at;
  columns.received_at_us = source.Int(at++);
  columns.recorded_at_us = source.Int(at++);
  const std::int64_t flags = source.Int(at++);
  columns.flags = static_cast<std::uint32_t>(flags);
  columns.event = source.Bytes(at++);
  columns.body = source.Bytes(at++);
  columns.signature = source.Bytes(at++);
  columns.suspected_duplicate_of = FromSql(source.Int(at++));
  row.fits = flags == std::int64_t{columns.flags} &&
             source.Int(kCrcColumn) == std::int64_t{RecordCrc(columns)};
  return row;
}

}  // namespace

void AddDamage(Damage damage, std::vector<Damage>& damages) {
  if (!damages.empty() && damages.back().last + 1 == damage.first &&
      damages.back().last != 0 && damages.back().what == damage.what) {
    damages.back().last = damage.last;
  } else {
    damages.push_back(std::move(damage));
  }
}

std::string RowColumns(std::int64_t version) {
  std::string columns(kEventColumns);
  if (version < 2) {
    columns.replace(columns.find(kNewColumn), kNewColumn.size(), "NULL");
  }
  return columns;
}

Row RowAt(const Statement& select) { return ReadRow(select); }

Row RowAt(const Values& values) { return ReadRow(values); }

Chunks::Chunk Chunks::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      Chunk chunk = std::move(free_.back());
      free_.pop_back();
      return chunk;
    }
  }
  return Chunk(new char[kBytes]);
}

void Chunks::GiveBack(std::vector<Chunk> chunks) {
  const std::lock_guard lock(mutex_);
  std::move(chunks.begin(), chunks.end(), std::back_inserter(free_));
}

StoredEvents::StoredEvents(std::shared_ptr<Chunks> chunks)
    : chunks_(std::move(chunks)) {}

StoredEvents::~StoredEvents() {
  if (chunks_ != nullptr) chunks_->GiveBack(std::move(used_));
}

void StoredEvents::Add(const RecordColumns& columns, bool with_body) {
  StoredEvent& stored = events_.emplace_back();
  stored.sequence = columns.sequence;
  stored.epoch = columns.epoch;
  stored.recorded_at_us = columns.recorded_at_us;
  stored.suspected_duplicate_of = columns.suspected_duplicate_of;
  stored.event = Copy(columns.event);
  if (!with_body) return;
  stored.body = Copy(columns.body);
  stored.signature = Copy(columns.signature);
}

std::string_view StoredEvents::Copy(std::string_view bytes) {
  if (bytes.empty()) return "";
  char* to = free_;
  if (bytes.size() > Chunks::kBytes) {
    to = larger_.emplace_back(new char[bytes.size()]).get();
  } else {
    if (bytes.size() > left_) {
      to = used_.emplace_back(chunks_->Take()).get();
      left_ = Chunks::kBytes;
    }
    free_ = to + bytes.size();
    left_ -= bytes.size();
  }
  std::memcpy(to, bytes.data(), bytes.size());
  bytes_ += bytes.size();
  return {to, bytes.size()};
}

}  // namespace tuco::python::log
