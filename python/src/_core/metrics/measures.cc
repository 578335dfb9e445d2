#include "_core/metrics/measures.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "_core/metrics/result.h"
#include "_core/metrics/statistics.h"

namespace tuco::python::metrics {
namespace {

constexpr std::array<std::int64_t, 5> kPercents = {25, 50, 75, 90, 99};

// What a group's messages add up to.
struct Measures {
  std::int64_t attempted = 0;
  std::int64_t sent = 0;
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  std::int64_t fallback = 0;
  std::int64_t opened = 0;
  std::int64_t replied = 0;
  std::int64_t opted_out = 0;
  std::int64_t replies = 0;
  // Of the delivered ones.
  std::int64_t delivered_opened = 0;
  std::int64_t delivered_replied = 0;
  std::int64_t delivered_opted_out = 0;
  std::vector<std::int64_t> times_to_reply;

  void Add(const Message& message, Delivery delivery);
  void Write(Result& row);
};

void Measures::Add(const Message& message, Delivery delivery) {
  const auto count = [](std::int64_t& all, bool is) { all += is ? 1 : 0; };
  ++attempted;
  count(sent, message.Sent());
  count(failed, message.Failed());
  count(fallback, message.FellBack());
  count(opened, message.Opened());
  count(replied, message.Replied());
  count(opted_out, message.opted_out);
  replies += message.replies;
  if (message.Delivered(delivery)) {
    ++delivered;
    count(delivered_opened, message.Opened());
    count(delivered_replied, message.Replied());
    count(delivered_opted_out, message.opted_out);
  }
  if (message.first_reply != kNever && message.time != kNever) {
    times_to_reply.push_back(
        std::max<std::int64_t>(message.first_reply - message.time, 0));
  }
}

void Measures::Write(Result& row) {
  row.Count("attempted", attempted);
  row.Count("sent", sent);
  row.Count("delivered", delivered);
  row.Count("failed", failed);
  row.Count("fallback", fallback);
  row.Count("opened", opened);
  row.Count("replied", replied);
  row.Count("opted_out", opted_out);
  row.Count("replies", replies);
  row.Rate("delivery_rate", delivered, attempted, "attempted");
  row.Rate("failure_rate", failed, attempted, "attempted");
  row.Rate("fallback_rate", fallback, attempted, "attempted");
  row.Rate("open_rate", delivered_opened, delivered, "delivered");
  row.Rate("reply_rate", delivered_replied, delivered, "delivered");
  row.Rate("opt_out_rate", delivered_opted_out, delivered, "delivered");
  std::sort(times_to_reply.begin(), times_to_reply.end());
  for (const std::int64_t percent : kPercents) {
    std::optional<std::int64_t> quantile;
    if (!times_to_reply.empty()) quantile = Quantile(times_to_reply, percent);
    row.Duration("time_to_reply_p" + std::to_string(percent), quantile);
  }
}

}  // namespace

Answer MeasuresOf(const Counted& counted, const Grouping& grouping,
                  Delivery delivery) {
  std::vector<Measures> measures(counted.groups.size());
  for (const CountedMessage& message : counted.messages) {
    measures[message.group].Add(message.message(), delivery);
  }
  const std::vector<std::size_t> order = grouping.Sorted(counted.groups);
  Result result([](Result& row) { Measures().Write(row); });
  for (const std::size_t group : order) {
    measures[group].Write(result);
    result.EndRow();
  }
  return {.table = result.Finish(grouping.Fields(),
                                 grouping.Columns(counted.groups, order, 1)),
          .messages = static_cast<std::int64_t>(counted.messages.size())};
}

}  // namespace tuco::python::metrics
