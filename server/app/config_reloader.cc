#include "server/app/config_reloader.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <utility>

#include "server/app/config_report.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

using base::Log;
using base::Severity;

// What a server takes while it serves, of what ListSettings lists. Endpoints
// and their secrets are not among these, and are taken, too.
constexpr std::array<std::string_view, 1> kTakenWhileServing = {
    "http.body_bytes_max"};

bool IsTakenWhileServing(std::string_view key) {
  return std::find(kTakenWhileServing.begin(), kTakenWhileServing.end(), key) !=
         kTakenWhileServing.end();
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += Concat({text.empty() ? "" : ", ", word});
  }
  return text;
}

std::vector<std::string> NamesOf(
    const std::vector<EndpointSettings>& endpoints) {
  std::vector<std::string> names;
  names.reserve(endpoints.size());
  for (const EndpointSettings& endpoint : endpoints) {
    names.push_back(endpoint.name);
  }
  return names;
}

base::Counter& ReloadCounter(base::Metrics& metrics, const char* result) {
  return metrics.GetCounter("tuco_config_reloads_total",
                            "Times that the configuration was read again.",
                            {{"result", result}});
}

}  // namespace

std::vector<std::string> SettingsThatNeedARestart(const ServeConfig& in_force,
                                                  const ServeConfig& wanted) {
  std::vector<std::string> keys;
  const std::vector<ReportedSetting> before = ListSettings(in_force, {});
  const std::vector<ReportedSetting> after = ListSettings(wanted, {});
  for (std::size_t i = 0; i < before.size() && i < after.size(); ++i) {
    if (before[i].value == after[i].value) continue;
    if (IsTakenWhileServing(before[i].key)) continue;
    keys.emplace_back(before[i].key);
  }
  return keys;
}

struct ConfigReloader::Results {
  std::atomic<bool> success = true;
  std::atomic<Timestamp::rep> applied_at_us = 0;
};

ConfigReloader::ConfigReloader(ServeConfig config, base::FileWatch watch,
                               Read read, Apply apply, const base::Clock& clock,
                               base::Metrics& metrics)
    : in_force_(std::move(config)),
      watch_(std::move(watch)),
      read_(std::move(read)),
      apply_(std::move(apply)),
      clock_(clock),
      results_(std::make_shared<Results>()),
      applied_(ReloadCounter(metrics, "applied")),
      failed_(ReloadCounter(metrics, "failed")) {
  results_->applied_at_us = clock_.Now().time_since_epoch().count();
  metrics.AddGauge(
      "tuco_config_reload_success",
      "0 when the configuration could not be read again the last time: what "
      "was in force before is in force.",
      [results = results_] { return results->success ? 1.0 : 0.0; });
  metrics.AddGauge(
      "tuco_config_reload_timestamp_seconds",
      "When the configuration was put in force that is, in seconds since 1970.",
      [results = results_] {
        return static_cast<double>(results->applied_at_us) / 1e6;
      });
}

absl::Status ConfigReloader::Reload(std::string_view because) {
  absl::Status status = ReadAndApply();
  results_->success = status.ok();
  if (!status.ok()) {
    failed_.Increment();
    Log(Severity::kError,
        "the configuration was not reloaded, and all stays as it was",
        {{"because", std::string(because)},
         {"error", std::string(FromAbsl(status.message()))}});
    return status;
  }
  applied_.Increment();
  results_->applied_at_us = clock_.Now().time_since_epoch().count();
  Log(Severity::kInfo, "the configuration was reloaded",
      {{"because", std::string(because)},
       {"endpoints", Join(NamesOf(in_force_.endpoints))}});
  return status;
}

absl::Status ConfigReloader::ReadAndApply() {
  base::FileWatch watch;
  absl::StatusOr<ServePlan> plan = read_(watch);
  // What was wrong is tried again when it changes: the new files are watched
  // even if they cannot be used, and the old ones as long as they are used.
  watch_.Add(watch);
  TUCO_RETURN_IF_ERROR(plan.status());
  TUCO_RETURN_IF_ERROR(
      apply_(plan->config, std::move(plan->endpoints.endpoints)));
  watch_ = std::move(watch);
  const std::vector<std::string> keys =
      SettingsThatNeedARestart(in_force_, plan->config);
  if (!keys.empty()) {
    Log(Severity::kWarning,
        "settings that differ from those in force and need a restart",
        {{"keys", Join(keys)}});
  }
  in_force_.body_bytes_max = plan->config.body_bytes_max;
  in_force_.endpoints = std::move(plan->config.endpoints);
  return absl::OkStatus();
}

void ConfigReloader::Poll() {
  if (const std::optional<std::string> path = watch_.Poll()) {
    Reload(Concat({*path, " has changed"})).IgnoreError();
  }
}

}  // namespace tuco::app
