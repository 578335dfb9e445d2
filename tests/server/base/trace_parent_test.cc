#include "server/base/trace_parent.h"

#include <gtest/gtest.h>

#include <string>

namespace tuco::base {
namespace {

constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kParentId[] = "00f067aa0ba902b7";

// A header with the fields of the specification's own example.
std::string Header(const std::string& version, const std::string& flags,
                   const std::string& more = "") {
  return version + "-" + kTraceId + "-" + kParentId + "-" + flags + more;
}

TEST(TraceParentTest, ReadsTheSpecificationsExample) {
  const std::string header = Header("00", "01");
  const auto parent = ParseTraceParent(header);
  ASSERT_TRUE(parent.has_value());
  EXPECT_EQ(parent->trace_id, kTraceId);
  EXPECT_EQ(parent->parent_id, kParentId);
  EXPECT_TRUE(parent->sampled);
}

TEST(TraceParentTest, SampledIsTheLowestBitOfTheFlags) {
  EXPECT_FALSE(ParseTraceParent(Header("00", "00"))->sampled);
  EXPECT_FALSE(ParseTraceParent(Header("00", "fe"))->sampled);
  EXPECT_TRUE(ParseTraceParent(Header("00", "ff"))->sampled);
}

TEST(TraceParentTest, ReadsALaterVersionAsFarAsItIsKnown) {
  EXPECT_TRUE(ParseTraceParent(Header("01", "01")).has_value());
  EXPECT_TRUE(ParseTraceParent(Header("cc", "01", "-what-ever")).has_value());
  EXPECT_FALSE(ParseTraceParent(Header("cc", "01", ".what-ever")).has_value());
}

TEST(TraceParentTest, IgnoresWhatIsMalformed) {
  const std::string zeros(32, '0');
  std::string upper = Header("00", "01");
  upper[4] = 'B';
  std::string spaced = Header("00", "01");
  spaced[35] = ' ';
  for (const std::string& header :
       {std::string(), std::string("00"), Header("ff", "01"),
        Header("0x", "01"), Header("00", "0g"), Header("00", "01", "-more"),
        Header("00", "1"), "00-" + zeros + "-" + kParentId + "-01",
        std::string("00-") + kTraceId + "-0000000000000000-01", upper,
        spaced}) {
    EXPECT_FALSE(ParseTraceParent(header).has_value()) << header;
  }
}

}  // namespace
}  // namespace tuco::base
