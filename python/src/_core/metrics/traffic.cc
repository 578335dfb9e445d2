#include "_core/metrics/traffic.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "_core/arrow/stream_reader.h"
#include "_core/metrics/result.h"

namespace tuco::python::metrics {
namespace {

void Write(Result& row, const std::string& time_format,
           const Silence& silence) {
  row.Time("begin", time_format, silence.begin);
  row.Time("end", time_format, silence.end);
  row.Duration("duration", silence.end - silence.begin);
  row.Number("expected_events", silence.expected);
  row.Number("false_alarms", silence.false_alarms);
  row.Number("confidence", std::exp(-silence.false_alarms));
}

std::vector<std::int64_t> Inside(const std::vector<std::int64_t>& times,
                                 const Window& window) {
  std::vector<std::int64_t> inside;
  std::copy_if(times.begin(), times.end(), std::back_inserter(inside),
               [&](std::int64_t time) { return window.Has(time); });
  return inside;
}

void CheckSpan(const std::vector<std::int64_t>& times,
               const SilenceOptions& options) {
  if (times.empty()) return;
  if (options.until.has_value() && *options.until < times.back()) {
    throw std::invalid_argument("expected until to be behind all events");
  }
  if (options.until.value_or(times.back()) - times.front() > kSilencesSpanMax) {
    throw std::invalid_argument(
        "expected events of 100 years at most: give a window");
  }
}

}  // namespace

Traffic::Traffic(ArrowArrayStream* stream, std::vector<Dimension> dimensions)
    : dimensions_(std::move(dimensions)) {
  Wanted wanted{.traffic_only = true, .texts = {}};
  for (const Dimension dimension : dimensions_) {
    wanted.texts.push_back(*TextOf(dimension));
  }
  arrow::StreamReader batches(stream);
  EventReader events(batches, wanted, texts_);
  GroupKey key;
  while (const EventRow* const event = events.Next()) {
    const std::int64_t time =
        event->occurred_at != kNever ? event->occurred_at : event->received_at;
    if (time == kNever) continue;
    key.clear();
    for (const Dimension dimension : dimensions_) {
      key.push_back(event->text(*TextOf(dimension)));
    }
    const std::size_t group = groups_.Number(key);
    if (group == times_.size()) times_.emplace_back();
    times_[group].push_back(time);
  }
  for (std::vector<std::int64_t>& times : times_) {
    std::sort(times.begin(), times.end());
    first_time_ = std::min(first_time_, times.front());
    last_time_ = last_time_ == kNever ? times.back()
                                      : std::max(last_time_, times.back());
  }
}

std::shared_ptr<const arrow::Table> Traffic::Silences(
    const Window& window, const Zone& zone,
    const SilenceOptions& options) const {
  const Grouping grouping(dimensions_, texts_, campaign_names_, zone.local_time,
                          zone.name);
  const std::string time_format = "tsu:" + zone.name;
  Result result([&](Result& row) { Write(row, time_format, {}); });
  std::vector<std::size_t> rows;  // The group of each.
  for (const std::size_t group : grouping.Sorted(groups_)) {
    const std::vector<std::int64_t> times = Inside(times_[group], window);
    CheckSpan(times, options);
    for (const Silence& silence :
         FindSilences(times, zone.local_time, options)) {
      Write(result, time_format, silence);
      result.EndRow();
      rows.push_back(group);
    }
  }
  return result.Finish(grouping.Fields(), grouping.Columns(groups_, rows, 1));
}

}  // namespace tuco::python::metrics
