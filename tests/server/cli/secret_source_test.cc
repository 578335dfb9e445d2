#include "server/cli/secret_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace tuco::cli {
namespace {

class SecretSource : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "secret_source_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) const {
    std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  Environment environment() const {
    return [this](const char* name) -> std::optional<std::string> {
      const auto at = variables_.find(name);
      if (at == variables_.end()) return std::nullopt;
      return at->second;
    };
  }

  std::string folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(SecretSource, TakesTheFlagBeforeAllElse) {
  variables_["TUCO_WEBHOOK_SECRET"] = "from-variable";
  const auto secret = FindSecret(
      {Write("flag", "from-flag"), Write("dev", "from-dev")}, environment());
  EXPECT_EQ(secret.value(), "from-flag");
}

TEST_F(SecretSource, TakesTheVariableBeforeTheFileVariable) {
  variables_["TUCO_WEBHOOK_SECRET"] = "from-variable";
  variables_["TUCO_WEBHOOK_SECRET_FILE"] = Write("file", "from-file");
  EXPECT_EQ(FindSecret({}, environment()).value(), "from-variable");
}

TEST_F(SecretSource, TakesTheFileVariableBeforeTheFallback) {
  variables_["TUCO_WEBHOOK_SECRET_FILE"] = Write("file", "from-file");
  EXPECT_EQ(FindSecret({"", Write("dev", "from-dev")}, environment()).value(),
            "from-file");
}

TEST_F(SecretSource, TakesTheFallbackLast) {
  EXPECT_EQ(FindSecret({"", Write("dev", "from-dev")}, environment()).value(),
            "from-dev");
}

TEST_F(SecretSource, SaysWhatToDoWithoutAny) {
  const auto secret = FindSecret({"", folder_ + "/missing"}, environment());
  EXPECT_TRUE(absl::IsNotFound(secret.status()));
}

TEST_F(SecretSource, DoesNotPassOverAFileThatCannotBeRead) {
  variables_["TUCO_WEBHOOK_SECRET"] = "from-variable";
  const auto secret = FindSecret({folder_ + "/missing", ""}, environment());
  EXPECT_TRUE(absl::IsInvalidArgument(secret.status()));
}

TEST_F(SecretSource, DropsOneLineBreakOfAFile) {
  EXPECT_EQ(ReadSecretFile(Write("a", "s\n")).value(), "s");
  EXPECT_EQ(ReadSecretFile(Write("b", "s\r\n")).value(), "s");
  EXPECT_EQ(ReadSecretFile(Write("c", "s\n\n")).value(), "s\n");
  EXPECT_EQ(ReadSecretFile(Write("d", " s ")).value(), " s ");
}

TEST_F(SecretSource, KeepsTheVariableAsItIs) {
  variables_["TUCO_WEBHOOK_SECRET"] = "s\n";
  EXPECT_EQ(FindSecret({}, environment()).value(), "s\n");
}

TEST_F(SecretSource, RefusesEmptyAndOversizedFilesAndFolders) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(ReadSecretFile(Write("empty", "\n")).status()));
  EXPECT_TRUE(ReadSecretFile(Write("most", std::string(4096, 'x'))).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(
      ReadSecretFile(Write("large", std::string(4097, 'x'))).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadSecretFile(folder_).status()));
}

}  // namespace
}  // namespace tuco::cli
