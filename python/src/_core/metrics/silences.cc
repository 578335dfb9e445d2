#include "_core/metrics/silences.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

namespace tuco::python::metrics {
namespace {

// Hours of UTC from the first event's, each with the events in it.
struct Hours {
  std::int64_t first;
  std::vector<std::int64_t> events;

  std::int64_t Begin(std::size_t hour) const {
    return (first + static_cast<std::int64_t>(hour)) * kHourUs;
  }
};

Hours CountHours(const std::vector<std::int64_t>& times, std::int64_t until) {
  Hours hours{.first = FloorDiv(times.front(), kHourUs), .events = {}};
  hours.events.resize(
      static_cast<std::size_t>(FloorDiv(until, kHourUs) - hours.first) + 1);
  for (const std::int64_t time : times) {
    ++hours.events[static_cast<std::size_t>(FloorDiv(time, kHourUs) -
                                            hours.first)];
  }
  return hours;
}

// Numbers of comparable stretches of time: hours, or days. Of each what the
// others had.
class Peers {
 public:
  // Fewer than these tell nothing.
  static constexpr std::size_t kMin = 3;

  void Add(std::int64_t kind, std::int64_t events) {
    counts_[kind].push_back(events);
  }
  void Sort() {
    for (auto& [kind, counts] : counts_)
      std::sort(counts.begin(), counts.end());
  }
  // The quantile at `share` of what the others of its kind had, for one that
  // had `events`.
  std::optional<double> OfOthers(std::int64_t kind, std::int64_t events,
                                 double share) const {
    const std::vector<std::int64_t>& counts = counts_.at(kind);
    const std::size_t others = counts.size() - 1;
    if (others < kMin) return std::nullopt;
    auto at = static_cast<std::size_t>(static_cast<double>(others - 1) * share);
    if (events <= counts[at]) ++at;  // Itself is left out.
    return static_cast<double>(counts[at]);
  }

 private:
  std::map<std::int64_t, std::vector<std::int64_t>> counts_;
};

// What to expect of stretches of time: the median of the same one in other
// weeks; without enough weeks, a low quartile of other days of the same sort,
// working days or weekends; else nothing.
class Expectation {
 public:
  void Add(std::int64_t of_week, std::int64_t of_sort, std::int64_t events) {
    by_week_.Add(of_week, events);
    by_sort_.Add(of_sort, events);
  }
  void Finish() {
    by_week_.Sort();
    by_sort_.Sort();
  }
  double Get(std::int64_t of_week, std::int64_t of_sort,
             std::int64_t events) const {
    constexpr double kMedian = 0.5;
    constexpr double kLowQuartile = 0.25;
    const auto known = by_week_.OfOthers(of_week, events, kMedian);
    if (known.has_value()) return *known;
    return by_sort_.OfOthers(of_sort, events, kLowQuartile).value_or(0);
  }

 private:
  Peers by_week_;
  Peers by_sort_;
};

bool IsWeekend(std::int64_t day_of_week) { return day_of_week >= 6; }

// The number of events to expect in each hour, by the same hour of the week.
std::vector<double> ExpectByHour(const Hours& hours, const LocalTime& local) {
  const auto kinds = [&](std::size_t hour) {
    const std::int64_t begin = hours.Begin(hour);
    const std::int64_t of_day = local.HourOfDay(begin);
    const std::int64_t day = local.DayOfWeek(begin);
    const std::int64_t of_sort = IsWeekend(day) ? 24 + of_day : of_day;
    return std::pair(24 * day + of_day, of_sort);
  };
  Expectation expectation;
  for (std::size_t i = 0; i < hours.events.size(); ++i) {
    const auto [of_week, of_sort] = kinds(i);
    expectation.Add(of_week, of_sort, hours.events[i]);
  }
  expectation.Finish();
  std::vector<double> expected;
  expected.reserve(hours.events.size());
  for (std::size_t i = 0; i < hours.events.size(); ++i) {
    const auto [of_week, of_sort] = kinds(i);
    expected.push_back(expectation.Get(of_week, of_sort, hours.events[i]));
  }
  return expected;
}

// The same by the same day of the week, spread evenly over its hours.
std::vector<double> ExpectByDay(const Hours& hours, const LocalTime& local) {
  struct Day {
    std::int64_t day_of_week = 0;
    std::int64_t events = 0;
    int hours = 0;
  };
  std::map<std::int64_t, Day> days;
  for (std::size_t i = 0; i < hours.events.size(); ++i) {
    Day& day = days[local.Day(hours.Begin(i))];
    day.day_of_week = local.DayOfWeek(hours.Begin(i));
    day.events += hours.events[i];
    ++day.hours;
  }
  Expectation expectation;
  for (const auto& [date, day] : days) {
    expectation.Add(day.day_of_week, IsWeekend(day.day_of_week) ? 1 : 0,
                    day.events);
  }
  expectation.Finish();
  std::vector<double> expected;
  expected.reserve(hours.events.size());
  for (std::size_t i = 0; i < hours.events.size(); ++i) {
    const Day& day = days[local.Day(hours.Begin(i))];
    expected.push_back(expectation.Get(day.day_of_week,
                                       IsWeekend(day.day_of_week) ? 1 : 0,
                                       day.events) /
                       24);
  }
  return expected;
}

// Time measured in events to be expected.
class Clock {
 public:
  Clock(const Hours& hours, std::vector<double> expected)
      : begin_(hours.Begin(0)), expected_(std::move(expected)), passed_{0} {
    for (const double events : expected_) {
      passed_.push_back(passed_.back() + events);
    }
  }
  // From the first hour's begin to `time`, which is in one of the hours.
  double At(std::int64_t time) const {
    const auto hour = static_cast<std::size_t>((time - begin_) / kHourUs);
    const auto part = static_cast<double>((time - begin_) % kHourUs);
    return passed_[hour] +
           expected_[hour] * part / static_cast<double>(kHourUs);
  }

 private:
  std::int64_t begin_;
  std::vector<double> expected_;
  std::vector<double> passed_;
};

// Gumbel's distribution of the longest gap of a day.
struct Usual {
  double place;
  double width;
  double days;

  // How many gaps of at least that length are to be expected in all days.
  double Expected(double length) const {
    return days * -std::expm1(-std::exp(-(length - place) / width));
  }
};

// Of values that are sorted.
double At(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(
      std::lround(static_cast<double>(sorted.size() - 1) * share))];
}

// What is usual by the longest gaps of days; nothing when they are too few.
// Outages are among them: quantiles up to the ninth decile do not mind.
std::optional<Usual> FitUsual(std::vector<double> longest) {
  if (longest.size() < kSilenceDaysMin) return std::nullopt;
  std::sort(longest.begin(), longest.end());
  const double median = At(longest, 0.5);
  // Of the standard distribution: -log(-log(share)), and differences of those.
  constexpr double kMedian = 0.366513;
  constexpr double kBetweenQuartiles = 1.572533;
  constexpr double kMedianToDecile = 1.883854;
  // Without any crowding the width is 1: so sure one may be, and not more.
  const double width = std::max(
      {1.0, (At(longest, 0.75) - At(longest, 0.25)) / kBetweenQuartiles,
       (At(longest, 0.9) - median) / kMedianToDecile});
  return Usual{.place = median - kMedian * width,
               .width = width,
               .days = static_cast<double>(longest.size())};
}

// The longest gap that begins on each day, of days with enough traffic.
std::vector<double> LongestGaps(const std::vector<std::int64_t>& times,
                                const LocalTime& local, const Clock& clock) {
  std::map<std::int64_t, std::pair<double, double>> days;  // Longest, all.
  for (std::size_t i = 0; i + 1 < times.size(); ++i) {
    const double gap = clock.At(times[i + 1]) - clock.At(times[i]);
    auto& [longest, all] = days[local.Day(times[i])];
    longest = std::max(longest, gap);
    all += gap;
  }
  // Days on which hardly anything is to be expected would say that no gaps are
  // usual.
  constexpr double kEnough = 3;
  std::vector<double> gaps;
  for (const auto& [day, gap] : days) {
    if (gap.second >= kEnough) gaps.push_back(gap.first);
  }
  return gaps;
}

void Find(const std::vector<std::int64_t>& times, const LocalTime& local,
          const Clock& clock, const SilenceOptions& options,
          std::map<std::int64_t, Silence>* found) {
  const std::optional<Usual> usual = FitUsual(LongestGaps(times, local, clock));
  if (!usual.has_value()) return;
  constexpr double kScales = 2;  // Hours and days, either of which may err.
  const auto consider = [&](std::int64_t begin, std::int64_t end) {
    if (end - begin < options.at_least) return;
    const double expected = clock.At(end) - clock.At(begin);
    const double alarms = kScales * usual->Expected(expected);
    if (alarms > options.false_alarms) return;
    const auto [place, added] =
        found->try_emplace(begin, Silence{begin, end, expected, alarms});
    if (!added && alarms < place->second.false_alarms) {
      place->second = {begin, end, expected, alarms};
    }
  };
  for (std::size_t i = 0; i + 1 < times.size(); ++i) {
    consider(times[i], times[i + 1]);
  }
  if (options.until.has_value()) consider(times.back(), *options.until);
}

}  // namespace

std::vector<Silence> FindSilences(const std::vector<std::int64_t>& times,
                                  const LocalTime& local_time,
                                  const SilenceOptions& options) {
  if (times.empty()) return {};
  const std::int64_t until = options.until.value_or(times.back());
  const Hours hours = CountHours(times, until);
  std::map<std::int64_t, Silence> found;
  Find(times, local_time, Clock(hours, ExpectByHour(hours, local_time)),
       options, &found);
  Find(times, local_time, Clock(hours, ExpectByDay(hours, local_time)), options,
       &found);
  std::vector<Silence> silences;
  silences.reserve(found.size());
  for (const auto& [begin, silence] : found) silences.push_back(silence);
  return silences;
}

}  // namespace tuco::python::metrics
