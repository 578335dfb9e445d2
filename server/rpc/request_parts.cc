#include "server/rpc/request_parts.h"

#include <google/protobuf/util/time_util.h>

#include <chrono>
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

bool IsValid(const google::protobuf::Timestamp& time) {
  return time.seconds() >= TimeUtil::kTimestampMinSeconds &&
         time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
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
    const char* field,
    const google::protobuf::RepeatedPtrField<std::string>& entries) {
  if (entries.size() > kFilterEntriesMax) {
    return proto::FieldViolation(
        field, Concat({"expected at most ", std::to_string(kFilterEntriesMax),
                       " entries, found ", std::to_string(entries.size())}));
  }
  return std::vector<std::string>(entries.begin(), entries.end());
}

absl::Status ReadTypes(const pb::EventFilter& request, log::Filter& filter) {
  for (const int type : request.types()) {
    if (type == pb::EVENT_TYPE_UNSPECIFIED || !pb::EventType_IsValid(type)) {
      return proto::FieldViolation(
          "filter.types",
          "expected a known type; other events are selected "
          "by filter.type_names");
    }
    if (filter.types.size() < pb::EventType_ARRAYSIZE) {
      filter.types.push_back(static_cast<EventType>(type));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadFlags(const pb::EventFilter& request, log::Filter& filter) {
  for (const int flag : request.flags()) {
    if (flag == pb::FLAG_UNSPECIFIED || !pb::Flag_IsValid(flag)) {
      return proto::FieldViolation("filter.flags", "expected a known flag");
    }
    filter.flags.Add(static_cast<Flag>(flag));
  }
  return absl::OkStatus();
}

absl::Status ReadTest(const pb::EventFilter& request, log::Filter& filter) {
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
          "filter.test",
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

absl::StatusOr<log::Filter> ToFilter(const pb::EventFilter& request) {
  log::Filter filter;
  TUCO_RETURN_IF_ERROR(ReadTypes(request, filter));
  TUCO_RETURN_IF_ERROR(ReadFlags(request, filter));
  TUCO_RETURN_IF_ERROR(ReadTest(request, filter));
  TUCO_ASSIGN_OR_RETURN(filter.type_names,
                        ToTexts("filter.type_names", request.type_names()));
  TUCO_ASSIGN_OR_RETURN(filter.workspaces,
                        ToTexts("filter.workspaces", request.workspaces()));
  TUCO_ASSIGN_OR_RETURN(filter.lines, ToTexts("filter.lines", request.lines()));
  TUCO_ASSIGN_OR_RETURN(filter.campaigns,
                        ToTexts("filter.campaigns", request.campaigns()));
  filter.message_id = request.message_id();
  filter.lead_id = request.lead_id();
  filter.phone = request.phone();
  return filter;
}

}  // namespace tuco::rpc
