#include "server/client/channel.h"

#include <gtest/gtest.h>

namespace tuco::client {
namespace {

TEST(Channel, NamesTargetsAsGrpcDoes) {
  const auto target = [](const char* address) {
    return GrpcTarget(base::ParseNetAddress(address).value());
  };
  EXPECT_EQ(target("127.0.0.1:1").value(), "ipv4:127.0.0.1:1");
  EXPECT_EQ(target("[::1]:1").value(), "ipv6:[::1]:1");
  EXPECT_EQ(target("localhost:1").value(), "dns:///localhost:1");
  EXPECT_EQ(target("unix:/tmp/x").value(), "unix:/tmp/x");
  EXPECT_TRUE(absl::IsInvalidArgument(target("off").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(target("127.0.0.1:0").status()));
}

TEST(Channel, RefusesWhatIsNoAddress) {
  EXPECT_TRUE(absl::IsInvalidArgument(OpenChannel("nonsense").status()));
}

}  // namespace
}  // namespace tuco::client
