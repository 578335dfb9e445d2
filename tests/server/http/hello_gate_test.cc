#include "server/http/hello_gate.h"

#include <cstddef>
#include <span>
#include <string>

#include "gtest/gtest.h"

namespace tuco::http {
namespace {

constexpr std::size_t kMost = HelloGate::kMessageBytesMax;

std::string Record(int type, const std::string& content) {
  std::string record = {static_cast<char>(type), '\x03', '\x01'};
  record += static_cast<char>(content.size() >> 8U);
  record += static_cast<char>(content.size() & 0xffU);
  return record + content;
}

// The head of a ClientHello of so many bytes.
std::string Hello(std::size_t size) {
  return {'\x01', static_cast<char>(size >> 16U),
          static_cast<char>(size >> 8U & 0xffU),
          static_cast<char>(size & 0xffU)};
}

// Whether all of it passes, in parts of `most` bytes.
bool Passes(const std::string& bytes, std::size_t most) {
  HelloGate gate;
  bool passes = true;
  for (std::size_t at = 0; at < bytes.size(); at += most) {
    const std::string part = bytes.substr(at, most);
    passes = gate.Pass(std::span(part.data(), part.size()));
  }
  return passes;
}

void ExpectPasses(const std::string& bytes, bool expected) {
  for (const std::size_t most : {1UL, 2UL, 3UL, 7UL, 1UL << 20U}) {
    EXPECT_EQ(Passes(bytes, most), expected) << most;
  }
}

TEST(HelloGateTest, LetsUsualHellosPass) {
  ExpectPasses("", true);
  ExpectPasses(Record(22, Hello(512) + std::string(512, 'x')), true);
  ExpectPasses(Record(22, Hello(0)) + Record(22, Hello(0)), true);
}

TEST(HelloGateTest, RefusesOneByteTooMany) {
  ExpectPasses(Record(22, Hello(kMost)), true);
  ExpectPasses(Record(22, Hello(kMost + 1)), false);
  ExpectPasses(Record(22, Hello(0xffffff)), false);
}

TEST(HelloGateTest, RefusesItBehindOtherMessages) {
  const std::string first = Hello(300) + std::string(300, '\xff');
  ExpectPasses(
      Record(22, first) + Record(20, "\x01") + Record(22, Hello(kMost + 1)),
      false);
  ExpectPasses(Record(22, first + Hello(kMost + 1)), false);
}

TEST(HelloGateTest, FollowsAMessageFromRecordToRecord) {
  const std::string large = Hello(kMost + 1);
  ExpectPasses(Record(22, large.substr(0, 1)) + Record(22, large.substr(1, 2)) +
                   Record(22, large.substr(3)),
               false);
  const std::string body = Hello(400) + std::string(400, '\xff');
  ExpectPasses(Record(22, body.substr(0, 100)) + Record(22, "") +
                   Record(22, body.substr(100)) + Record(22, Hello(9)),
               true);
}

TEST(HelloGateTest, LooksAtHandshakesOnly) {
  ExpectPasses(Record(23, std::string(1'000, '\xff')) +
                   Record(20, std::string(9, '\xff')) +
                   Record(21, std::string(9, '\xff')),
               true);
}

}  // namespace
}  // namespace tuco::http
