#include "server/receiver/endpoints.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "server/receiver/current_endpoints.h"
#include "server/receiver/secret_use.h"
#include "tuco/signature_verifier.h"
#include "tuco/timestamp.h"

namespace tuco::receiver {
namespace {

constexpr char kSecret[] = "whsec_first_0123456789";
constexpr char kOtherSecret[] = "whsec_other_0123456789";

TEST(SecretUseTest, LastIsTheNewestArrivalHoweverTheyCome) {
  SecretUse use;
  const Timestamp newest{std::chrono::seconds(20)};
  use.Note(VerifiedForm::kRaw, newest);
  use.Note(VerifiedForm::kCanonical, newest - std::chrono::seconds(5));
  EXPECT_EQ(use.last(), newest);
}

TEST(CurrentEndpointsTest, WhoHasTheOldOnesGoesOnWithThem) {
  const auto make = [](const std::string& secret) {
    return Endpoints::Create({{.name = "tuco", .secrets = {{"main", secret}}}})
        .value();
  };
  CurrentEndpoints current(make(kSecret));
  const EndpointsPtr before = current.Get();
  current.Replace(make(kOtherSecret));
  const std::string signature = Sign("{}", kSecret).value();
  EXPECT_TRUE(before->Find("tuco")->verifier.Verify("{}", signature).genuine());
  EXPECT_FALSE(
      current.Get()->Find("tuco")->verifier.Verify("{}", signature).genuine());
  EXPECT_EQ(before->generation(), 0u);
  EXPECT_EQ(current.Get()->generation(), current.generation());
}

TEST(EndpointsTest, TellWhetherTheyMayTakeMore) {
  const auto make = [](EndpointConfig config) {
    return Endpoints::Create({std::move(config)}).value();
  };
  const Endpoints before = make({.name = "tuco",
                                 .secrets = {{"a", kSecret}},
                                 .mode = VerifyMode::kAuto,
                                 .revoked = {{"b", kOtherSecret}}});
  const auto takes_more = [&](EndpointConfig config) {
    return make(std::move(config)).MayTakeMoreThan(before);
  };
  EXPECT_FALSE(takes_more({.name = "tuco", .secrets = {{"new", kSecret}}}));
  EXPECT_FALSE(takes_more(
      {.name = "tuco", .secrets = {{"a", kSecret}}, .mode = VerifyMode::kRaw}));
  EXPECT_TRUE(takes_more({.name = "tuco", .secrets = {{"b", kOtherSecret}}}));
  EXPECT_TRUE(takes_more(
      {.name = "tuco", .secrets = {{"a", "whsec_third_0123456789"}}}));
  EXPECT_TRUE(takes_more({.name = "new", .secrets = {{"a", kSecret}}}));
  const Endpoints raw = make(
      {.name = "tuco", .secrets = {{"a", kSecret}}, .mode = VerifyMode::kRaw});
  EXPECT_TRUE(before.MayTakeMoreThan(raw));
}

TEST(EndpointsTest, KeepsEverySecretForExplanations) {
  const auto endpoints =
      Endpoints::Create({{.name = "eu",
                          .secrets = {{"new", "b"}},
                          .workspaces = {},
                          .revoked = {{"old", "a"}}},
                         {.name = "us", .secrets = {{"new", "c"}}}});
  ASSERT_TRUE(endpoints.ok());
  std::string names;
  const WipedSecrets kept = endpoints->doctor_secrets();
  for (const Secret& secret : kept.all()) {
    names += secret.name + "=" + secret.text + " ";
  }
  EXPECT_EQ(names, "eu/new=b eu/old=a us/new=c ");
  // It explains only.
  EXPECT_FALSE(endpoints->Find("eu")
                   ->verifier.Verify("", Sign("", "a").value())
                   .genuine());
}

TEST(EndpointsTest, RefusesWhatIsNoEndpoint) {
  const std::vector<Secret> secrets = {{"main", kSecret}};
  const auto create = [](const std::vector<EndpointConfig>& configs) {
    return Endpoints::Create(configs).status().code();
  };
  EXPECT_EQ(create({}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(create({{.name = "", .secrets = secrets}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(create({{.name = "a/b", .secrets = secrets}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(create({{.name = std::string(65, 'a'), .secrets = secrets}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(create({{.name = "a", .secrets = {}}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(create({{.name = "a", .secrets = secrets},
                    {.name = "a", .secrets = secrets}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(create({{.name = std::string(64, 'a'), .secrets = secrets}}),
            absl::StatusCode::kOk);
}

}  // namespace
}  // namespace tuco::receiver
