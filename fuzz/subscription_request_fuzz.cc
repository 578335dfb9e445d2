// Property: whatever a request about subscriptions holds, it is read into what
// the server can be asked for, or refused as InvalidArgument with the field at
// fault in its details; and settings that are stored are read back as they
// were. Input: a byte that says which message, then that message.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "fuzz/check.h"
#include "google/rpc/status_details.pb.h"
#include "server/rpc/consume_request.h"
#include "server/rpc/request_parts.h"
#include "server/rpc/stream_request.h"
#include "server/rpc/subscription_settings.h"
#include "tuco/events/v1/event_service.pb.h"

namespace {

namespace pb = tuco::events::v1;
using tuco::stream::SubscriptionSettings;

template <typename Message>
std::optional<Message> Parse(std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return std::nullopt;
  }
  return message;
}

// Whether it is OK; else it must name a field.
bool Check(const absl::Status& status) {
  if (status.ok()) return true;
  FUZZ_CHECK(absl::IsInvalidArgument(status));
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  FUZZ_CHECK(payload.has_value());
  google::rpc::BadRequest details;
  FUZZ_CHECK(details.ParseFromString(static_cast<std::string>(*payload)));
  FUZZ_CHECK(details.field_violations_size() == 1);
  FUZZ_CHECK(!details.field_violations(0).field().empty());
  // It travels in a trailer, which clients bound.
  FUZZ_CHECK(status.message().size() < 1'024);
  return false;
}

void CheckSettings(const absl::StatusOr<SubscriptionSettings>& settings) {
  if (!Check(settings.status())) return;
  const auto read = tuco::rpc::ReadSettings(settings->stored);
  FUZZ_CHECK(read.ok());
  FUZZ_CHECK(read->stored == settings->stored);
  FUZZ_CHECK(read->mode == settings->mode);
  FUZZ_CHECK(read->filter == settings->filter);
  FUZZ_CHECK(read->ack_deadline == settings->ack_deadline);
  FUZZ_CHECK(read->backoff_min == settings->backoff_min);
  FUZZ_CHECK(read->backoff_max >= read->backoff_min);
  FUZZ_CHECK(read->expires_after == settings->expires_after);
}

void TryCreate(std::string_view bytes) {
  const auto request = Parse<pb::CreateSubscriptionRequest>(bytes);
  if (!request.has_value()) return;
  Check(tuco::rpc::CheckSubscriptionName("subscription.name",
                                         request->subscription().name()));
  Check(tuco::rpc::ToPosition(*request).status());
  CheckSettings(tuco::rpc::ToSettings(request->subscription()));
}

void TryUpdate(std::string_view bytes) {
  const auto request = Parse<pb::UpdateSubscriptionRequest>(bytes);
  if (!request.has_value()) return;
  if (!Check(tuco::rpc::CheckUpdateMask(request->update_mask()))) return;
  for (const auto mode :
       {pb::SUBSCRIPTION_MODE_CURSOR, pb::SUBSCRIPTION_MODE_SHARED}) {
    pb::Subscription present;
    present.set_mode(mode);
    CheckSettings(tuco::rpc::WithChanges(*tuco::rpc::ToSettings(present),
                                         request->subscription(),
                                         request->update_mask()));
  }
}

void TryConsume(std::string_view bytes) {
  const auto request = Parse<pb::ConsumeRequest>(bytes);
  if (!request.has_value()) return;
  Check(tuco::rpc::ToConsumerOptions(*request).status());
  const auto verdicts = tuco::rpc::ToVerdicts(*request);
  if (!Check(verdicts.status())) return;
  FUZZ_CHECK(verdicts->size() ==
             static_cast<std::size_t>(request->verdicts_size()));
}

void TryStream(std::string_view bytes) {
  const auto request = Parse<pb::StreamEventsRequest>(bytes);
  if (!request.has_value()) return;
  Check(tuco::rpc::ToStreamOptions(*request).status());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = tuco::fuzz::Text(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      TryCreate(bytes);
      break;
    case 1:
      TryUpdate(bytes);
      break;
    case 2:
      TryConsume(bytes);
      break;
    default:
      TryStream(bytes);
  }
  return 0;
}
