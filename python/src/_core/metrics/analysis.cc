#include "_core/metrics/analysis.h"

#include <algorithm>
#include <utility>

#include "_core/arrow/stream_reader.h"
#include "_core/metrics/cohorts.h"
#include "_core/metrics/funnel.h"
#include "_core/metrics/measures.h"

namespace tuco::python::metrics {
namespace {

bool Contains(const std::vector<Dimension>& dimensions, Dimension wanted) {
  return std::find(dimensions.begin(), dimensions.end(), wanted) !=
         dimensions.end();
}

Wanted ColumnsFor(const std::vector<Dimension>& dimensions) {
  Wanted wanted;
  for (const Dimension dimension : dimensions) {
    if (const auto text = TextOf(dimension); text.has_value()) {
      wanted.texts.push_back(*text);
    }
  }
  if (Contains(dimensions, Dimension::kCampaign)) {
    wanted.texts.push_back(Text::kCampaignName);
  }
  wanted.step = Contains(dimensions, Dimension::kStep);
  return wanted;
}

void Accumulate(Coverage& sum, const Coverage& part) {
  sum.events += part.events;
  sum.tests += part.tests;
  sum.flagged += part.flagged;
  sum.other_types += part.other_types;
  sum.without_message_id += part.without_message_id;
  sum.copies += part.copies;
  sum.facts += part.facts;
  sum.replies += part.replies;
  sum.replies_unmatched += part.replies_unmatched;
  sum.opt_outs_unmatched += part.opt_outs_unmatched;
}

}  // namespace

Analysis::Analysis(ArrowArrayStream* stream, std::vector<Dimension> dimensions,
                   const Selection& selection, std::int64_t window)
    : dimensions_(std::move(dimensions)),
      by_endpoint_(Contains(dimensions_, Dimension::kEndpoint)) {
  arrow::StreamReader batches(stream);
  EventReader events(batches, ColumnsFor(dimensions_), texts_);
  while (const EventRow* const event = events.Next()) Add(*event, selection);
  for (auto& [endpoint, history] : histories_) history.MatchReplies(window);
}

void Analysis::Add(const EventRow& event, const Selection& selection) {
  const std::int64_t endpoint =
      by_endpoint_ ? event.text(Text::kEndpoint) : kNone;
  const auto [place, added] =
      histories_.try_emplace(endpoint, selection, texts_);
  if (place->second.Add(event)) campaign_names_.Add(event, texts_);
  for (const std::int64_t time :
       {event.occurred_at, event.received_at, event.sent_at}) {
    SeeTime(time);
  }
}

void Analysis::SeeTime(std::int64_t time) {
  if (time == kNever) return;
  first_time_ = std::min(first_time_, time);
  last_time_ = last_time_ == kNever ? time : std::max(last_time_, time);
}

Coverage Analysis::coverage() const {
  Coverage sum;
  for (const auto& [endpoint, history] : histories_) {
    Accumulate(sum, history.coverage());
  }
  return sum;
}

std::int64_t Analysis::messages() const {
  std::int64_t sum = 0;
  for (const auto& [endpoint, history] : histories_) {
    sum += history.messages().size();
  }
  return sum;
}

Grouping Analysis::GroupingIn(const Zone& zone) const {
  return {dimensions_, texts_, campaign_names_, zone.local_time, zone.name};
}

Counted Analysis::Count(const Window& window, const Grouping& grouping) const {
  Counted counted;
  GroupKey key;
  // Everything together is a group even when there is nothing.
  if (dimensions_.empty()) counted.groups.Number(key);
  for (const auto& [endpoint, history] : histories_) {
    for (std::int64_t i = 0; i < history.messages().size(); ++i) {
      if (!window.Has(history.messages()[i].time)) continue;
      grouping.KeyOf(history, endpoint, i, &key);
      counted.messages.push_back({.history = &history,
                                  .number = i,
                                  .group = counted.groups.Number(key)});
    }
  }
  return counted;
}

Answer Analysis::Metrics(const Window& window, const Zone& zone,
                         Delivery delivery) const {
  const Grouping grouping = GroupingIn(zone);
  return MeasuresOf(Count(window, grouping), grouping, delivery);
}

Answer Analysis::Funnel(const Window& window, const Zone& zone,
                        Delivery delivery) const {
  const Grouping grouping = GroupingIn(zone);
  return FunnelOf(Count(window, grouping), grouping, delivery);
}

Answer Analysis::Cohorts(const Window& window, const Zone& zone, bool weekly,
                         const std::vector<std::int64_t>& days,
                         std::int64_t until) const {
  const Grouping grouping = GroupingIn(zone);
  return CohortsOf(Count({}, grouping), grouping,
                   {.window = window,
                    .local_time = zone.local_time,
                    .weekly = weekly,
                    .days = days,
                    .until = until});
}

}  // namespace tuco::python::metrics
