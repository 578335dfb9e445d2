#include "_core/metrics/funnel.h"

#include <array>
#include <optional>

#include "_core/metrics/result.h"

namespace tuco::python::metrics {
namespace {

constexpr std::array<std::string_view, 4> kStages = {"attempted", "delivered",
                                                     "opened", "replied"};

// How many messages got at least to each stage.
using Reached = std::array<std::int64_t, kStages.size()>;

// The last stage that a message got to.
std::size_t StageOf(const Message& message, Delivery delivery) {
  if (message.Replied()) return 3;
  if (message.Opened()) return 2;
  return message.Delivered(delivery) ? 1 : 0;
}

void WriteStage(Result& row, const Reached& reached, std::size_t stage) {
  const bool first = stage == 0;
  const std::size_t before = first ? 0 : stage - 1;
  const std::optional<std::int64_t> dropped =
      first ? std::nullopt : std::optional(reached[before] - reached[stage]);
  row.Text("stage", kStages[stage]);
  row.Count("messages", reached[stage]);
  row.Count("dropped", dropped);
  row.Rate("rate_of_previous", reached[stage], reached[before],
           kStages[before]);
  row.Rate("rate_of_first", reached[stage], reached[0], kStages[0]);
}

}  // namespace

Answer FunnelOf(const Counted& counted, const Grouping& grouping,
                Delivery delivery) {
  std::vector<Reached> groups(counted.groups.size());
  for (const CountedMessage& message : counted.messages) {
    const std::size_t last = StageOf(message.message(), delivery);
    for (std::size_t stage = 0; stage <= last; ++stage) {
      ++groups[message.group][stage];
    }
  }
  const std::vector<std::size_t> order = grouping.Sorted(counted.groups);
  Result result([](Result& row) { WriteStage(row, Reached{}, 0); });
  for (const std::size_t group : order) {
    for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
      WriteStage(result, groups[group], stage);
      result.EndRow();
    }
  }
  return {.table = result.Finish(
              grouping.Fields(),
              grouping.Columns(counted.groups, order, kStages.size())),
          .messages = static_cast<std::int64_t>(counted.messages.size())};
}

}  // namespace tuco::python::metrics
