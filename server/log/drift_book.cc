#include "server/log/drift_book.h"

#include <algorithm>
#include <tuple>

#include "server/base/logging.h"

namespace tuco::log {

absl::Status DriftBook::Load(EventLog& log) {
  return log.VisitDriftNames([this](const DriftName& name) {
    names_[IndexOf(name.kind)].emplace(name.name, name.first_seen);
  });
}

std::span<const DriftName> DriftBook::Take(std::span<Record* const> records) {
  fresh_.clear();
  fresh_drift_.clear();
  for (auto& names : fresh_names_) names.clear();
  fresh_events_ = 0;
  for (Record* const record : records) {
    if (record->drift.empty()) continue;
    ++fresh_events_;
    for (const Drift& drift : record->drift) {
      TakeOne(drift, record->received_at);
    }
    // With its memory: the record may be kept for long.
    record->drift = {};
  }
  return fresh_;
}

void DriftBook::TakeOne(const Drift& drift, Timestamp seen) {
  const std::size_t kind = IndexOf(drift.kind);
  if (names_[kind].contains(drift.name)) return;
  if (fresh_names_[kind].contains(drift.name)) return;
  if (size() + fresh_.size() >= kDriftNamesMax) {
    full_ = true;
    return;
  }
  fresh_names_[kind].insert(drift.name);
  fresh_.push_back(
      {.kind = drift.kind, .name = drift.name, .first_seen = seen});
  fresh_drift_.push_back(drift);
}

void DriftBook::Announce() {
  for (const Drift& drift : fresh_drift_) {
    const std::string kind(DriftKindName(drift.kind));
    if (drift.kind != DriftKind::kWrongType) {
      base::Log(base::Severity::kWarning,
                "Tuco sends what this version does not know",
                {{"kind", kind}, {"name", drift.name}});
      continue;
    }
    base::Log(base::Severity::kWarning,
              "Tuco sends what this version does not know",
              {{"kind", kind},
               {"name", drift.name},
               {"expected", std::string(ValueKindName(drift.expected))},
               {"found", std::string(ValueKindName(drift.found))}});
  }
  if (!full_ || full_announced_) return;
  full_announced_ = true;
  base::Log(base::Severity::kWarning,
            "no more names of what this version does not know are remembered: "
            "there are as many as there may be",
            {{"names", std::to_string(kDriftNamesMax)}});
}

void DriftBook::Remember() {
  for (const DriftName& name : fresh_) {
    names_[IndexOf(name.kind)].emplace(name.name, name.first_seen);
  }
  events_ += fresh_events_;
}

std::vector<DriftName> DriftBook::names() const {
  std::vector<DriftName> sorted;
  sorted.reserve(size());
  for (std::size_t kind = 0; kind < names_.size(); ++kind) {
    for (const auto& [name, first_seen] : names_[kind]) {
      sorted.push_back({.kind = static_cast<DriftKind>(kind),
                        .name = name,
                        .first_seen = first_seen});
    }
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const DriftName& a, const DriftName& b) {
              return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
            });
  return sorted;
}

DriftBook::Counts DriftBook::counts() const {
  Counts counts{.events = events_};
  for (std::size_t kind = 0; kind < names_.size(); ++kind) {
    counts.names[kind] = names_[kind].size();
  }
  return counts;
}

std::size_t DriftBook::size() const {
  std::size_t size = 0;
  for (const auto& names : names_) size += names.size();
  return size;
}

}  // namespace tuco::log
