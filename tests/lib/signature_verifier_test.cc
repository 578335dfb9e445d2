#include "tuco/signature_verifier.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <type_traits>
#include <utility>
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
static_assert(!std::is_constructible_v<VerifiedDelivery, const Digest&,
                                       std::string_view, std::string_view>);

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

// What a proxy made of it on the way.
constexpr std::string_view kSigned =
    R"({"event":"message.sent","data":{"n":1,"text":"é"}})";
constexpr std::string_view kReformatted =
    R"({ "event": "message.sent", "data": { "n": 1.0, "text": "\u00e9" } })";

TEST(SignatureVerifierTest, VerifiesTheCanonicalFormWhenTheBodyWasReformatted) {
  const auto verifier = MakeVerifier({{"new", "s2"}, {"old", "s1"}});
  const std::string hex = SignatureOf(kSigned, "s1");
  for (const VerifyMode mode : {VerifyMode::kAuto, VerifyMode::kCanonical}) {
    const Verdict verdict = verifier.Verify(kReformatted, hex, mode);
    ASSERT_TRUE(verdict.genuine());
    EXPECT_EQ(verdict.delivery().signed_bytes(), kSigned);
    EXPECT_EQ(verdict.delivery().form(), VerifiedForm::kCanonical);
    EXPECT_EQ(verdict.delivery().secret_name(), "old");
  }
}

TEST(SignatureVerifierTest, HandsOutTheSignedBytesAfterCopiesAndMoves) {
  const auto verifier = MakeVerifier({{"main", "s"}});
  Verdict verdict = verifier.Verify(kReformatted, SignatureOf(kSigned, "s"));
  const Verdict copy = verdict;
  const Verdict moved = std::move(verdict);
  EXPECT_EQ(copy.delivery().signed_bytes(), kSigned);
  EXPECT_EQ(moved.delivery().signed_bytes(), kSigned);
}

TEST(SignatureVerifierTest, RawModeTakesTheBodyAsItArrivedOnly) {
  const auto verifier = MakeVerifier({{"main", "s"}});
  const auto raw = VerifyMode::kRaw;
  const std::string hex = SignatureOf(kSigned, "s");
  EXPECT_TRUE(verifier.Verify(kSigned, hex, raw).genuine());
  EXPECT_EQ(verifier.Verify(kReformatted, hex, raw).reason(),
            Reason::kSignatureMismatch);
}

TEST(SignatureVerifierTest, CanonicalModeLeavesTheRestToWhoHasTriedIt) {
  const auto verifier = MakeVerifier({{"main", "s"}});
  const Verdict verdict = verifier.Verify(kSigned, SignatureOf(kSigned, "s"),
                                          VerifyMode::kCanonical);
  EXPECT_EQ(verdict.reason(), Reason::kSignatureMismatch);
}

TEST(SignatureVerifierTest, RefusesForgeriesOfTheCanonicalForm) {
  const auto verifier = MakeVerifier({{"main", "s"}});
  const std::string hex = SignatureOf(R"({"a":1,"b":"x"})", "s");
  const std::string zero = SignatureOf(R"({"a":0})", "s");
  const std::string null = SignatureOf(R"({"a":null})", "s");
  const std::string rounded = SignatureOf(R"({"a":9007199254740992})", "s");
  ASSERT_TRUE(verifier.Verify(R"({"a": 1, "b": "x"})", hex).genuine());
  const std::pair<std::string, std::string> forgeries[] = {
      {R"({"a":9,"a":1,"b":"x"})", hex},
      {R"({"a":1,"\u0061":1,"b":"x"})", hex},
      {R"({"a":1,"b":"y","b":"x"})", hex},
      {"\xef\xbb\xbf{\"a\":1,\"b\":\"x\"}", hex},
      {R"({"a":1,"b":"x"} x)", hex},
      {R"({"a":1,"b":"x"}{})", hex},
      {std::string(R"({"a":1,"b":"x"})") + '\0', hex},
      {R"({"b":"x","a":1})", hex},
      {R"({"a":1e-400})", zero},
      {R"({"a":1e400})", null},
      {R"({"a":9007199254740993})", rounded},
  };
  for (const auto& [body, signature] : forgeries) {
    EXPECT_FALSE(verifier.Verify(body, signature).genuine()) << body;
  }
}

TEST(SignatureVerifierTest, CanonicalisesBodiesUpToItsLimit) {
  const auto verifier = MakeVerifier({{"main", "s"}});
  const std::string blanks(kCanonicalBodyBytesMax - 2, ' ');
  const std::string hex = SignatureOf("[]", "s");
  EXPECT_TRUE(verifier.Verify("[" + blanks + "]", hex).genuine());
  EXPECT_FALSE(verifier.Verify("[ " + blanks + "]", hex).genuine());
}

// Bodies of all sorts and lengths under all sorts of signatures.
std::vector<std::pair<std::string, std::string>> MixedDeliveries() {
  std::vector<std::pair<std::string, std::string>> deliveries;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string body(i * i % 997, static_cast<char>('a' + i % 26));
    const std::string hex = SignatureOf(body, i % 3 == 0 ? "s1" : "s2");
    switch (i % 7) {
      case 0:
        deliveries.emplace_back(body, SignatureOf(body, "unknown"));
        break;
      case 1:
        deliveries.emplace_back(body, "");
        break;
      case 2:
        deliveries.emplace_back(body, hex + "0");
        break;
      case 3:
        deliveries.emplace_back(std::string(kReformatted),
                                SignatureOf(kSigned, "s1"));
        break;
      default:
        deliveries.emplace_back(body, hex);
    }
  }
  return deliveries;
}

TEST(SignatureVerifierTest, ManyHaveTheVerdictsThatEachHas) {
  const auto verifier = MakeVerifier({{"one", "s1"}, {"two", "s2"}});
  const auto mixed = MixedDeliveries();
  const std::vector<SignedBody> deliveries = [&] {
    std::vector<SignedBody> views;
    views.reserve(mixed.size());
    for (const auto& [body, signature] : mixed) {
      views.push_back({body, signature});
    }
    return views;
  }();
  for (const VerifyMode mode :
       {VerifyMode::kAuto, VerifyMode::kRaw, VerifyMode::kCanonical}) {
    for (const std::size_t count : {0UL, 1UL, 3UL, 64UL, 65UL, 300UL}) {
      const auto some = std::span(deliveries).first(count);
      const std::vector<Verdict> verdicts = verifier.VerifyMany(some, mode);
      ASSERT_EQ(verdicts.size(), count);
      for (std::size_t i = 0; i < count; ++i) {
        const Verdict single =
            verifier.Verify(some[i].body, some[i].signature, mode);
        ASSERT_EQ(verdicts[i].reason(), single.reason()) << i;
        if (!single.genuine()) continue;
        const VerifiedDelivery& many = verdicts[i].delivery();
        EXPECT_EQ(many.signed_bytes(), single.delivery().signed_bytes());
        EXPECT_EQ(many.form(), single.delivery().form());
        EXPECT_EQ(many.secret_name(), single.delivery().secret_name());
      }
    }
  }
}

TEST(SignatureVerifierTest, TellsTheDuplicateKeyUnderItsEndpoint) {
  // Also a name that fills a block of SHA-256 and more.
  for (const std::string& endpoint :
       {std::string("tuco"), std::string("a"), std::string(200, 'e')}) {
    const auto verifier =
        SignatureVerifier::Create({{"main", "secret"}}, endpoint).value();
    for (const std::string_view body : {kBody, std::string_view(" { } ")}) {
      const Digest expected = DuplicateKey(endpoint, body);
      const std::string signature = SignatureOf(body, "secret");
      const Verdict one = verifier.Verify(body, signature);
      ASSERT_TRUE(one.genuine());
      EXPECT_EQ(one.delivery().endpoint(), endpoint);
      EXPECT_EQ(one.delivery().duplicate_key(), expected);
      const std::vector<SignedBody> deliveries = {{body, signature}};
      const std::vector<Verdict> many = verifier.VerifyMany(deliveries);
      ASSERT_TRUE(many[0].genuine());
      EXPECT_EQ(many[0].delivery().endpoint(), endpoint);
      EXPECT_EQ(many[0].delivery().duplicate_key(), expected);
    }
    // Of what was signed, not of what arrived.
    const Verdict canonical =
        verifier.Verify("{ }", SignatureOf("{}", "secret"));
    ASSERT_TRUE(canonical.genuine());
    EXPECT_EQ(canonical.delivery().duplicate_key(),
              DuplicateKey(endpoint, "{}"));
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
