#include "server/app/environment_secrets.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace tuco::app {
namespace {

TEST(EnvironmentSecretsTest, HidesFromOthersWhatItStillReads) {
  ::setenv("TUCO_TEST_SECRET", "whsec_1", 1);
  EnvironmentSecrets secrets;
  const cli::Environment read = secrets.Reader();
  EXPECT_EQ(read("TUCO_TEST_SECRET"), "whsec_1");
  const char* const place = std::getenv("TUCO_TEST_SECRET");
  secrets.Hide("TUCO_TEST_SECRET");
  EXPECT_EQ(read("TUCO_TEST_SECRET"), "whsec_1");
  EXPECT_EQ(cli::ProcessEnvironment()("TUCO_TEST_SECRET"), std::nullopt);
  EXPECT_EQ(std::string(place, 7), std::string(7, '\0'));
}

TEST(EnvironmentSecretsTest, HidingTwiceKeepsTheFirst) {
  ::setenv("TUCO_TEST_SECRET", "whsec_1", 1);
  EnvironmentSecrets secrets;
  secrets.Hide("TUCO_TEST_SECRET");
  secrets.Hide("TUCO_TEST_SECRET");
  secrets.Hide("TUCO_TEST_NOBODY");
  EXPECT_EQ(secrets.Reader()("TUCO_TEST_SECRET"), "whsec_1");
  EXPECT_EQ(secrets.Reader()("TUCO_TEST_NOBODY"), std::nullopt);
}

}  // namespace
}  // namespace tuco::app
