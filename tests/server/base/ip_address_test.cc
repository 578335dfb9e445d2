#include "server/base/ip_address.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tuco::base {
namespace {

using testing::HasSubstr;

std::string Spelled(std::string_view text) {
  const auto address = ParseIpAddress(text);
  return address.has_value() ? address->ToString() : "none";
}

std::string Refusal(std::string_view text) {
  const absl::Status status = ParseIpRange(text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
  return {status.message().data(), status.message().size()};
}

bool Contains(std::string_view range, std::string_view address) {
  return ParseIpRange(range).value().Contains(*ParseIpAddress(address));
}

TEST(IpAddressTest, ReadsBothFamilies) {
  EXPECT_EQ(Spelled("203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(Spelled("2001:DB8:0::1"), "2001:db8::1");
  EXPECT_EQ(Spelled("1111:2222:3333:4444:5555:6666:255.255.255.255"),
            "1111:2222:3333:4444:5555:6666:ffff:ffff");
}

TEST(IpAddressTest, AMappedAddressIsTheIpv4One) {
  EXPECT_EQ(Spelled("::ffff:10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(ParseIpAddress("::ffff:a01:203"), ParseIpAddress("10.1.2.3"));
}

TEST(IpAddressTest, ReadsNothingElse) {
  for (const std::string_view text :
       {"", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ",
        " 1.2.3.4", "1.2.3.4:80", "[::1]", "::1%lo", "fe80::1%1",
        ":::", "0x7f.1", "localhost", "unknown", "_hidden", "1.2.3.4/32"}) {
    EXPECT_EQ(Spelled(text), "none") << text;
  }
  EXPECT_EQ(Spelled(std::string_view("1.2.3.4\0", 8)), "none");
  EXPECT_EQ(Spelled(std::string(10'000, '1')), "none");
}

TEST(IpRangeTest, HasTheAddressesWithItsPrefix) {
  EXPECT_TRUE(Contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(Contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(Contains("192.0.2.128/25", "192.0.2.255"));
  EXPECT_FALSE(Contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::"));
  EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::"));
}

TEST(IpRangeTest, OneAddressIsARange) {
  EXPECT_TRUE(Contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(Contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(Contains("::1", "::1"));
  EXPECT_FALSE(Contains("::1", "::2"));
}

TEST(IpRangeTest, AFamilyIsAllOfItAndNothingOfTheOther) {
  EXPECT_TRUE(Contains("0.0.0.0/0", "255.255.255.255"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "::"));
  EXPECT_TRUE(Contains("::/0", "ffff::"));
  EXPECT_FALSE(Contains("::/0", "::ffff:1.2.3.4"));
}

TEST(IpRangeTest, ARangeOfMappedAddressesIsOneOfIpv4) {
  EXPECT_TRUE(Contains("::ffff:10.0.0.0/104", "10.9.9.9"));
  EXPECT_EQ(ParseIpRange("::ffff:10.0.0.0/104")->ToString(), "10.0.0.0/8");
  EXPECT_THAT(Refusal("::ffff:0.0.0.0/95"), HasSubstr("mixes IPv4 and IPv6"));
}

TEST(IpRangeTest, IsSpelledAsItIsRead) {
  for (const std::string text :
       {"10.0.0.0/8", "127.0.0.1", "0.0.0.0/0", "2001:db8::/32", "::1"}) {
    EXPECT_EQ(ParseIpRange(text)->ToString(), text);
  }
  EXPECT_EQ(ParseIpRange("127.0.0.1/32")->ToString(), "127.0.0.1");
}

TEST(IpRangeTest, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
        "10.0.0.0/8 ", "10.0.0.0/8/8", "::/129", "10/8", "localhost"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("is no range of addresses")) << text;
  }
}

TEST(IpRangeTest, AsksWhatIsMeantByBitsBehindThePrefix) {
  EXPECT_THAT(Refusal("10.1.2.3/8"), HasSubstr("is 10.0.0.0/8 meant?"));
  EXPECT_THAT(Refusal("2001:db8::1/32"), HasSubstr("is 2001:db8::/32 meant?"));
}

}  // namespace
}  // namespace tuco::base
