// Posts signed deliveries, no two the same, over connections that are kept.

#ifndef TUCO_BENCH_SERVER_HTTP_CLIENT_H_
#define TUCO_BENCH_SERVER_HTTP_CLIENT_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/numbered_bodies.h"
#include "tuco/hmac_sha256.h"

namespace tuco::bench {

// The requests, one after the other in the same piece of memory. One thread at
// a time.
class Requests {
 public:
  // The first has the body with the number `first`.
  Requests(const std::string& body_file, std::uint64_t first);

  // Valid until the next call.
  std::string_view Next();

 private:
  NumberedBodies bodies_;
  std::uint64_t next_;
  const HmacSha256Key key_;
  std::string text_;
  const std::size_t body_at_;
  const std::size_t signature_at_;
};

// One connection, closed by the end of the process. Anything that is not a 200
// ends the process. One thread at a time.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Connection(std::uint16_t port);

  int socket() const { return socket_; }

  void Post(std::string_view request);
  // Reads what has come; whether that completes the answer.
  bool ReadAnswer();
  // Waits for the answer, ten seconds at most.
  void AwaitAnswer();
  // The complete answer, head and body.
  std::string_view answer() const { return {answer_.data(), size_}; }

  Clock::duration Waited() const { return Clock::now() - sent_at_; }

 private:
  static constexpr std::size_t kAnswerBytesMax = 4'096;

  bool IsComplete() const;

  const int socket_;
  Clock::time_point sent_at_;
  std::size_t size_ = 0;
  std::array<char, kAnswerBytesMax + 1> answer_{};
};

// How long one waits for an answer before something is wrong.
inline constexpr int kPatienceMs = 10'000;

}  // namespace tuco::bench

#endif  // TUCO_BENCH_SERVER_HTTP_CLIENT_H_
