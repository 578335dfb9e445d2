// How often the library asks for memory.

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/lib/sample_deliveries.h"
#include "tuco/event_parser.h"
#include "tuco/signature_verifier.h"

// NOLINTBEGIN(cppcoreguidelines-no-malloc): what counts `new` cannot use it.
namespace {

std::size_t allocations = 0;

void* Allocate(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Apart from `operator delete`: where GCC sees `free` in the one and no
// `malloc` in `operator new`, it takes the two for a mistake.
[[gnu::noinline]] void Release(void* memory) { std::free(memory); }

}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete[](void* memory) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t) noexcept { Release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Release(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace tuco {
namespace {

constexpr std::string_view kSecret = "whsec_sample_5f0c2a7e9d41";

// What `call` asks for.
template <class Call>
std::size_t AllocationsOf(Call call) {
  const std::size_t before = allocations;
  call();
  return allocations - before;
}

SignatureVerifier MakeVerifier() {
  return SignatureVerifier::Create(
             {{"main", std::string(kSecret)}, {"old", "whsec_another_secret"}})
      .value();
}

TEST(AllocationsTest, AreCounted) {
  EXPECT_EQ(AllocationsOf([] { std::string text(100, 'x'); }), 1u);
}

TEST(AllocationsTest, VerifyAsksForNone) {
  const SignatureVerifier verifier = MakeVerifier();
  for (const SampleDelivery& sample : ReadSampleDeliveries()) {
    EXPECT_EQ(AllocationsOf([&] {
                (void)verifier.Verify(sample.body, sample.signature);
              }),
              0u)
        << sample.name;
  }
  const std::string long_body(std::size_t{256} * 1024, 'x');
  const std::string wrong(64, 'a');
  for (const std::string& signature : {wrong, std::string(), wrong + "b"}) {
    EXPECT_EQ(AllocationsOf([&] {
                (void)verifier.Verify(long_body, signature, VerifyMode::kRaw);
              }),
              0u);
  }
}

TEST(AllocationsTest, VerifyManyAsksForItsResultOnly) {
  const SignatureVerifier verifier = MakeVerifier();
  const std::vector<SampleDelivery> samples = ReadSampleDeliveries();
  std::vector<SignedBody> deliveries;
  deliveries.reserve(samples.size());
  for (const SampleDelivery& sample : samples) {
    deliveries.push_back({sample.body, sample.signature});
  }
  EXPECT_EQ(AllocationsOf([&] { (void)verifier.VerifyMany(deliveries); }), 1u);
}

// docs/cpp.md says how many. A text of up to 15 bytes needs no memory of its
// own in the standard library that this is built with.
TEST(AllocationsTest, ParseAsksForLongTextsOnly) {
  const SampleDelivery guide = ReadSampleDeliveries().front();
  ASSERT_EQ(guide.name, "guide reply");
  const SignatureVerifier verifier = MakeVerifier();
  const Verdict verdict = verifier.Verify(guide.body, guide.signature);
  ASSERT_TRUE(verdict.genuine());
  EXPECT_EQ(AllocationsOf([&] { (void)ParseEvent(verdict.delivery()); }), 3u);
}

}  // namespace
}  // namespace tuco
