#include "server/app/secret_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tuco/strings.h"

namespace tuco::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kGood[] = "whsec_5f0c2a7e9d41";

std::optional<std::string> Variables(const char* name) {
  if (std::string(name) == "GOOD") return kGood;
  if (std::string(name) == "SHORT") return "tooshort";
  return std::nullopt;
}

EndpointSettings Endpoint(std::vector<SecretConfig> secrets) {
  return {.name = "tuco", .workspaces = {}, .secrets = std::move(secrets)};
}

TEST(SecretLoaderTest, ReadsWhatIsConfigured) {
  const auto endpoints = LoadSecrets(
      {Endpoint({{.name = "a", .file = {}, .env = "GOOD"}})}, Variables);
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  ASSERT_EQ(endpoints->all().at(0).secrets.size(), 1);
  EXPECT_EQ(endpoints->all().at(0).secrets[0].name, "a");
  EXPECT_EQ(endpoints->all().at(0).secrets[0].text, kGood);
}

TEST(SecretLoaderTest, LeavesRevokedSecretsOut) {
  const SecretConfig good{.name = "a", .file = {}, .env = "GOOD"};
  SecretConfig revoked{.name = "b", .file = "/nowhere", .env = {}};
  revoked.active = false;
  const auto endpoints = LoadSecrets({Endpoint({good, revoked})}, Variables);
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  EXPECT_EQ(endpoints->all().at(0).secrets.size(), 1);
  EXPECT_EQ(LoadSecrets({Endpoint({revoked})}, Variables).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(SecretLoaderTest, KeepsRevokedSecretsForExplanations) {
  const SecretConfig good{.name = "a", .file = {}, .env = "GOOD"};
  SecretConfig revoked{.name = "b", .file = {}, .env = "SHORT"};
  revoked.active = false;
  const auto endpoints = LoadSecrets({Endpoint({good, revoked})}, Variables);
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  ASSERT_EQ(endpoints->all().at(0).revoked.size(), 1);
  EXPECT_EQ(endpoints->all().at(0).revoked[0].name, "b");
  EXPECT_EQ(endpoints->all().at(0).revoked[0].text, "tooshort");
}

TEST(SecretLoaderTest, SaysWhichSecretIsWrongAndNeverWhatItIs) {
  const auto endpoints = LoadSecrets(
      {Endpoint({{.name = "a", .file = {}, .env = "SHORT"}})}, Variables);
  const std::string message(FromAbsl(endpoints.status().message()));
  EXPECT_THAT(message, HasSubstr("endpoint \"tuco\", secret \"a\""));
  EXPECT_THAT(message, Not(HasSubstr("tooshort")));
  EXPECT_THAT(
      std::string(FromAbsl(
          LoadSecrets(
              {Endpoint({{.name = "a", .file = {}, .env = "UNSET_VARIABLE"}})},
              Variables)
              .status()
              .message())),
      HasSubstr("UNSET_VARIABLE"));
}

TEST(SecretLoaderTest, CredentialIsAFileOfTheServiceManager) {
  const SecretConfig secret{.name = "a", .credential = "tuco"};
  const auto folder = [](const char* name) -> std::optional<std::string> {
    if (std::string(name) != "CREDENTIALS_DIRECTORY") return std::nullopt;
    return "/run/credentials/tuco-events.service";
  };
  EXPECT_EQ(SecretFile(secret, folder).value(),
            "/run/credentials/tuco-events.service/tuco");
  EXPECT_THAT(
      std::string(FromAbsl(
          LoadSecrets({Endpoint({secret})}, folder).status().message())),
      HasSubstr("/run/credentials/tuco-events.service/tuco"));
  EXPECT_THAT(
      std::string(FromAbsl(
          LoadSecrets({Endpoint({secret})}, Variables).status().message())),
      HasSubstr("CREDENTIALS_DIRECTORY is not set"));
}

TEST(SecretLoaderTest, TakesAShortSecretOnlyWhenAllowed) {
  EXPECT_FALSE(CheckSecret("0123456789abcde", false).ok());
  EXPECT_TRUE(CheckSecret("0123456789abcdef", false).ok());
  EXPECT_TRUE(CheckSecret("0123456789abcde", true).ok());
  EXPECT_FALSE(CheckSecret("", true).ok());
}

TEST(SecretLoaderTest, RefusesPlaceholders) {
  for (const char* text :
       {"changeme-changeme", "CHANGE_ME_PLEASE_NOW", "your_webhook_secret",
        "<the secret from Tuco>", "xxxxxxxxxxxxxxxxxxxx", "secret",
        "replace-with-your-secret", "whsec_your_secret_here"}) {
    EXPECT_FALSE(CheckSecret(text, true).ok()) << text;
  }
  EXPECT_TRUE(CheckSecret("whsec_sample_5f0c2a7e9d41", false).ok());
}

}  // namespace
}  // namespace tuco::app
