// What became of the deliveries that `send` sent, for people and for scripts.

#ifndef TUCO_SERVER_CLI_SEND_REPORT_H_
#define TUCO_SERVER_CLI_SEND_REPORT_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tuco::cli {

// One delivery. A value.
struct Attempt {
  std::string event;
  int status = 0;       // 0: no response.
  std::string answer;   // The response's body.
  std::string problem;  // Why there is no response.
  std::chrono::nanoseconds latency{0};

  bool accepted() const { return status >= 200 && status < 300; }
};

// One line with its line break.
std::string AttemptText(const Attempt& attempt);
std::string AttemptJson(const Attempt& attempt);

// The sum of many. One thread at a time.
class SendSummary {
 public:
  void Add(const Attempt& attempt);
  std::size_t sent() const { return latencies_.size(); }
  bool all_accepted() const { return accepted_ == sent(); }

  // With how long all of it took.
  std::string Text(std::chrono::nanoseconds took) const;
  std::string Json(std::chrono::nanoseconds took) const;

 private:
  // Nearest rank; `share` from 0 to 1.
  std::chrono::nanoseconds Latency(double share) const;
  void Sort() const;
  std::string PerSecond(std::chrono::nanoseconds took) const;

  std::size_t accepted_ = 0;
  std::map<int, std::size_t> statuses_;
  mutable std::vector<std::chrono::nanoseconds> latencies_;
};

}  // namespace tuco::cli

#endif  // TUCO_SERVER_CLI_SEND_REPORT_H_
