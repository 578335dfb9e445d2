#include "server/app/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <string>

#include "tests/server/base/temporary_directory.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHash[] =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

std::string OneToken(const std::string& changes = "") {
  return Concat({"[[token]]\nname = \"crm\"\nsha256 = \"", kHash,
                 "\"\nscopes = [\"read\", \"admin\"]\n", changes});
}

std::string ErrorOf(const std::string& text) {
  return std::string(ParseTokens(text, "tokens.toml").status().message());
}

TEST(TokenFileTest, ReadsEveryKey) {
  const auto tokens = ParseTokens(
      OneToken("endpoints = [\"tuco\"]\nworkspaces = [\"org_a\", \"org_b\"]\n"
               "expires = 2027-01-31T02:00:00+02:00\n"),
      "tokens.toml");
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  ASSERT_EQ(tokens->size(), 1U);
  const rpc::Token& token = tokens->front();
  EXPECT_EQ(token.name, "crm");
  EXPECT_EQ(token.sha256, Sha256("hello"));
  EXPECT_EQ(token.scopes.to_ulong(), 0b101U);
  EXPECT_THAT(token.reach.endpoints, ElementsAre("tuco"));
  EXPECT_THAT(token.reach.workspaces, ElementsAre("org_a", "org_b"));
  EXPECT_EQ(token.expires_at,
            Timestamp(std::chrono::sys_days(std::chrono::year(2027) / 1 / 31)));
}

TEST(TokenFileTest, ATokenWithoutLimitsHasNone) {
  const rpc::Token token = ParseTokens(OneToken(), "tokens.toml")->front();
  EXPECT_TRUE(token.reach.IsUnlimited());
  EXPECT_FALSE(token.expires_at.has_value());
}

TEST(TokenFileTest, SaysWhereSomethingIsWrong) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("[[token]]"));
  EXPECT_THAT(ErrorOf("nonsense"), HasSubstr("tokens.toml:1:"));
  EXPECT_THAT(ErrorOf(OneToken("secret = \"x\"\n")), HasSubstr("secret"));
  EXPECT_THAT(ErrorOf(OneToken("endpoints = []\n")), HasSubstr("endpoints"));
  EXPECT_THAT(ErrorOf(OneToken("expires = 2027-01-31\n")),
              HasSubstr("tokens.toml:5:"));
  EXPECT_THAT(ErrorOf("[[token]]\nname = \"a\"\nsha256 = \"abc\"\n"),
              HasSubstr("sha256"));
  EXPECT_THAT(ErrorOf(Concat({"[[token]]\nname = \"a\"\nsha256 = \"", kHash,
                              "\"\nscopes = [\"write\"]\n"})),
              HasSubstr("\"consume\""));
}

TEST(TokenFileTest, RefusesAFileThatOthersMayWrite) {
  const base::TemporaryDirectory folder;
  const std::string path = folder.path() + "/tokens.toml";
  std::ofstream(path) << OneToken();
  ::chmod(path.c_str(), 0640);
  EXPECT_TRUE(LoadTokenFile(path).ok());
  for (const mode_t mode : {0660, 0602}) {
    ::chmod(path.c_str(), mode);
    EXPECT_THAT(std::string(LoadTokenFile(path).status().message()),
                HasSubstr("chmod"));
  }
  EXPECT_EQ(LoadTokenFile(path + "x").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tuco::app
