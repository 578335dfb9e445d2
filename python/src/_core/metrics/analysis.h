// Metrics, funnels and cohorts of a table of events. docs/metrics.md has the
// definitions and the columns of the results.

#ifndef TUCO_PYTHON_CORE_METRICS_ANALYSIS_H_
#define TUCO_PYTHON_CORE_METRICS_ANALYSIS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/c_data.h"
#include "_core/metrics/grouping.h"
#include "_core/metrics/history.h"
#include "_core/metrics/local_time.h"

namespace tuco::python::metrics {

// Which messages count: those from `begin` to before `end`; with neither, those
// without a time too.
struct Window {
  std::optional<std::int64_t> begin;
  std::optional<std::int64_t> end;

  bool Has(std::int64_t time) const {
    if (time == kNever) return !begin.has_value() && !end.has_value();
    return (!begin.has_value() || time >= *begin) &&
           (!end.has_value() || time < *end);
  }
};

// Hours, days and weeks of a time zone, whose name is the one that Arrow knows.
struct Zone {
  LocalTime local_time;
  std::string name;
};

// A message that counts, and in which group.
struct CountedMessage {
  const History* history;
  std::int64_t number;  // In the history.
  std::size_t group;

  const Message& message() const { return history->messages()[number]; }
};

// The messages that count, in their groups.
struct Counted {
  Groups groups;
  std::vector<CountedMessage> messages;
};

// A result, and how many messages it is about.
struct Answer {
  std::shared_ptr<const arrow::Table> table;
  std::int64_t messages = 0;
  // Of cohorts: messages that reached nobody who is known.
  std::int64_t without_contact = 0;
};

// What a table was made into, and what it is asked. Immutable.
class Analysis {
 public:
  // Reads the whole stream. Messages are told apart by `dimensions` later on;
  // with kEndpoint among them, each endpoint's events are a table of their own.
  // Throws as EventReader. `window` as for History::MatchReplies.
  Analysis(ArrowArrayStream* stream, std::vector<Dimension> dimensions,
           const Selection& selection, std::int64_t window);

  // The first and the last time of any event, message or reply, which a zone
  // has to be known for; kNever where there is none.
  std::int64_t first_time() const { return first_time_; }
  std::int64_t last_time() const { return last_time_; }
  // Of all histories, and how many messages they have.
  Coverage coverage() const;
  std::int64_t messages() const;

  Answer Metrics(const Window& window, const Zone& zone,
                 Delivery delivery) const;
  Answer Funnel(const Window& window, const Zone& zone,
                Delivery delivery) const;
  // `weekly` or daily cohorts, by the first message that reached each contact;
  // whether the contact replied within each of `days`, as far as that is known
  // at `until`.
  Answer Cohorts(const Window& window, const Zone& zone, bool weekly,
                 const std::vector<std::int64_t>& days,
                 std::int64_t until) const;

 private:
  Counted Count(const Window& window, const Grouping& grouping) const;
  Grouping GroupingIn(const Zone& zone) const;
  void Add(const EventRow& event, const Selection& selection);
  void SeeTime(std::int64_t time);

  const std::vector<Dimension> dimensions_;
  const bool by_endpoint_;
  Texts texts_;
  CampaignNames campaign_names_;
  // By the endpoint; of all events together, that of kNone.
  std::map<std::int64_t, History> histories_;
  std::int64_t first_time_ = kNever;
  std::int64_t last_time_ = kNever;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_ANALYSIS_H_
