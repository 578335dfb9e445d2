#include "server/http/trusted_peers.h"

#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tuco::http {
namespace {

using testing::ElementsAre;

constexpr std::string_view kPeer = "10.0.0.1";

TrustedPeers Trusted(const std::vector<std::string>& texts = {"10.0.0.0/8",
                                                              "fd00::/8"}) {
  return TrustedPeers::Parse(texts).value();
}

// Who sent a request of kPeer with these X-Forwarded-For fields.
std::string SourceOf(const std::vector<std::string>& values) {
  std::vector<Header> headers = {{"host", "h"}};
  for (const std::string& value : values) {
    headers.push_back({"x-forwarded-for", value});
    headers.push_back({"x-other", "192.0.2.1"});
  }
  return ForwardedSource(headers, kPeer, Trusted());
}

TEST(TrustedPeersTest, NobodyIsTrustedByDefault) {
  EXPECT_TRUE(TrustedPeers().empty());
  EXPECT_FALSE(TrustedPeers().Contains("127.0.0.1"));
  EXPECT_FALSE(TrustedPeers().Contains("unix"));
}

TEST(TrustedPeersTest, HasItsRanges) {
  EXPECT_TRUE(Trusted().Contains("10.9.9.9"));
  EXPECT_TRUE(Trusted().Contains("fd00::1"));
  EXPECT_FALSE(Trusted().Contains("11.0.0.1"));
  EXPECT_FALSE(Trusted().Contains("unix"));
}

TEST(TrustedPeersTest, UnixSocketsAreNamed) {
  EXPECT_TRUE(Trusted({"unix"}).Contains("unix"));
  EXPECT_FALSE(Trusted({"unix"}).empty());
}

TEST(TrustedPeersTest, IsSpelledAsItIsRead) {
  EXPECT_THAT(Trusted({"unix", "::1", "10.0.0.0/8"}).ToStrings(),
              ElementsAre("::1", "10.0.0.0/8", "unix"));
}

TEST(TrustedPeersTest, RefusesWhatIsNoRange) {
  const std::vector<std::string> texts = {"10.0.0.0/8", "proxy.local"};
  EXPECT_EQ(TrustedPeers::Parse(texts).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(TrustedPeersTest, RefusesOneRangeTooMany) {
  std::vector<std::string> texts(TrustedPeers::kRangesMax, "::1");
  EXPECT_TRUE(TrustedPeers::Parse(texts).ok());
  texts.emplace_back("::1");
  EXPECT_FALSE(TrustedPeers::Parse(texts).ok());
}

TEST(ForwardedSourceTest, IsThePeerWithoutTheField) {
  EXPECT_EQ(SourceOf({}), kPeer);
}

TEST(ForwardedSourceTest, IsTheAddressThatTheProxySaw) {
  EXPECT_EQ(SourceOf({"203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(SourceOf({"2001:DB8::1"}), "2001:db8::1");
}

TEST(ForwardedSourceTest, DoesNotBelieveWhatStrangersSay) {
  EXPECT_EQ(SourceOf({"198.51.100.1, 203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(SourceOf({"10.0.0.9, 203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(SourceOf({"garbage, 203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(SourceOf({"garbage", "203.0.113.9"}), "203.0.113.9");
}

TEST(ForwardedSourceTest, SkipsOurOwnProxies) {
  EXPECT_EQ(SourceOf({"203.0.113.9, 10.0.0.2,\t10.0.0.3 "}), "203.0.113.9");
  EXPECT_EQ(SourceOf({"198.51.100.1, 203.0.113.9", "10.0.0.2", "fd00::3"}),
            "203.0.113.9");
}

TEST(ForwardedSourceTest, IsTheFarthestWhenAllAreOurs) {
  EXPECT_EQ(SourceOf({"10.0.0.4, 10.0.0.2"}), "10.0.0.4");
}

TEST(ForwardedSourceTest, IsThePeerWhenTheFieldIsMalformed) {
  for (const std::string value :
       {"", ",", "203.0.113.9,", "203.0.113.9, ,10.0.0.2", "203.0.113.9:80",
        "[2001:db8::1]", "unknown", "\"203.0.113.9\"", "203.0.113.9 10.0.0.2",
        "203.0.113.9; 10.0.0.2", "203.0.113.9, 10.0.0.2:1"}) {
    EXPECT_EQ(SourceOf({value}), kPeer) << value;
  }
}

}  // namespace
}  // namespace tuco::http
