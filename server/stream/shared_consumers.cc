#include "server/stream/shared_consumers.h"

#include <algorithm>
#include <utility>

#include "proto/stream_frame.h"

namespace tuco::stream {
namespace {

// What a consumer may leave unread or undurable before it is not listened to.
constexpr std::size_t kUndurableMax = 20'000;
constexpr std::size_t kUnreadBytesMax = std::size_t{1} << 20;

}  // namespace

void SharedConsumers::Add(ConsumerId id, const ConsumerOptions& options,
                          Instant now) {
  SharedConsumer& consumer = consumers_[id];
  consumer.options = options;
  consumer.answered_at = now;
}

SharedConsumer* SharedConsumers::Find(ConsumerId id) {
  const auto place = consumers_.find(id);
  return place == consumers_.end() ? nullptr : &place->second;
}

void SharedConsumers::Remove(ConsumerId id, const absl::Status& why) {
  const auto place = consumers_.find(id);
  if (place == consumers_.end()) return;
  SharedConsumer consumer = std::move(place->second);
  consumers_.erase(place);
  ended_.emplace(id, why);
  if (consumer.next != nullptr) std::move(consumer.next)(why);
  if (consumer.taken != nullptr) std::move(consumer.taken)();
}

absl::Status SharedConsumers::EndOf(ConsumerId id) const {
  const auto ended = ended_.find(id);
  if (ended == ended_.end() || ended->second.ok()) {
    return absl::CancelledError("the consumer has gone");
  }
  return ended->second;
}

std::vector<ConsumerId> SharedConsumers::Waiting() const {
  std::vector<ConsumerId> waiting;
  const auto first = consumers_.upper_bound(served_);
  const auto add = [&waiting](Map::const_iterator from,
                              Map::const_iterator to) {
    for (; from != to; ++from) {
      if (from->second.next != nullptr) waiting.push_back(from->first);
    }
  };
  add(first, consumers_.end());
  add(consumers_.begin(), first);
  return waiting;
}

bool SharedConsumers::want_bodies() const {
  return std::any_of(consumers_.begin(), consumers_.end(), [](const auto& one) {
    return one.second.options.include_body;
  });
}

std::vector<ConsumerId> SharedConsumers::Ids() const {
  std::vector<ConsumerId> ids;
  ids.reserve(consumers_.size());
  for (const auto& [id, consumer] : consumers_) ids.push_back(id);
  return ids;
}

void SharedConsumers::AddResult(ConsumerId id, std::uint64_t sequence,
                                Outcome outcome, bool durable) {
  SharedConsumer* const consumer = Find(id);
  if (consumer == nullptr) return;
  if (durable) {
    ++consumer->undurable;
    collected_.push_back({id, sequence, outcome});
  } else {
    proto::AppendVerdictResult(sequence, static_cast<std::uint32_t>(outcome),
                               consumer->frame);
  }
}

void SharedConsumers::BeginChange() {
  changing_ = std::exchange(collected_, {});
}

void SharedConsumers::EndChange() {
  for (const Result& result : std::exchange(changing_, {})) {
    SharedConsumer* const consumer = Find(result.consumer);
    if (consumer == nullptr) continue;
    --consumer->undurable;
    proto::AppendVerdictResult(result.sequence,
                               static_cast<std::uint32_t>(result.outcome),
                               consumer->frame);
  }
}

void SharedConsumers::TakeMore() {
  for (auto& [id, consumer] : consumers_) {
    if (consumer.taken == nullptr || consumer.undurable > kUndurableMax ||
        consumer.frame.size() > kUnreadBytesMax) {
      continue;
    }
    std::exchange(consumer.taken, nullptr)();
  }
}

SharedConsumers::Said SharedConsumers::Answer(SharedConsumer& consumer,
                                              Instant now) {
  if (!consumer.missing.empty()) {
    const Missing& missing = consumer.missing.front();
    proto::AppendGap(missing.gap.from, missing.gap.to, missing.reason,
                     consumer.frame);
    consumer.missing.pop_front();
  }
  const bool end =
      consumer.ending && consumer.undurable == 0 && consumer.missing.empty();
  if (consumer.frame.empty() && !end) return Said::kNothing;
  consumer.answered_at = now;
  std::exchange(consumer.next, nullptr)(
      ConsumerFrame{.bytes = std::exchange(consumer.frame, {}), .end = end});
  return end ? Said::kEnd : Said::kFrame;
}

}  // namespace tuco::stream
