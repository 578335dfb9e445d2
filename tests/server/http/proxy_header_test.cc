#include "server/http/proxy_header.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/http/proxy_bytes.h"
#include "tuco/crc32c.h"

namespace tuco::http {
namespace {

using Step = ProxyHeader::Step;

constexpr int kProxy = 0x21;
constexpr int kLocal = 0x20;
constexpr std::size_t kFixedBytes = 16;

// What a header makes of some bytes, read in parts of at most `most`.
struct Reading {
  Step step = Step::kNeedMore;
  std::size_t read = 0;
  std::string source = "none";
};

Reading Read(std::string_view bytes, std::size_t most = 1UL << 20U) {
  ProxyHeader header;
  Reading reading;
  while (reading.step == Step::kNeedMore && reading.read < bytes.size()) {
    const auto area = header.ReadArea();
    const std::size_t size =
        std::min({area.size(), most, bytes.size() - reading.read});
    std::copy_n(bytes.data() + reading.read, size, area.data());
    reading.read += size;
    reading.step = header.Commit(size);
  }
  reading.source = header.source().value_or("none");
  return reading;
}

std::string WithChecksum(std::string bytes, std::size_t at) {
  const std::uint32_t crc = ExtendCrc32c(0, bytes);
  return bytes.replace(at, 4, TwoBytes(crc >> 16U) + TwoBytes(crc & 0xffffU));
}

TEST(ProxyHeaderTest, ReadsTheSourceOfEachFamily) {
  EXPECT_EQ(Read(ProxyV4()).source, "203.0.113.9");
  std::string v6("\x20\x01\x0d\xb8", 4);
  v6.resize(36, '\0');
  v6[15] = '\x01';
  EXPECT_EQ(Read(ProxyBytes(kProxy, 0x21, v6)).source, "2001:db8::1");
  const std::string paths(216, '\0');
  EXPECT_EQ(Read(ProxyBytes(kProxy, 0x31, paths)).source, "unix");
}

TEST(ProxyHeaderTest, AMappedAddressIsTheIpv4One) {
  std::string v6(36, '\0');
  v6.replace(10, 6, "\xff\xff\x0a\x01\x02\x03");
  EXPECT_EQ(Read(ProxyBytes(kProxy, 0x21, v6)).source, "10.1.2.3");
}

TEST(ProxyHeaderTest, TakesNothingOfWhatFollows) {
  for (const std::size_t most : {1, 2, 7, 1'000}) {
    const Reading reading = Read(ProxyV4() + "GET / HTTP/1.1\r\n", most);
    EXPECT_EQ(reading.step, Step::kComplete);
    EXPECT_EQ(reading.read, ProxyV4().size());
    EXPECT_EQ(reading.source, "203.0.113.9");
  }
}

TEST(ProxyHeaderTest, WaitsForEveryByte) {
  const std::string whole = ProxyV4(ProxyField(0x04, "pad"));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(Read(whole.substr(0, size)).step, Step::kNeedMore) << size;
  }
  EXPECT_EQ(Read(whole).step, Step::kComplete);
}

TEST(ProxyHeaderTest, AProxyMaySpeakForItself) {
  for (const std::string& bytes :
       {ProxyBytes(kLocal, 0x00, ""), ProxyBytes(kLocal, 0x11, V4Block()),
        ProxyBytes(kLocal, 0xff, "anything"), ProxyBytes(kProxy, 0x00, ""),
        ProxyBytes(kProxy, 0x00, "anything")}) {
    const Reading reading = Read(bytes);
    EXPECT_EQ(reading.step, Step::kComplete);
    EXPECT_EQ(reading.read, bytes.size());
    EXPECT_EQ(reading.source, "none");
  }
}

TEST(ProxyHeaderTest, NoticesAnotherProtocolAtItsFirstByte) {
  EXPECT_EQ(Read("G").step, Step::kMalformed);
  EXPECT_EQ(Read("PROXY TCP4 203.0.113.9 192.0.2.1 1 2\r\n").step,
            Step::kMalformed);
  for (std::size_t at = 0; at < kProxySignature.size(); ++at) {
    std::string bytes = ProxyV4();
    bytes[at] ^= 1;
    EXPECT_EQ(Read(bytes.substr(0, at + 1)).step, Step::kMalformed) << at;
  }
}

TEST(ProxyHeaderTest, RefusesOtherVersionsCommandsAndFamilies) {
  for (const int command : {0x00, 0x01, 0x11, 0x22, 0x2f, 0x31, 0xf1}) {
    EXPECT_EQ(Read(ProxyBytes(command, 0x11, V4Block())).step, Step::kMalformed)
        << command;
  }
  for (const int family : {0x01, 0x02, 0x10, 0x13, 0x20, 0x30, 0x41, 0xf1}) {
    const std::string block(216, '\0');
    EXPECT_EQ(Read(ProxyBytes(kProxy, family, block)).step, Step::kMalformed)
        << family;
  }
}

TEST(ProxyHeaderTest, RefusesAddressesOneByteShort) {
  const auto step_of = [](int family, std::size_t size) {
    return Read(ProxyBytes(kProxy, family, std::string(size, '\0'))).step;
  };
  EXPECT_EQ(step_of(0x11, 12), Step::kComplete);
  EXPECT_EQ(step_of(0x11, 11), Step::kMalformed);
  EXPECT_EQ(step_of(0x21, 36), Step::kComplete);
  EXPECT_EQ(step_of(0x21, 35), Step::kMalformed);
  EXPECT_EQ(step_of(0x31, 216), Step::kComplete);
  EXPECT_EQ(step_of(0x31, 215), Step::kMalformed);
}

TEST(ProxyHeaderTest, RefusesOneByteTooMany) {
  const std::size_t most = ProxyHeader::kBytesMax - kFixedBytes;
  const Reading largest = Read(ProxyBytes(kLocal, 0, std::string(most, 'x')));
  EXPECT_EQ(largest.step, Step::kComplete);
  EXPECT_EQ(largest.read, ProxyHeader::kBytesMax);
  const Reading larger =
      Read(ProxyBytes(kLocal, 0, std::string(most + 1, 'x')));
  EXPECT_EQ(larger.step, Step::kMalformed);
  EXPECT_EQ(larger.read, kFixedBytes);  // None of it is read.
}

TEST(ProxyHeaderTest, SkipsFieldsThatAreWhole) {
  EXPECT_EQ(Read(ProxyV4(ProxyField(0x04, "") + ProxyField(0xea, "aws"))).step,
            Step::kComplete);
}

TEST(ProxyHeaderTest, RefusesFieldsThatAreNot) {
  for (const std::string& fields :
       {std::string("\x04"), std::string("\x04\x00", 2),
        std::string("\x04\x00\x01", 3), ProxyField(0x04, "pad") + "\x04",
        std::string("\x04\xff\xffpad", 6)}) {
    EXPECT_EQ(Read(ProxyV4(fields)).step, Step::kMalformed);
  }
}

TEST(ProxyHeaderTest, HoldsAChecksumAgainstTheHeader) {
  const std::string zeros(4, '\0');
  const std::string plain =
      ProxyV4(ProxyField(0x03, zeros) + ProxyField(0x04, "pad"));
  const std::size_t at = ProxyV4().size() + 3;
  const std::string right = WithChecksum(plain, at);
  EXPECT_EQ(Read(right).step, Step::kComplete);
  for (std::size_t flipped = kFixedBytes; flipped < right.size() - 6;
       ++flipped) {
    if (flipped >= at - 3 && flipped < at) continue;  // Another type or length.
    std::string wrong = right;
    wrong[flipped] ^= 1;
    EXPECT_EQ(Read(wrong).step, Step::kMalformed) << flipped;
  }
  EXPECT_EQ(Read(ProxyV4(ProxyField(0x03, "abc"))).step, Step::kMalformed);
  EXPECT_EQ(Read(ProxyV4(ProxyField(0x03, "abcde"))).step, Step::kMalformed);
}

}  // namespace
}  // namespace tuco::http
