#include "server/cli/secret_new.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "server/cli/secret_source.h"

namespace tuco::cli {
namespace {

class SecretNew : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "secret_new_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(SecretNew, IsLongAndNew) {
  const std::string secret = NewSecret();
  EXPECT_EQ(secret.size(), 70U);
  EXPECT_EQ(secret.substr(0, 6), "whsec_");
  EXPECT_EQ(secret.find_first_not_of("0123456789abcdef", 6), std::string::npos);
  EXPECT_NE(NewSecret(), secret);
}

TEST_F(SecretNew, WritesAFileForItsOwnerOnly) {
  const std::string path = folder_ + "/secret";
  ASSERT_TRUE(WriteSecretFile(path, "whsec_x").ok());
  struct stat status = {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(ReadSecretFile(path).value(), "whsec_x");
}

TEST_F(SecretNew, NeverOverwrites) {
  const std::string path = folder_ + "/secret";
  ASSERT_TRUE(WriteSecretFile(path, "first").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(WriteSecretFile(path, "second")));
  EXPECT_EQ(ReadSecretFile(path).value(), "first");
}

TEST_F(SecretNew, SaysWhenItCannotWrite) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      WriteSecretFile(folder_ + "/missing/secret", "x")));
}

}  // namespace
}  // namespace tuco::cli
