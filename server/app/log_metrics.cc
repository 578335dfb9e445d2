#include "server/app/log_metrics.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tuco/drift.h"
#include "tuco/event_type.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

using log::Committer;

// Gauges of one object, which is asked through functions.
template <typename Value>
void Add(base::Metrics& metrics, const char* name, const char* help,
         Value value, const std::vector<base::Label>& labels = {}) {
  metrics.AddGauge(
      name, help, [value] { return static_cast<double>(value()); }, labels);
}

void AddQuarantine(const Committer& committer, base::Metrics& metrics) {
  const auto counts = [&committer] {
    return committer.statistics().quarantine;
  };
  const char* const held = "Deliveries that the quarantine holds.";
  Add(metrics, "tuco_quarantine_held", held, [=] { return counts().verified; },
      {{"verified", "true"}});
  Add(metrics, "tuco_quarantine_held", held,
      [=] { return counts().unverified; }, {{"verified", "false"}});
  Add(metrics, "tuco_quarantine_bytes",
      "Bytes of the unverified deliveries that the quarantine holds.",
      [=] { return counts().unverified_bytes; });
}

void AddUpkeep(const Committer& committer, base::Metrics& metrics) {
  const auto counts = [&committer] { return committer.statistics().upkeep; };
  Add(metrics, "tuco_upkeep_paused",
      "1 while nothing is forgotten or removed: the server has just started, "
      "or the wall clock was set.",
      [=] { return counts().paused; });
  Add(metrics, "tuco_clock_steps",
      "How often the wall clock was set by more than an hour.",
      [=] { return counts().clock_steps; });
  Add(metrics, "tuco_removed_events", "Events that retention has removed.",
      [=] { return counts().removed_records; });
  Add(metrics, "tuco_forgotten_keys", "Duplicate keys that were forgotten.",
      [=] { return counts().forgotten_keys; });
}

void AddKeys(const Committer& committer, base::Metrics& metrics) {
  const auto statistics = [&committer] { return committer.statistics(); };
  Add(metrics, "tuco_duplicate_keys", "Duplicate keys that are remembered.",
      [=] { return statistics().duplicate_keys; });
  Add(metrics, "tuco_restored_keys",
      "Duplicate keys that were damaged and made again at the start.",
      [=] { return statistics().key_repair.restored; });
  Add(metrics, "tuco_given_up_keys",
      "Duplicate keys that were damaged, like their events, at the start.",
      [=] { return statistics().key_repair.given_up; });
}

void AddSpool(const Committer& committer, base::Metrics& metrics) {
  const auto counts = [&committer] { return committer.statistics().spool; };
  Add(metrics, "tuco_spool_records",
      "Events that are spooled and not in the log yet.",
      [=] { return counts().records; });
  Add(metrics, "tuco_spool_losses",
      "Places of the spool that were found damaged.",
      [=] { return counts().losses; });
}

void AddDrift(const Committer& committer, base::Metrics& metrics) {
  const auto counts = [&committer] { return committer.statistics().drift; };
  for (const DriftKind kind :
       {DriftKind::kUnknownEvent, DriftKind::kUnknownField,
        DriftKind::kWrongType, DriftKind::kNoObject}) {
    Add(metrics, "tuco_drift_names",
        "Names of what Tuco sent and this version does not know.",
        [=] { return counts().names[static_cast<std::size_t>(kind)]; },
        {{"kind", std::string(DriftKindName(kind))}});
  }
  Add(metrics, "tuco_drift_events",
      "Events in which something was that this version does not know.",
      [=] { return counts().events; });
}

void AddSizes(log::EventLog& log, base::Metrics& metrics) {
  const auto family = [](const char* name, const char* help,
                         const std::optional<std::uint64_t>& bytes) {
    base::GaugeFamily gauge{name, help, {}};
    if (bytes) gauge.samples.push_back({{}, static_cast<double>(*bytes)});
    return gauge;
  };
  metrics.AddGauges([&log, family]() -> std::vector<base::GaugeFamily> {
    const log::LogSize size = log.size();
    return {family("tuco_log_bytes", "Bytes of the log's database.",
                   size.database_bytes),
            family("tuco_log_wal_bytes", "Bytes of its write-ahead log.",
                   size.wal_bytes),
            family("tuco_log_free_bytes",
                   "Bytes that are free for us on the log's volume.",
                   size.free_bytes)};
  });
}

// Labels by the number of the EventType.
constexpr std::array<const char*, kEventTypes> kTypeLabels = {
    "other",         "message.sent",   "message.failed",   "message.fallback",
    "message.reply", "message.opened", "message.delivered"};

std::vector<base::Sample> Ages(const log::ArrivalMap& arrivals, Timestamp now) {
  std::vector<base::Sample> samples;
  for (const auto& [endpoint, known] : arrivals) {
    for (std::size_t type = 0; type < kTypeLabels.size(); ++type) {
      const std::optional<Timestamp>& newest = known.newest_by_type.at(type);
      if (!newest) continue;
      samples.push_back(
          {{{"endpoint", endpoint}, {"type", kTypeLabels.at(type)}},
           std::chrono::duration<double>(now - *newest).count()});
    }
  }
  return samples;
}

void AddAges(const Committer& committer, const base::Clock& clock,
             base::Metrics& metrics) {
  metrics.AddGauges([&]() -> std::vector<base::GaugeFamily> {
    return {{"tuco_last_event_age_seconds",
             "How long ago the newest genuine event of an endpoint and type "
             "arrived; those that never came are left out.",
             Ages(committer.newest_arrivals(), clock.Now())}};
  });
}

}  // namespace

CommitMetrics::CommitMetrics(base::Metrics& metrics)
    : seconds_(metrics.AddHistogram(
          "tuco_commit_seconds",
          "How long it took to make a batch of the log durable.",
          {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5})),
      events_(metrics.AddHistogram(
          "tuco_commit_events", "How many events a batch made durable.",
          {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096})) {}

void CommitMetrics::Note(std::size_t events, std::chrono::nanoseconds took) {
  seconds_.Observe(std::chrono::duration<double>(took).count());
  events_.Observe(static_cast<double>(events));
}

void AddLogMetrics(log::EventLog& log, const log::Committer& committer,
                   const base::Clock& clock, base::Metrics& metrics) {
  Add(metrics, "tuco_log_head_sequence",
      "Sequence of the newest event in the log.",
      [&log] { return log.bounds().head; });
  Add(metrics, "tuco_log_first_sequence",
      "Sequence of the oldest event in the log.",
      [&log] { return log.bounds().first; });
  Add(metrics, "tuco_commit_queue_records", "Events that wait to be committed.",
      [&committer] { return committer.statistics().queued; });
  AddSizes(log, metrics);
  AddKeys(committer, metrics);
  AddUpkeep(committer, metrics);
  AddQuarantine(committer, metrics);
  AddSpool(committer, metrics);
  AddDrift(committer, metrics);
  AddAges(committer, clock, metrics);
}

}  // namespace tuco::app
