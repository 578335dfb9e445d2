// HMAC-SHA256 one message at a time and many in one call. The counter `message`
// is the time that one message took.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tuco/hmac_sha256.h"

namespace tuco {
namespace {

// The sample payload of Tuco's guide, without blanks.
constexpr std::size_t kSampleBytes = 327;
// What replies with texts of their own come to.
constexpr std::size_t kMixedBytesMin = 200;
constexpr std::size_t kMixedBytesMax = 1500;

// Different bodies, each in memory of its own.
std::vector<std::string> Bodies(std::size_t count, bool mixed) {
  std::mt19937 random(1);
  std::uniform_int_distribution<std::size_t> sizes(kMixedBytesMin,
                                                   kMixedBytesMax);
  std::vector<std::string> bodies(count);
  for (std::string& body : bodies) {
    body.resize(mixed ? sizes(random) : kSampleBytes);
    for (char& byte : body) byte = static_cast<char>(random());
  }
  return bodies;
}

// Calls sign(key, messages, tags) with as many bodies as the benchmark's
// argument `batch` says, of the sample's length or, if `mixed`, of several.
template <class SignAll>
void Run(benchmark::State& state, SignAll sign) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::vector<std::string> bodies = Bodies(count, state.range(1) != 0);
  const std::vector<std::string_view> messages(bodies.begin(), bodies.end());
  std::vector<Digest> tags(count);
  const HmacSha256Key key("whsec_sample_5f0c2a7e9d41");
  for ([[maybe_unused]] auto iteration : state) {
    sign(key, messages, tags);
    benchmark::DoNotOptimize(tags.data());
    benchmark::ClobberMemory();
  }
  const auto signed_messages =
      static_cast<double>(count) * static_cast<double>(state.iterations());
  state.counters["message"] =
      benchmark::Counter(signed_messages, benchmark::Counter::kIsRate |
                                              benchmark::Counter::kInvert);
}

void Sign(benchmark::State& state) {
  Run(state, [](const HmacSha256Key& key,
                const std::vector<std::string_view>& messages,
                std::vector<Digest>& tags) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
      tags[i] = key.Sign(messages[i]);
    }
  });
}

void SignMany(benchmark::State& state) {
  Run(state, [](const HmacSha256Key& key,
                const std::vector<std::string_view>& messages,
                std::vector<Digest>& tags) { key.SignMany(messages, tags); });
}

void Batches(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"batch", "mixed"});
  benchmark->ArgsProduct({{1, 4, 16, 64, 1024}, {0, 1}});
}

BENCHMARK(Sign)->Apply(Batches);
BENCHMARK(SignMany)->Apply(Batches);

}  // namespace
}  // namespace tuco
