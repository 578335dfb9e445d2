#include "server/log/quarantine_book.h"

#include <algorithm>
#include <iterator>

#include "server/base/status_macros.h"

namespace tuco::log {
namespace {

// What an entry takes besides its headers and its body, roughly.
constexpr std::uint64_t kEntryBytes = 200;

constexpr std::size_t kLoadEntries = 4'096;

}  // namespace

absl::Status QuarantineBook::Load(EventLog& log) {
  QuarantineRequest request{.entries_max = kLoadEntries};
  while (true) {
    TUCO_ASSIGN_OR_RETURN(
        const std::uint64_t last,
        log.ReadQuarantine(
            request, [this](const QuarantineEntry& entry) { Add(entry); }));
    if (last == request.after) return absl::OkStatus();
    request.after = last;
  }
}

void QuarantineBook::Add(const QuarantineEntry& entry) {
  Held held;
  if (entry.state != QuarantineState::kHeld) {
    held.part = Part::kSettled;
  } else {
    held.bytes = kEntryBytes + entry.headers.size() + entry.body_bytes;
    if (!entry.verified) {
      held.part = Part::kUnverified;
      held.source = entry.source;
    }
  }
  const auto [at, is_new] = entries_.emplace(entry.id, std::move(held));
  if (is_new) Count(entry.id, at->second);
}

void QuarantineBook::Apply(const QuarantineUpdate& update) {
  const auto found = entries_.find(update.id);
  if (found == entries_.end() || update.state == QuarantineState::kHeld) return;
  Discount(update.id, found->second);
  found->second = Held{.part = Part::kSettled, .bytes = 0, .source = {}};
  Count(update.id, found->second);
}

void QuarantineBook::Remove(std::uint64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  Discount(id, found->second);
  entries_.erase(found);
}

void QuarantineBook::MakeRoom(std::span<const QuarantineUpdate> updates,
                              std::vector<std::uint64_t>& evicted) const {
  std::set<std::uint64_t> added;
  for (const QuarantineUpdate& update : updates) {
    if (update.state == QuarantineState::kHeld) continue;
    const auto found = entries_.find(update.id);
    if (found == entries_.end() || found->second.part == Part::kSettled) {
      continue;
    }
    added.insert(update.id);
  }
  auto old = settled_.begin();
  auto next = added.begin();
  for (std::size_t left = settled_.size() + added.size();
       left > limits_.settled_max; --left) {
    const bool older =
        next == added.end() || (old != settled_.end() && *old < *next);
    evicted.push_back(older ? *old++ : *next++);
  }
}

void QuarantineBook::Evict(std::vector<std::uint64_t>& evicted) {
  const auto evict = [&](std::uint64_t id) {
    Remove(id);
    evicted.push_back(id);
  };
  while (counts_.unverified > limits_.unverified_max ||
         counts_.unverified_bytes > limits_.unverified_bytes_max) {
    const std::string& heaviest = std::prev(by_weight_.end())->second;
    evict(*sources_.at(heaviest).ids.begin());
  }
}

std::uint64_t QuarantineBook::WeightOf(const Source& source) const {
  return source.bytes + source.ids.size() * limits_.unverified_bytes_max /
                            std::max<std::size_t>(limits_.unverified_max, 1);
}

void QuarantineBook::Count(std::uint64_t id, const Held& held) {
  switch (held.part) {
    case Part::kVerified:
      ++counts_.verified;
      counts_.verified_bytes += held.bytes;
      return;
    case Part::kSettled:
      ++counts_.settled;
      settled_.insert(id);
      return;
    case Part::kUnverified:
      break;
  }
  ++counts_.unverified;
  counts_.unverified_bytes += held.bytes;
  Source& source = sources_[held.source];
  by_weight_.erase({WeightOf(source), held.source});
  source.ids.insert(id);
  source.bytes += held.bytes;
  by_weight_.emplace(WeightOf(source), held.source);
}

void QuarantineBook::Discount(std::uint64_t id, const Held& held) {
  switch (held.part) {
    case Part::kVerified:
      --counts_.verified;
      counts_.verified_bytes -= held.bytes;
      return;
    case Part::kSettled:
      --counts_.settled;
      settled_.erase(id);
      return;
    case Part::kUnverified:
      break;
  }
  --counts_.unverified;
  counts_.unverified_bytes -= held.bytes;
  const auto source = sources_.find(held.source);
  by_weight_.erase({WeightOf(source->second), held.source});
  source->second.ids.erase(id);
  source->second.bytes -= held.bytes;
  if (source->second.ids.empty()) {
    sources_.erase(source);
  } else {
    by_weight_.emplace(WeightOf(source->second), held.source);
  }
}

}  // namespace tuco::log
