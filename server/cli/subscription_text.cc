#include "server/cli/subscription_text.h"

#include <google/protobuf/util/time_util.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/event_codec.h"
#include "server/cli/columns.h"
#include "server/cli/terminal_text.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

namespace pb = events::v1;

constexpr std::size_t kNameWidth = 20;
constexpr std::size_t kModeWidth = 6;
constexpr std::size_t kNumberWidth = 8;
constexpr std::size_t kReasonWidth = 14;
constexpr std::size_t kLabelWidth = 16;

// The name of an enum's value without the enum's; of one that this version
// does not know, its number.
std::string ShortName(const std::string& name, std::string_view prefix,
                      int number) {
  return name.empty() ? std::to_string(number) : name.substr(prefix.size());
}

std::string ModeText(const pb::Subscription& subscription) {
  return ShortName(pb::SubscriptionMode_Name(subscription.mode()),
                   "SUBSCRIPTION_MODE_", subscription.mode());
}

// `1.5s`, or `-` without an event that is not settled.
std::string AgeText(const pb::SubscriptionProgress& progress) {
  if (!progress.has_oldest_unacknowledged()) return "-";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1fs",
                progress.oldest_unacknowledged_seconds());
  return text.data();
}

std::string Number(std::uint64_t number) {
  return PadLeft(std::to_string(number), kNumberWidth);
}

std::string Join(const std::vector<std::string>& columns) {
  std::string line;
  for (const std::string& column : columns) {
    line += Concat({line.empty() ? "" : "  ", column});
  }
  return line + "\n";
}

std::string Row(std::string_view label, std::string_view value) {
  return Concat({PadRight(std::string(label), kLabelWidth), value, "\n"});
}

std::string DurationText(const google::protobuf::Duration& duration) {
  return google::protobuf::util::TimeUtil::ToString(duration);
}

std::string FilterText(const pb::Subscription& subscription) {
  if (!subscription.has_filter()) return "every event";
  return EscapeForTerminal(proto::ToJson(subscription.filter()));
}

std::string OrderingText(const pb::Subscription& subscription) {
  if (subscription.ordering_key() == pb::ORDERING_KEY_UNSPECIFIED) {
    return "none";
  }
  return ShortName(pb::OrderingKey_Name(subscription.ordering_key()),
                   "ORDERING_KEY_", subscription.ordering_key());
}

std::string SharedRows(const pb::Subscription& subscription) {
  if (subscription.mode() != pb::SUBSCRIPTION_MODE_SHARED) return "";
  const pb::SubscriptionProgress& progress = subscription.progress();
  return Concat(
      {Row("ack deadline", DurationText(subscription.ack_deadline())),
       Row("max deliveries", std::to_string(subscription.max_deliveries())),
       Row("backoff", Concat({DurationText(subscription.backoff_min()), " to ",
                              DurationText(subscription.backoff_max())})),
       Row("ordering key", OrderingText(subscription)),
       Row("held", std::to_string(progress.outstanding())),
       Row("waiting", std::to_string(progress.waiting())),
       Row("parked", std::to_string(progress.parked()))});
}

std::string OldestText(const pb::SubscriptionProgress& progress) {
  if (!progress.has_oldest_unacknowledged()) return "-";
  return Concat({std::to_string(progress.oldest_unacknowledged()),
                 ", recorded ", AgeText(progress), " ago"});
}

}  // namespace

std::string SubscriptionHeading() {
  return Join({PadRight("NAME", kNameWidth), PadRight("MODE", kModeWidth),
               PadLeft("SETTLED", kNumberWidth), PadLeft("LAG", kNumberWidth),
               PadLeft("OLDEST", kNumberWidth), PadLeft("HELD", kNumberWidth),
               PadLeft("WAITING", kNumberWidth),
               PadLeft("PARKED", kNumberWidth),
               PadLeft("READERS", kNumberWidth)});
}

std::string SubscriptionLine(const pb::Subscription& subscription) {
  const pb::SubscriptionProgress& progress = subscription.progress();
  return Join({PadRight(Word(subscription.name()), kNameWidth),
               PadRight(ModeText(subscription), kModeWidth),
               Number(progress.settled_through()),
               Number(progress.lag_events()),
               PadLeft(AgeText(progress), kNumberWidth),
               Number(progress.outstanding()), Number(progress.waiting()),
               Number(progress.parked()), Number(progress.readers())});
}

std::string SubscriptionDetails(const pb::Subscription& subscription) {
  const pb::SubscriptionProgress& progress = subscription.progress();
  std::string text = Concat(
      {Row("name", Word(subscription.name())),
       Row("mode", ModeText(subscription)),
       Row("filter", FilterText(subscription)),
       Row("expires",
           subscription.has_expires_after()
               ? Concat({"after ", DurationText(subscription.expires_after())})
               : std::string("never")),
       Row("created", TimeColumn(progress.created_at())),
       Row("active", TimeColumn(progress.active_at())),
       Row("settled",
           Concat({std::to_string(progress.settled_through()), " of ",
                   std::to_string(progress.head_sequence())})),
       Row("lag", std::to_string(progress.lag_events())),
       Row("oldest", OldestText(progress)),
       Row("readers", std::to_string(progress.readers()))});
  return text + SharedRows(subscription);
}

std::string ParkedHeading() {
  return Join({PadLeft("SEQUENCE", kNumberWidth), "DELIVERIES",
               PadRight("WHY", kReasonWidth), PadRight("PARKED", kTimeWidth),
               "EVENT"});
}

std::string ParkedLine(const pb::ParkedEvent& parked) {
  const std::string reason = ShortName(pb::ParkReason_Name(parked.reason()),
                                       "PARK_REASON_", parked.reason());
  return Join({Number(parked.event().sequence()),
               PadLeft(std::to_string(parked.deliveries()), 10),
               PadRight(reason, kReasonWidth), TimeColumn(parked.parked_at()),
               Concat({Word(parked.event().type_name()),
                       parked.replaying() ? " (being replayed)" : ""})});
}

}  // namespace tuco::cli
