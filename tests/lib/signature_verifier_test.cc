#include "tuco/signature_verifier.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

#include "sample_deliveries.h"

namespace tuco {
namespace {

constexpr std::string_view kBody = R"({"event":"message.sent"})";

SignatureVerifier MakeVerifier(const std::vector<Secret>& secrets) {
  auto verifier = SignatureVerifier::Create(secrets);
  EXPECT_TRUE(verifier.ok());
  return *verifier;
}

std::string SignatureOf(std::string_view body, std::string_view secret) {
  return Sign(body, secret).value();
}

// Nobody but a verifier can say that bytes were authenticated.
static_assert(!std::is_default_constructible_v<VerifiedDelivery>);
static_assert(
    !std::is_constructible_v<VerifiedDelivery, std::string_view, const Digest&,
                             VerifiedForm, std::string_view>);

TEST(SignatureVerifierTest, AcceptsEverySampleDelivery) {
  for (const SampleDelivery& sample : ReadSampleDeliveries()) {
    const auto verifier = MakeVerifier({{"main", sample.secret}});
    const Verdict verdict = verifier.Verify(sample.body, sample.signature);
    ASSERT_TRUE(verdict.genuine()) << sample.name;
    EXPECT_EQ(verdict.reason(), Reason::kUnspecified);
    EXPECT_EQ(verdict.delivery().signed_bytes(), sample.body);
    EXPECT_EQ(verdict.delivery().form(), VerifiedForm::kRaw);
    EXPECT_EQ(verdict.delivery().secret_name(), "main");
    EXPECT_EQ(ToHex(verdict.delivery().signature()), sample.signature);
  }
}

TEST(SignatureVerifierTest, AcceptsOldSecretDuringRotation) {
  const auto verifier =
      MakeVerifier({{"new", "secret-2"}, {"old", "secret-1"}});
  const Verdict old = verifier.Verify(kBody, SignatureOf(kBody, "secret-1"));
  ASSERT_TRUE(old.genuine());
  EXPECT_EQ(old.delivery().secret_name(), "old");
  const Verdict fresh = verifier.Verify(kBody, SignatureOf(kBody, "secret-2"));
  ASSERT_TRUE(fresh.genuine());
  EXPECT_EQ(fresh.delivery().secret_name(), "new");
}

TEST(SignatureVerifierTest, TakesEitherCaseAndBlanksAround) {
  const auto verifier = MakeVerifier({{"main", "secret"}});
  std::string hex = SignatureOf(kBody, "secret");
  EXPECT_TRUE(verifier.Verify(kBody, " \t" + hex + "\t ").genuine());
  for (char& c : hex) c = static_cast<char>(std::toupper(c));
  EXPECT_TRUE(verifier.Verify(kBody, hex).genuine());
}

TEST(SignatureVerifierTest, TellsWhyItRefuses) {
  const auto verifier = MakeVerifier({{"main", "secret"}});
  const std::string hex = SignatureOf(kBody, "secret");
  const auto reason = [&](std::string_view body, std::string_view signature) {
    const Verdict verdict = verifier.Verify(body, signature);
    EXPECT_FALSE(verdict.genuine());
    return verdict.reason();
  };
  EXPECT_EQ(reason(kBody, ""), Reason::kSignatureMissing);
  EXPECT_EQ(reason(kBody, " \t"), Reason::kSignatureMissing);
  EXPECT_EQ(reason(kBody, hex.substr(1)), Reason::kSignatureMalformed);
  EXPECT_EQ(reason(kBody, hex + "0"), Reason::kSignatureMalformed);
  EXPECT_EQ(reason(kBody, "sha256=" + hex), Reason::kSignatureMalformed);
  EXPECT_EQ(reason(kBody, hex + "\n"), Reason::kSignatureMalformed);
  EXPECT_EQ(reason(kBody, std::string(64, 'g')), Reason::kSignatureMalformed);
  EXPECT_EQ(reason(kBody, std::string(64, '0')), Reason::kSignatureMismatch);
  EXPECT_EQ(reason("", hex), Reason::kSignatureMismatch);
}

TEST(SignatureVerifierTest, NoticesEveryChangedBit) {
  const auto verifier = MakeVerifier({{"main", "secret"}});
  const std::string hex = SignatureOf(kBody, "secret");
  for (std::size_t bit = 0; bit < 8 * kBody.size(); ++bit) {
    std::string body(kBody);
    body[bit / 8] = static_cast<char>(body[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verifier.Verify(body, hex).genuine());
  }
}

TEST(SignatureVerifierTest, VerifiesAnEmptyBody) {
  const auto verifier = MakeVerifier({{"main", "secret"}});
  EXPECT_TRUE(verifier.Verify("", SignatureOf("", "secret")).genuine());
}

TEST(SignatureVerifierTest, RefusesUnusableSecrets) {
  const auto code = [](const std::vector<Secret>& secrets) {
    return SignatureVerifier::Create(secrets).status().code();
  };
  EXPECT_EQ(code({}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{"a", ""}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{"a", "x"}, {"a", "y"}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{"a", "x"}, {"b", "x"}}), absl::StatusCode::kOk);
}

TEST(SignatureVerifierTest, TakesFiveSecretsAndNotSix) {
  std::vector<Secret> secrets;
  for (std::size_t i = 0; i < kActiveSecretsMax; ++i) {
    secrets.push_back({std::to_string(i), "s" + std::to_string(i)});
  }
  const auto verifier = MakeVerifier(secrets);
  EXPECT_TRUE(verifier.Verify(kBody, SignatureOf(kBody, "s4")).genuine());
  secrets.push_back({"one too many", "s"});
  EXPECT_FALSE(SignatureVerifier::Create(secrets).ok());
}

TEST(SignatureVerifierTest, NeverRepeatsASecretInAMessage) {
  const auto status =
      SignatureVerifier::Create({{"a", "whsec_x"}, {"a", "whsec_y"}}).status();
  EXPECT_EQ(status.message().find("whsec"), absl::string_view::npos);
}

TEST(SignTest, RefusesAnEmptySecret) {
  EXPECT_EQ(Sign(kBody, "").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tuco
