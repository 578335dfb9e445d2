#include "server/base/secret_memory.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <type_traits>
#include <utility>

namespace tuco::base {
namespace {

static_assert(!std::is_copy_constructible_v<SecretMemory>);

// What the kernel says of the mapping that `address` is in.
std::string FlagsAt(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  bool found = false;
  for (std::string line; std::getline(smaps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    const char* const stop = line.data() + line.size();
    const auto first = std::from_chars(line.data(), stop, begin, 16);
    if (first.ec == std::errc() && first.ptr != stop && *first.ptr == '-' &&
        std::from_chars(first.ptr + 1, stop, end, 16).ec == std::errc()) {
      found = begin <= wanted && wanted < end;
    }
    if (found && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(SecretMemoryTest, KeepsTheText) {
  EXPECT_EQ(SecretMemory("whsec_1").text(), "whsec_1");
  EXPECT_EQ(SecretMemory("").text(), "");
  const std::string large(10'000, 's');
  EXPECT_EQ(SecretMemory(large).text(), large);
}

TEST(SecretMemoryTest, MovesWithoutACopy) {
  SecretMemory first("whsec_1");
  const char* const place = first.text().data();
  SecretMemory second = std::move(first);
  EXPECT_EQ(second.text().data(), place);
  SecretMemory third("whsec_2");
  third = std::move(second);
  EXPECT_EQ(third.text(), "whsec_1");
}

TEST(SecretMemoryTest, IsLeftOutOfCoreFiles) {
  const SecretMemory memory("whsec_1");
  const std::string flags = FlagsAt(memory.text().data());
  if (flags.empty()) GTEST_SKIP() << "no /proc/self/smaps here";
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
}

}  // namespace
}  // namespace tuco::base
