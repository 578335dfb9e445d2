// Whether the time to compare two digests tells where they differ.
//
//   digest_timing [--self-check] [SAMPLES]
//
// Times SAMPLES comparisons (default 1000000, at least 100000), of digests that
// differ in the first byte and of ones that differ in the last, in random
// order, and prints Welch's t (welch_t.h). That is done five times, for the
// machine disturbs some of them; the exit code is 0 when in the best one |t| is
// below 4.5, so that there is no evidence of a difference.
//
// With --self-check it times a comparison that ends at the first difference,
// and the exit code is 0 when |t| is above 4.5 each time: the test can fail.

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <chrono>
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <vector>

#include "tuco/digest.h"
#include "tuco/hmac_sha256.h"
#include "welch_t.h"

namespace {

using tuco::Digest;
using tuco::Timing;

constexpr int kRuns = 5;
constexpr double kEvidence = 4.5;
constexpr std::size_t kSamplesDefault = 1'000'000;
// Of fewer, nothing that is there would be seen.
constexpr std::size_t kSamplesMin = 100'000;
// Prepared together, and few enough to stay in the nearest cache.
constexpr std::size_t kBatch = 128;

using Comparison = bool (*)(const Digest&, const Digest&);

// What ConstantTimeEqual must not be.
[[gnu::noinline]] bool EqualUntilItDiffers(const Digest& a, const Digest& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

std::uint64_t Ticks() {
#if defined(__x86_64__)
  // Neither before what precedes it nor after what follows.
  _mm_lfence();
  const std::uint64_t ticks = __rdtsc();
  _mm_lfence();
  return ticks;
#else
  return static_cast<std::uint64_t>(
      std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// Two digests that differ in one byte. All of them look the same but for it.
struct Pair {
  Digest tag;
  Digest claimed;
  bool differs_last;
};

Digest RandomDigest(std::mt19937_64& random) {
  Digest digest;
  for (std::uint8_t& byte : digest) byte = static_cast<std::uint8_t>(random());
  return digest;
}

Pair RandomPair(std::mt19937_64& random) {
  Pair pair;
  pair.tag = RandomDigest(random);
  pair.claimed = pair.tag;
  pair.differs_last = random() % 2 == 0;
  std::uint8_t& byte =
      pair.differs_last ? pair.claimed.back() : pair.claimed.front();
  byte = static_cast<std::uint8_t>(byte ^ (1 + random() % 255));
  return pair;
}

void TimeBatch(Comparison compare, std::mt19937_64& random,
               std::vector<Timing>& timings) {
  std::vector<Pair> pairs(kBatch);
  for (Pair& pair : pairs) pair = RandomPair(random);
  for (const Pair& pair : pairs) {
    const std::uint64_t begin = Ticks();
    const bool equal = compare(pair.tag, pair.claimed);
    const std::uint64_t end = Ticks();
    if (equal) std::abort();
    const std::uint64_t ticks = std::min<std::uint64_t>(end - begin, 1U << 30U);
    timings.push_back({static_cast<std::uint32_t>(ticks), pair.differs_last});
  }
}

double TimeAll(Comparison compare, std::size_t samples,
               std::mt19937_64& random) {
  std::vector<Timing> timings;
  timings.reserve(samples + kBatch);
  // The first ones find caches and predictors cold.
  TimeBatch(compare, random, timings);
  timings.clear();
  while (timings.size() < samples) TimeBatch(compare, random, timings);
  return tuco::WorstWelchT(timings);
}

}  // namespace

int main(int argc, char** argv) {
  bool self_check = false;
  std::size_t samples = kSamplesDefault;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--self-check") {
      self_check = true;
    } else {
      samples = std::strtoull(argv[i], nullptr, 10);
    }
  }
  if (samples < kSamplesMin) {
    std::fprintf(stderr, "expected at least %zu samples\n", kSamplesMin);
    return 2;
  }
  const Comparison compare =
      self_check ? EqualUntilItDiffers : tuco::ConstantTimeEqual;
  std::mt19937_64 random(std::random_device{}());
  double best = INFINITY;
  for (int run = 1; run <= kRuns; ++run) {
    const double t = TimeAll(compare, samples, random);
    std::printf("run %d: t = %+.2f\n", run, t);
    std::fflush(stdout);
    best = std::min(best, std::abs(t));
  }
  const bool differs = best > kEvidence;
  std::printf("done: %zu\nbest |t| = %.2f, %s %.1f: %s\n", kRuns * samples,
              best, differs ? "above" : "below", kEvidence,
              differs ? "the time tells where digests differ"
                      : "no evidence that the time tells where digests differ");
  return differs == self_check ? 0 : 1;
}
