#include "server/cli/send_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "server/cli/json_text.h"
#include "server/cli/terminal_text.h"
#include "server/cli/utf8.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

std::string Milliseconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f",
                std::chrono::duration<double, std::milli>(time).count());
  return text;
}

// A body that is no text is left out: nobody could read it anyway.
std::string AnswerJson(const Attempt& attempt) {
  return JsonString(IsUtf8(attempt.answer) ? attempt.answer : "");
}

std::string StatusName(int status) {
  return status == 0 ? "none" : std::to_string(status);
}

}  // namespace

std::string AttemptText(const Attempt& attempt) {
  const std::string latency = Milliseconds(attempt.latency) + " ms";
  if (attempt.status == 0) {
    return Concat({"---  ", attempt.event, "  ", latency, "  ",
                   EscapeForTerminal(attempt.problem), "\n"});
  }
  return Concat({std::to_string(attempt.status), "  ", attempt.event, "  ",
                 latency, "  ", EscapeForTerminal(attempt.answer), "\n"});
}

std::string AttemptJson(const Attempt& attempt) {
  const std::string result =
      attempt.status == 0
          ? Concat({"null,\"problem\":", JsonString(attempt.problem)})
          : Concat({std::to_string(attempt.status),
                    ",\"answer\":", AnswerJson(attempt)});
  return Concat({"{\"event\":", JsonString(attempt.event), ",\"latencyMs\":",
                 Milliseconds(attempt.latency), ",\"status\":", result, "}\n"});
}

void SendSummary::Add(const Attempt& attempt) {
  if (attempt.accepted()) ++accepted_;
  ++statuses_[attempt.status];
  latencies_.push_back(attempt.latency);
}

void SendSummary::Sort() const {
  std::sort(latencies_.begin(), latencies_.end());
}

std::chrono::nanoseconds SendSummary::Latency(double share) const {
  if (latencies_.empty()) return {};
  const double rank = std::ceil(share * static_cast<double>(sent()));
  return latencies_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

std::string SendSummary::PerSecond(std::chrono::nanoseconds took) const {
  const double seconds = std::chrono::duration<double>(took).count();
  char text[32];
  std::snprintf(text, sizeof text, "%.1f",
                seconds > 0 ? static_cast<double>(sent()) / seconds : 0);
  return text;
}

std::string SendSummary::Text(std::chrono::nanoseconds took) const {
  Sort();
  std::string text = "sent " + std::to_string(sent()) + ":";
  for (const auto& [status, count] : statuses_) {
    text += Concat({text.back() == ':' ? " " : ", ", StatusName(status), " x ",
                    std::to_string(count)});
  }
  return Concat({text, ", ", PerSecond(took), " a second\nlatency: min ",
                 Milliseconds(Latency(0)), ", p50 ", Milliseconds(Latency(0.5)),
                 ", p90 ", Milliseconds(Latency(0.9)), ", p99 ",
                 Milliseconds(Latency(0.99)), ", p99.9 ",
                 Milliseconds(Latency(0.999)), ", max ",
                 Milliseconds(Latency(1)), " ms\n"});
}

std::string SendSummary::Json(std::chrono::nanoseconds took) const {
  Sort();
  std::string statuses;
  for (const auto& [status, count] : statuses_) {
    statuses += Concat({statuses.empty() ? "" : ",", "\"", StatusName(status),
                        "\":", std::to_string(count)});
  }
  return Concat({"{\"sent\":",
                 std::to_string(sent()),
                 ",\"accepted\":",
                 std::to_string(accepted_),
                 ",\"statuses\":{",
                 statuses,
                 "},\"perSecond\":",
                 PerSecond(took),
                 ",\"latencyMs\":{\"min\":",
                 Milliseconds(Latency(0)),
                 ",\"p50\":",
                 Milliseconds(Latency(0.5)),
                 ",\"p90\":",
                 Milliseconds(Latency(0.9)),
                 ",\"p99\":",
                 Milliseconds(Latency(0.99)),
                 ",\"p999\":",
                 Milliseconds(Latency(0.999)),
                 ",\"max\":",
                 Milliseconds(Latency(1)),
                 "}}\n"});
}

}  // namespace tuco::cli
