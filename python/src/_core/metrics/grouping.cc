#include "_core/metrics/grouping.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "_core/arrow/builders.h"

namespace tuco::python::metrics {
namespace {

constexpr std::string_view kDate = "tdD";
constexpr std::string_view kTimestampIn = "tsu:";

struct DimensionInfo {
  std::string_view name;
  std::optional<Text> text;
  std::optional<Attribute> attribute;
};

// In the order of Dimension.
constexpr std::array<DimensionInfo, 11> kDimensions = {{
    {"workspace", Text::kWorkspace, Attribute::kWorkspace},
    {"endpoint", Text::kEndpoint, std::nullopt},
    {"line", Text::kLine, Attribute::kLine},
    {"campaign", Text::kCampaign, Attribute::kCampaign},
    {"step", std::nullopt, Attribute::kStep},
    {"channel", Text::kChannel, Attribute::kChannel},
    {"hour", std::nullopt, std::nullopt},
    {"day", std::nullopt, std::nullopt},
    {"week", std::nullopt, std::nullopt},
    {"hour_of_day", std::nullopt, std::nullopt},
    {"day_of_week", std::nullopt, std::nullopt},
}};

const DimensionInfo& InfoOf(Dimension dimension) {
  return kDimensions[static_cast<std::size_t>(dimension)];
}

std::int64_t UnknownOf(Dimension dimension) {
  return IsOfTime(dimension) ? kNever : kNone;
}

template <typename T>
arrow::ArrayPtr NumberColumn(const std::vector<std::int64_t>& values,
                             std::int64_t unknown) {
  arrow::FixedBuilder<T> column;
  for (const std::int64_t value : values) {
    if (value == unknown) {
      column.AppendNull();
    } else {
      column.Append(static_cast<T>(value));
    }
  }
  return column.Finish(static_cast<std::int64_t>(values.size()));
}

}  // namespace

std::optional<Dimension> DimensionFromName(std::string_view name) {
  for (std::size_t i = 0; i < kDimensions.size(); ++i) {
    if (kDimensions[i].name == name) return static_cast<Dimension>(i);
  }
  return std::nullopt;
}

std::string_view DimensionName(Dimension dimension) {
  return InfoOf(dimension).name;
}

bool IsOfTime(Dimension dimension) { return dimension >= Dimension::kHour; }

std::optional<Text> TextOf(Dimension dimension) {
  return InfoOf(dimension).text;
}

void CampaignNames::Add(const EventRow& event, const Texts& texts) {
  const std::int64_t name = event.text(Text::kCampaignName);
  const std::int64_t campaign = event.text(Text::kCampaign);
  if (name == kNone || campaign == kNone) return;
  // An event without a time counts as the first.
  const std::int64_t time =
      event.occurred_at == kNever ? kFirstTime - 1 : event.occurred_at;
  const auto [place, added] =
      names_.try_emplace(campaign, Named{.time = time, .name = name});
  Named& named = place->second;
  const auto rank = [&](std::int64_t when, std::int64_t number) {
    return std::pair(when, texts.Get(Text::kCampaignName, number));
  };
  if (rank(time, name) > rank(named.time, named.name)) named = {time, name};
}

std::int64_t CampaignNames::Get(std::int64_t campaign) const {
  const auto found = names_.find(campaign);
  return found == names_.end() ? kNone : found->second.name;
}

std::size_t Groups::Hash::operator()(const GroupKey& key) const {
  // Values are numbers that nobody outside chooses, or times.
  std::uint64_t hash = key.size();
  for (const std::int64_t value : key) {
    hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32;
  }
  return hash;
}

std::size_t Groups::Number(const GroupKey& key) {
  const auto [place, added] = numbers_.try_emplace(key, keys_.size());
  if (added) keys_.push_back(&place->first);
  return place->second;
}

Grouping::Grouping(std::vector<Dimension> dimensions, const Texts& texts,
                   const CampaignNames& names, const LocalTime& local_time,
                   std::string time_zone)
    : dimensions_(std::move(dimensions)),
      texts_(texts),
      names_(names),
      local_time_(local_time),
      time_zone_(std::move(time_zone)) {}

void Grouping::KeyOf(const History& history, std::int64_t endpoint,
                     std::int64_t message, GroupKey* key) const {
  key->clear();
  for (const Dimension dimension : dimensions_) {
    key->push_back(ValueOf(dimension, history, endpoint, message));
  }
}

std::int64_t Grouping::ValueOf(Dimension dimension, const History& history,
                               std::int64_t endpoint,
                               std::int64_t message) const {
  if (dimension == Dimension::kEndpoint) return endpoint;
  if (IsOfTime(dimension)) {
    return TimeValue(dimension, history.messages()[message].time);
  }
  return history.messages().Get(*InfoOf(dimension).attribute, message);
}

std::int64_t Grouping::TimeValue(Dimension dimension, std::int64_t time) const {
  if (time == kNever) return kNever;
  switch (dimension) {
    case Dimension::kHour:
      return local_time_.HourBegin(time);
    case Dimension::kWeek:
      return local_time_.Monday(time);
    case Dimension::kHourOfDay:
      return local_time_.HourOfDay(time);
    case Dimension::kDayOfWeek:
      return local_time_.DayOfWeek(time);
    default:
      return local_time_.Day(time);
  }
}

bool Grouping::Less(Dimension dimension, std::int64_t a, std::int64_t b) const {
  const std::int64_t unknown = UnknownOf(dimension);
  if (a == unknown || b == unknown) return a != unknown;
  const std::optional<Text> text = InfoOf(dimension).text;
  return text.has_value() ? texts_.Get(*text, a) < texts_.Get(*text, b) : a < b;
}

std::vector<std::size_t> Grouping::Sorted(const Groups& groups) const {
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    for (std::size_t i = 0; i < dimensions_.size(); ++i) {
      const std::int64_t left = groups[a][i];
      const std::int64_t right = groups[b][i];
      if (left != right) return Less(dimensions_[i], left, right);
    }
    return false;
  });
  return order;
}

std::vector<arrow::Field> Grouping::Fields() const {
  std::vector<arrow::Field> fields;
  for (const Dimension dimension : dimensions_) {
    std::string format(arrow::kInt64);
    if (TextOf(dimension).has_value()) format = arrow::kUtf8;
    if (dimension == Dimension::kHour) {
      format = std::string(kTimestampIn) + time_zone_;
    }
    if (dimension == Dimension::kDay || dimension == Dimension::kWeek) {
      format = kDate;
    }
    fields.push_back(arrow::Column(DimensionName(dimension), format));
    if (dimension == Dimension::kCampaign) {
      fields.push_back(arrow::Column("campaign_name", arrow::kUtf8));
    }
  }
  return fields;
}

std::vector<arrow::ArrayPtr> Grouping::Columns(
    const Groups& groups, const std::vector<std::size_t>& order,
    std::size_t repeats) const {
  std::vector<arrow::ArrayPtr> columns;
  for (std::size_t i = 0; i < dimensions_.size(); ++i) {
    std::vector<std::int64_t> values;
    for (const std::size_t group : order) {
      values.insert(values.end(), repeats, groups[group][i]);
    }
    columns.push_back(Column(dimensions_[i], values));
    if (dimensions_[i] != Dimension::kCampaign) continue;
    for (std::int64_t& value : values) {
      if (value != kNone) value = names_.Get(value);
    }
    columns.push_back(TextColumn(Text::kCampaignName, values));
  }
  return columns;
}

arrow::ArrayPtr Grouping::Column(
    Dimension dimension, const std::vector<std::int64_t>& values) const {
  if (const std::optional<Text> text = TextOf(dimension); text.has_value()) {
    return TextColumn(*text, values);
  }
  if (dimension == Dimension::kDay || dimension == Dimension::kWeek) {
    return NumberColumn<std::int32_t>(values, kNever);
  }
  return NumberColumn<std::int64_t>(values, UnknownOf(dimension));
}

arrow::ArrayPtr Grouping::TextColumn(
    Text text, const std::vector<std::int64_t>& values) const {
  arrow::Utf8Builder column;
  for (const std::int64_t value : values) {
    if (value == kNone) {
      column.AppendNull();
    } else {
      column.Append(texts_.Get(text, value));
    }
  }
  return column.Finish(static_cast<std::int64_t>(values.size()));
}

}  // namespace tuco::python::metrics
