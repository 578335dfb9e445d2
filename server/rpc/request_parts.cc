#include "server/rpc/request_parts.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/rpc/limits.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using google::protobuf::util::TimeUtil;

constexpr std::int32_t kNanosOfSecond = 1'000'000'000;

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsNameCharacter(char c) {
  return IsLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
}

bool IsValid(const google::protobuf::Timestamp& time) {
  return time.seconds() >= TimeUtil::kTimestampMinSeconds &&
         time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
         time.nanos() >= 0 && time.nanos() < kNanosOfSecond;
}

// The log knows microseconds: what was recorded at or after `time` was
// recorded at or after the next whole one.
Timestamp RoundedUp(const google::protobuf::Timestamp& time) {
  return Timestamp(std::chrono::seconds(time.seconds()) +
                   std::chrono::ceil<std::chrono::microseconds>(
                       std::chrono::nanoseconds(time.nanos())));
}

// The entries of a list field, when there are not too many of them.
absl::StatusOr<std::vector<std::string>> ToTexts(
    std::string_view filter, std::string_view list,
    const google::protobuf::RepeatedPtrField<std::string>& entries) {
  if (entries.size() > kFilterEntriesMax) {
    return proto::FieldViolation(
        Concat({filter, list}),
        Concat({"expected at most ", std::to_string(kFilterEntriesMax),
                " entries, found ", std::to_string(entries.size())}));
  }
  return std::vector<std::string>(entries.begin(), entries.end());
}

absl::Status ReadTypes(const pb::EventFilter& request, std::string_view field,
                       log::Filter& filter) {
  for (const int type : request.types()) {
    if (type == pb::EVENT_TYPE_UNSPECIFIED || !pb::EventType_IsValid(type)) {
      return proto::FieldViolation(
          Concat({field, ".types"}),
          Concat({"expected a known type; other events are selected by ", field,
                  ".type_names"}));
    }
    if (filter.types.size() < pb::EventType_ARRAYSIZE) {
      filter.types.push_back(static_cast<EventType>(type));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Flags> ToFlags(
    std::string_view filter, std::string_view list,
    const google::protobuf::RepeatedField<int>& entries) {
  Flags flags;
  for (const int flag : entries) {
    if (flag == pb::FLAG_UNSPECIFIED || !pb::Flag_IsValid(flag)) {
      return proto::FieldViolation(Concat({filter, list}),
                                   "expected a known flag");
    }
    flags.Add(static_cast<Flag>(flag));
  }
  return flags;
}

absl::Status ReadTest(const pb::EventFilter& request, std::string_view field,
                      log::Filter& filter) {
  switch (request.test()) {
    case pb::TEST_FILTER_UNSPECIFIED:
    case pb::TEST_FILTER_INCLUDE:
      filter.test = log::Filter::Test::kInclude;
      return absl::OkStatus();
    case pb::TEST_FILTER_EXCLUDE:
      filter.test = log::Filter::Test::kExclude;
      return absl::OkStatus();
    case pb::TEST_FILTER_ONLY:
      filter.test = log::Filter::Test::kOnly;
      return absl::OkStatus();
    default:
      return proto::FieldViolation(
          Concat({field, ".test"}),
          "expected TEST_FILTER_INCLUDE, TEST_FILTER_EXCLUDE or "
          "TEST_FILTER_ONLY");
  }
}

}  // namespace

absl::StatusOr<stream::FromTime> ToFromTime(
    const google::protobuf::Timestamp& time) {
  if (!IsValid(time)) {
    return proto::FieldViolation("from_time",
                                 "expected a time of the years 0001 to 9999");
  }
  return stream::FromTime{RoundedUp(time)};
}

absl::StatusOr<stream::Position> FromAnchor(pb::Anchor anchor) {
  if (anchor == pb::ANCHOR_EARLIEST) return stream::Earliest{};
  if (anchor == pb::ANCHOR_LATEST) return stream::Latest{};
  return proto::FieldViolation("anchor",
                               "expected ANCHOR_EARLIEST or ANCHOR_LATEST");
}

absl::StatusOr<log::Filter> ToFilter(const pb::EventFilter& request,
                                     std::string_view field) {
  log::Filter filter;
  TUCO_RETURN_IF_ERROR(ReadTypes(request, field, filter));
  TUCO_ASSIGN_OR_RETURN(filter.flags,
                        ToFlags(field, ".flags", request.flags()));
  TUCO_ASSIGN_OR_RETURN(filter.without_flags, ToFlags(field, ".without_flags",
                                                      request.without_flags()));
  TUCO_RETURN_IF_ERROR(ReadTest(request, field, filter));
  TUCO_ASSIGN_OR_RETURN(filter.type_names,
                        ToTexts(field, ".type_names", request.type_names()));
  TUCO_ASSIGN_OR_RETURN(filter.endpoints,
                        ToTexts(field, ".endpoints", request.endpoints()));
  TUCO_ASSIGN_OR_RETURN(filter.workspaces,
                        ToTexts(field, ".workspaces", request.workspaces()));
  TUCO_ASSIGN_OR_RETURN(filter.lines,
                        ToTexts(field, ".lines", request.lines()));
  TUCO_ASSIGN_OR_RETURN(filter.campaigns,
                        ToTexts(field, ".campaigns", request.campaigns()));
  filter.message_id = request.message_id();
  filter.lead_id = request.lead_id();
  filter.phone = request.phone();
  return filter;
}

absl::StatusOr<std::chrono::microseconds> ToDuration(
    std::string_view field, const google::protobuf::Duration& duration,
    DurationRange range) {
  const std::string expected =
      Concat({"expected ", std::to_string(range.min.count()), " s to ",
              std::to_string(range.max.count()), " s, found "});
  if (duration.nanos() < 0 || duration.nanos() >= kNanosOfSecond) {
    return proto::FieldViolation(
        field, Concat({expected, std::to_string(duration.nanos()), " nanos"}));
  }
  const bool in_range =
      duration.seconds() >= range.min.count() &&
      (duration.seconds() < range.max.count() ||
       (duration.seconds() == range.max.count() && duration.nanos() == 0));
  if (!in_range) {
    return proto::FieldViolation(
        field, Concat({expected, std::to_string(duration.seconds()), " s and ",
                       std::to_string(duration.nanos()), " ns"}));
  }
  return std::chrono::seconds(duration.seconds()) +
         std::chrono::ceil<std::chrono::microseconds>(
             std::chrono::nanoseconds(duration.nanos()));
}

absl::StatusOr<std::chrono::seconds> ToSeconds(
    std::string_view field, const google::protobuf::Duration& duration,
    DurationRange range) {
  TUCO_RETURN_IF_ERROR(ToDuration(field, duration, range).status());
  if (duration.nanos() != 0) {
    return proto::FieldViolation(
        field, Concat({"expected whole seconds, found ",
                       std::to_string(duration.nanos()), " nanos"}));
  }
  return std::chrono::seconds(duration.seconds());
}

absl::Status CheckSubscriptionName(std::string_view field,
                                   std::string_view name) {
  const bool good = !name.empty() && name.size() <= kSubscriptionNameMax &&
                    IsLetterOrDigit(name.front()) &&
                    std::all_of(name.begin(), name.end(), IsNameCharacter);
  if (good) return absl::OkStatus();
  return proto::FieldViolation(
      field,
      Concat({"expected 1 to ", std::to_string(kSubscriptionNameMax),
              " of the characters a-z, 0-9, '-', '_' and '.', the first one a "
              "letter or a digit; found ",
              !name.empty() && name.size() <= kSubscriptionNameMax
                  ? "another character"
                  : Concat({std::to_string(name.size()), " characters"})}));
}

}  // namespace tuco::rpc
