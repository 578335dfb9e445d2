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

TEST(Channel, ShowsATokenToThisMachineOnlyWithoutEncryption) {
  const Credentials credentials{.token = "a token"};
  EXPECT_TRUE(OpenChannel("127.0.0.1:1", credentials).ok());
  EXPECT_TRUE(OpenChannel("unix:/run/grpc.sock", credentials).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(
      OpenChannel("192.0.2.1:1", credentials).status()));
}

}  // namespace
}  // namespace tuco::client
