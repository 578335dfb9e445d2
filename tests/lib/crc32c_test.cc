#include "tuco/crc32c.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "tuco/internal/crc32c_paths.h"

namespace tuco {
namespace {

using Path = std::uint32_t (*)(std::uint32_t, std::string_view);

std::vector<Path> Paths() {
  std::vector<Path> paths = {ExtendCrc32c, internal::ExtendCrc32cByTable};
  if (internal::HasCrc32cInstruction()) {
    paths.push_back(internal::ExtendCrc32cByInstruction);
  }
  return paths;
}

std::string Ascending() {
  std::string bytes(32, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  return bytes;
}

// RFC 3720, B.4 "CRC Examples".
TEST(Crc32cTest, AgreesWithRfc3720) {
  const std::string ascending = Ascending();
  const std::string descending(ascending.rbegin(), ascending.rend());
  for (const Path path : Paths()) {
    EXPECT_EQ(path(0, std::string(32, '\0')), 0x8a9136aau);
    EXPECT_EQ(path(0, std::string(32, '\xff')), 0x62a8ab43u);
    EXPECT_EQ(path(0, ascending), 0x46dd794eu);
    EXPECT_EQ(path(0, descending), 0x113fdb5cu);
    EXPECT_EQ(path(0, "123456789"), 0xe3069283u);
    EXPECT_EQ(path(0, ""), 0u);
  }
}

std::string RandomBytes(std::size_t size) {
  std::mt19937 random(1);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST(Crc32cTest, PathsAgreeAtEveryLengthAndSplit) {
  const std::string bytes = RandomBytes(800);
  const std::string_view all = bytes;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::uint32_t expected =
        internal::ExtendCrc32cByTable(0, all.substr(0, size));
    const std::size_t split = size / 3;
    for (const Path path : Paths()) {
      const std::uint32_t front = path(0, all.substr(0, split));
      EXPECT_EQ(path(front, all.substr(split, size - split)), expected);
    }
  }
}

// Longer than what any path takes in one go, which is 3,072 bytes.
TEST(Crc32cTest, PathsAgreeOnLongTexts) {
  const std::string bytes = RandomBytes(7'000);
  const std::string_view all = bytes;
  for (std::size_t size = 3'000; size <= bytes.size(); size += 61) {
    const std::uint32_t expected =
        internal::ExtendCrc32cByTable(1, all.substr(0, size));
    for (const Path path : Paths()) {
      EXPECT_EQ(path(1, all.substr(0, size)), expected) << size;
    }
  }
}

}  // namespace
}  // namespace tuco
