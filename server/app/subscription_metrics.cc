#include "server/app/subscription_metrics.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tuco::app {
namespace {

using stream::SubscriptionInfo;
using Statistics = stream::Subscriptions::Statistics;

std::vector<base::Sample> Samples(const std::vector<SubscriptionInfo>& infos,
                                  double (*value)(const SubscriptionInfo&)) {
  std::vector<base::Sample> samples;
  samples.reserve(infos.size());
  for (const SubscriptionInfo& info : infos) {
    samples.push_back({{{"subscription", info.name}}, value(info)});
  }
  return samples;
}

std::vector<base::GaugeFamily> Families(stream::Subscriptions& subscriptions) {
  const absl::StatusOr<std::vector<SubscriptionInfo>> infos =
      subscriptions.List("", stream::kSubscriptionsMax);
  if (!infos.ok()) return {};
  const auto family = [&infos](const char* name, const char* help,
                               double (*value)(const SubscriptionInfo&)) {
    return base::GaugeFamily{name, help, Samples(*infos, value)};
  };
  return {
      family("tuco_subscription_lag_events",
             "Events behind what the subscription has settled.",
             [](const SubscriptionInfo& info) {
               return static_cast<double>(info.lag_events);
             }),
      family("tuco_subscription_oldest_unacknowledged_seconds",
             "How long ago the oldest event was recorded that the subscription "
             "has not settled; 0 without one.",
             [](const SubscriptionInfo& info) {
               return std::chrono::duration<double>(info.oldest_age).count();
             }),
      family("tuco_subscription_outstanding_events",
             "Events that the subscription's consumers hold.",
             [](const SubscriptionInfo& info) {
               return static_cast<double>(info.outstanding);
             }),
      family("tuco_subscription_waiting_events",
             "Events that wait to be delivered again, or for one of their key.",
             [](const SubscriptionInfo& info) {
               return static_cast<double>(info.waiting);
             }),
      family("tuco_subscription_parked_events",
             "Events that the subscription has parked.",
             [](const SubscriptionInfo& info) {
               return static_cast<double>(info.parked);
             }),
  };
}

}  // namespace

void AddSubscriptionMetrics(stream::Subscriptions& subscriptions,
                            base::Metrics& metrics) {
  const auto read = [&subscriptions](std::uint64_t Statistics::*field) {
    return [&subscriptions, field] {
      return static_cast<double>(subscriptions.statistics().*field);
    };
  };
  metrics.AddGauge("tuco_subscriptions", "Subscriptions that there are.",
                   read(&Statistics::subscriptions));
  metrics.AddGauge("tuco_subscription_readers",
                   "Readers and consumers of subscriptions.",
                   read(&Statistics::readers));
  metrics.AddCounter("tuco_subscription_deliveries_total",
                     "Events that were delivered to consumers.",
                     read(&Statistics::delivered));
  metrics.AddCounter("tuco_subscription_redeliveries_total",
                     "Of these, those that were not for the first time.",
                     read(&Statistics::redelivered));
  metrics.AddCounter("tuco_subscription_settled_total",
                     "Events that consumers have settled.",
                     read(&Statistics::settled));
  metrics.AddCounter("tuco_subscription_parked_total",
                     "Events that were parked.", read(&Statistics::parked));
  metrics.AddGauges([&subscriptions] { return Families(subscriptions); });
}

}  // namespace tuco::app
