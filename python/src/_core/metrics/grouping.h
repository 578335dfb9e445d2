// Groups of messages: what `by` and `window` ask for.

#ifndef TUCO_PYTHON_CORE_METRICS_GROUPING_H_
#define TUCO_PYTHON_CORE_METRICS_GROUPING_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/metrics/event_reader.h"
#include "_core/metrics/history.h"
#include "_core/metrics/local_time.h"

namespace tuco::python::metrics {

// What messages are told apart by.
enum class Dimension : std::uint8_t {
  kWorkspace,
  kEndpoint,
  kLine,
  kCampaign,
  kStep,
  kChannel,
  kHour,       // The instant at which the hour began.
  kDay,        // The date.
  kWeek,       // The date of its Monday.
  kHourOfDay,  // 0 to 23.
  kDayOfWeek,  // 1, Monday, to 7.
};

// The dimension of that name, such as "hour_of_day".
std::optional<Dimension> DimensionFromName(std::string_view name);
std::string_view DimensionName(Dimension dimension);
// Whether it is made of a message's time.
bool IsOfTime(Dimension dimension);
// The column that it is read from, unless that is read anyway or is no text.
std::optional<Text> TextOf(Dimension dimension);

// A value of each dimension; kNone, or kNever of times, where it is unknown.
using GroupKey = std::vector<std::int64_t>;

// The names of campaigns: of each the one that came last, of several at the
// same time the greatest.
class CampaignNames {
 public:
  void Add(const EventRow& event, const Texts& texts);
  // The number of the name, kNone without one.
  std::int64_t Get(std::int64_t campaign) const;

 private:
  struct Named {
    std::int64_t time;
    std::int64_t name;
  };
  std::map<std::int64_t, Named> names_;
};

// Numbers groups, and sorts them in the end. One thread at a time.
class Groups {
 public:
  // From 0, in the order in which the keys first came.
  std::size_t Number(const GroupKey& key);
  std::size_t size() const { return keys_.size(); }
  const GroupKey& operator[](std::size_t number) const {
    return *keys_[number];
  }

 private:
  struct Hash {
    std::size_t operator()(const GroupKey& key) const;
  };
  std::unordered_map<GroupKey, std::size_t, Hash> numbers_;
  std::vector<const GroupKey*> keys_;  // In `numbers_`, where they stay.
};

// Makes keys of messages, and columns of keys. Immutable; what it is made of
// must outlive it.
class Grouping {
 public:
  Grouping(std::vector<Dimension> dimensions, const Texts& texts,
           const CampaignNames& names, const LocalTime& local_time,
           std::string time_zone);

  // `endpoint` is the one whose view `history` is, kNone where it is of all.
  void KeyOf(const History& history, std::int64_t endpoint,
             std::int64_t message, GroupKey* key) const;

  // The numbers of the groups in the order of their values, dimension by
  // dimension: texts by their bytes, what is unknown last.
  std::vector<std::size_t> Sorted(const Groups& groups) const;

  // Columns of the groups' values, in the given order and each group `repeats`
  // times; behind that of campaigns one of their names.
  std::vector<arrow::Field> Fields() const;
  std::vector<arrow::ArrayPtr> Columns(const Groups& groups,
                                       const std::vector<std::size_t>& order,
                                       std::size_t repeats) const;

 private:
  std::int64_t ValueOf(Dimension dimension, const History& history,
                       std::int64_t endpoint, std::int64_t message) const;
  std::int64_t TimeValue(Dimension dimension, std::int64_t time) const;
  bool Less(Dimension dimension, std::int64_t a, std::int64_t b) const;
  arrow::ArrayPtr Column(Dimension dimension,
                         const std::vector<std::int64_t>& values) const;
  arrow::ArrayPtr TextColumn(Text text,
                             const std::vector<std::int64_t>& values) const;

  const std::vector<Dimension> dimensions_;
  const Texts& texts_;
  const CampaignNames& names_;
  const LocalTime& local_time_;
  const std::string time_zone_;
};

}  // namespace tuco::python::metrics

#endif  // TUCO_PYTHON_CORE_METRICS_GROUPING_H_
