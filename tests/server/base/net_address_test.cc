#include "server/base/net_address.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tuco::base {
namespace {

using testing::HasSubstr;

TEST(NetAddressTest, SpellingSurvivesTheRoundTrip) {
  const std::vector<std::string> spellings = {"off",
                                              "0.0.0.0:8080",
                                              "127.0.0.1:0",
                                              "[::1]:443",
                                              "events.example:65535",
                                              "unix:/run/tuco/http.sock",
                                              "unix:relative.sock"};
  for (const std::string& spelling : spellings) {
    const auto address = ParseNetAddress(spelling);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), spelling);
  }
}

TEST(NetAddressTest, PartsOfIpv6HaveNoBrackets) {
  const auto address = ParseNetAddress("[2001:db8::1]:8080");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->kind, NetAddress::Kind::kTcp);
  EXPECT_EQ(address->host, "2001:db8::1");
  EXPECT_EQ(address->port, 8080);
}

TEST(NetAddressTest, RefusesEverythingElse) {
  const std::vector<std::string> texts = {"",
                                          "8080",
                                          ":8080",
                                          "host",
                                          "host:",
                                          "host:65536",
                                          "host:-1",
                                          "host:+1",
                                          "host:1x",
                                          "host: 1",
                                          "::1:8080",
                                          "[::1]",
                                          "[::1]8080",
                                          "[::g]:1",
                                          "[127.0.0.1]:1",
                                          "[]:1",
                                          "a b:1",
                                          "http://a:1",
                                          "unix:",
                                          "OFF",
                                          "host/x:1",
                                          std::string("host:1\0", 7),
                                          std::string("unix:a\0b", 8),
                                          "unix:/" + std::string(107, 'x'),
                                          std::string(254, 'x') + ":1"};
  for (const std::string& text : texts) {
    const auto address = ParseNetAddress(text);
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(NetAddressTest, SaysWhatWasFoundAndExpected) {
  const auto address = ParseNetAddress("host:http");
  const std::string message(address.status().message());
  EXPECT_THAT(message, HasSubstr("'host:http'"));
  EXPECT_THAT(message, HasSubstr("expected host:port"));
}

TEST(NetAddressTest, LongestUnixPathIsTaken) {
  EXPECT_TRUE(ParseNetAddress("unix:/" + std::string(106, 'x')).ok());
}

TEST(NetAddressTest, KnowsWhatOnlyThisMachineReaches) {
  for (const std::string local :
       {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "LocalHost:1",
        "unix:/a", "off"}) {
    EXPECT_TRUE(ParseNetAddress(local)->IsLocal()) << local;
  }
  for (const std::string open : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1",
                                 "localhost.example:1", "128.0.0.1:1"}) {
    EXPECT_FALSE(ParseNetAddress(open)->IsLocal()) << open;
  }
}

}  // namespace
}  // namespace tuco::base
