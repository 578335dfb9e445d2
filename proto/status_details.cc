#include "proto/status_details.h"

#include "absl/strings/cord.h"
#include "google/rpc/status_details.pb.h"
#include "tuco/strings.h"

namespace tuco::proto {
namespace {

constexpr std::string_view kDomain = "tuco.events.v1";
constexpr std::string_view kTypeUrlPrefix = "type.googleapis.com/";

void AddDetail(const google::protobuf::Message& detail, absl::Status& status) {
  status.SetPayload(
      ToAbsl(Concat({kTypeUrlPrefix, detail.GetDescriptor()->full_name()})),
      absl::Cord(detail.SerializeAsString()));
}

}  // namespace

void AddErrorInfo(std::string_view reason,
                  const std::map<std::string, std::string>& metadata,
                  absl::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(kDomain));
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  AddDetail(info, status);
}

absl::Status FieldViolation(std::string_view field,
                            std::string_view description) {
  absl::Status status =
      absl::InvalidArgumentError(Concat({field, ": ", description}));
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(description));
  AddDetail(bad_request, status);
  return status;
}

std::string SerializeDetails(const absl::Status& status) {
  google::rpc::Status message;
  message.set_code(static_cast<int>(status.code()));
  message.set_message(std::string(FromAbsl(status.message())));
  status.ForEachPayload(
      [&message](absl::string_view type_url, const absl::Cord& payload) {
        google::protobuf::Any* detail = message.add_details();
        detail->set_type_url(std::string(FromAbsl(type_url)));
        detail->set_value(static_cast<std::string>(payload));
      });
  return message.details().empty() ? std::string()
                                   : message.SerializeAsString();
}

}  // namespace tuco::proto
