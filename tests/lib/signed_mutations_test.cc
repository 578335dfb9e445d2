// Whatever is made of a delivery on its way: the bytes that a verifier hands
// out are bytes that a secret's owner signed.
//
// TUCO_TEST_MUTATIONS says how many deliveries are tried, TUCO_TEST_SEED which
// ones; `make fuzz` tries a million of others each time.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "delivery_mutator.h"
#include "hmac_by_definition.h"
#include "sample_deliveries.h"
#include "tuco/canonical_json.h"
#include "tuco/signature_verifier.h"

namespace tuco {
namespace {

constexpr std::size_t kBatch = 50;
constexpr VerifyMode kModes[] = {VerifyMode::kAuto, VerifyMode::kRaw,
                                 VerifyMode::kCanonical};

// What the samples have none of.
constexpr std::string_view kOddBodies[] = {
    R"({"event":"message.sent","10":{"2":1,"1":[],"x":0},"z":1,"4294967294":2})",
    R"([0.1,1e21,5e-324,1e-7,123456789012345680000,9007199254740992,-1.5])",
    R"({"event":"\ud83d","a\ud83d":"\u0000\u001f\"\\/","\u2028":"é🎉"})",
    R"({"":{"":{"":[[[[{"a":[[[{"b":{}}]]]}]]]]}},"__proto__":{"a":null}})",
    R"("only a text")",
    "0"};

const std::vector<Secret>& Secrets() {
  static const auto& secrets = *new std::vector<Secret>{
      {"main", "whsec_sample_5f0c2a7e9d41"},
      {"old", "an older secret, which is longer than a block of the hash, 64"},
      {"é", "\xc3\xa9"}};
  return secrets;
}

std::uint32_t FromEnvironment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr) return otherwise;
  return static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

DeliveryMutator MutatorOf(std::uint32_t seed) {
  std::vector<std::string> bodies;
  for (const SampleDelivery& sample : ReadSampleDeliveries()) {
    const auto canonical = CanonicalJson(sample.body);
    if (canonical.ok()) bodies.push_back(*canonical);
  }
  for (const std::string_view body : kOddBodies) {
    bodies.push_back(CanonicalJson(body).value());
  }
  // One that no verifier knows.
  std::vector<std::string> secrets = {"another secret"};
  for (const Secret& secret : Secrets()) {
    // The known ones several times, so that most deliveries are theirs.
    secrets.insert(secrets.end(), 5, secret.text);
  }
  return {seed, std::move(bodies), std::move(secrets)};
}

// The 64 digits in lower case that a header means, or nothing.
std::string DigitsOf(std::string_view header) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!header.empty() && is_blank(header.front())) header.remove_prefix(1);
  while (!header.empty() && is_blank(header.back())) header.remove_suffix(1);
  std::string digits(header);
  for (char& c : digits) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  const bool right =
      digits.size() == 64 &&
      digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return right ? digits : "";
}

// The name of the secret under which `bytes` have the tag, or nothing. No code
// of the verifier is in it.
std::string SignerOf(std::string_view bytes, const std::string& digits) {
  if (digits.empty()) return "";
  for (const Secret& secret : Secrets()) {
    if (ToHex(TagByDefinition(secret.text, bytes)) == digits) {
      return secret.name;
    }
  }
  return "";
}

// Who signed what of a delivery.
struct Truth {
  std::string digits;
  std::string body_signer;
  std::string canonical;  // Empty when there is none of its own.
  std::string canonical_signer;
};

Truth TruthOf(const MutatedDelivery& delivery) {
  Truth truth;
  truth.digits = DigitsOf(delivery.signature);
  truth.body_signer = SignerOf(delivery.body, truth.digits);
  const auto canonical = CanonicalJson(delivery.body);
  if (canonical.ok() && *canonical != delivery.body) {
    truth.canonical = *canonical;
    truth.canonical_signer = SignerOf(truth.canonical, truth.digits);
  }
  return truth;
}

VerifiedForm FormOf(const Truth& truth, VerifyMode mode) {
  if (mode != VerifyMode::kCanonical && !truth.body_signer.empty()) {
    return VerifiedForm::kRaw;
  }
  const bool canonical =
      mode != VerifyMode::kRaw && !truth.canonical_signer.empty();
  return canonical ? VerifiedForm::kCanonical : VerifiedForm::kUnspecified;
}

// The property, and that nothing genuine is refused.
void CheckVerdict(const MutatedDelivery& delivery, const Truth& truth,
                  VerifyMode mode, const Verdict& verdict) {
  const VerifiedForm form = FormOf(truth, mode);
  ASSERT_EQ(verdict.genuine(), form != VerifiedForm::kUnspecified);
  if (!verdict.genuine()) return;
  const VerifiedDelivery& verified = verdict.delivery();
  const std::string_view bytes = verified.signed_bytes();
  ASSERT_EQ(SignerOf(bytes, truth.digits), verified.secret_name());
  ASSERT_EQ(ToHex(verified.signature()), truth.digits);
  ASSERT_EQ(verified.form(), form);
  ASSERT_EQ(bytes, form == VerifiedForm::kRaw ? std::string_view(delivery.body)
                                              : truth.canonical);
}

// How many deliveries verified in which form, in the mode kAuto.
struct Counts {
  std::uint32_t raw = 0;
  std::uint32_t canonical = 0;
  std::uint32_t refused = 0;

  void Add(VerifiedForm form) {
    ++(form == VerifiedForm::kRaw         ? raw
       : form == VerifiedForm::kCanonical ? canonical
                                          : refused);
  }
};

void CheckBatch(const SignatureVerifier& verifier,
                const std::vector<MutatedDelivery>& batch, Counts& counts) {
  std::vector<SignedBody> arrived;
  std::vector<Truth> truths;
  for (const MutatedDelivery& delivery : batch) {
    arrived.push_back({delivery.body, delivery.signature});
    truths.push_back(TruthOf(delivery));
    counts.Add(FormOf(truths.back(), VerifyMode::kAuto));
  }
  for (const VerifyMode mode : kModes) {
    const std::vector<Verdict> many = verifier.VerifyMany(arrived, mode);
    ASSERT_EQ(many.size(), batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto& [body, signature] = batch[i];
      CheckVerdict(batch[i], truths[i], mode,
                   verifier.Verify(body, signature, mode));
      CheckVerdict(batch[i], truths[i], mode, many[i]);
      ASSERT_FALSE(testing::Test::HasFatalFailure())
          << "mode " << static_cast<int>(mode) << ", signature " << signature
          << ", body " << body;
    }
  }
}

TEST(SignedMutationsTest, WhatIsHandedOutWasSigned) {
  const std::uint32_t count = FromEnvironment("TUCO_TEST_MUTATIONS", 20000);
  const std::uint32_t seed = FromEnvironment("TUCO_TEST_SEED", 2026);
  std::printf("seed: %u\n", seed);
  // Seen even when a sanitizer ends the process.
  std::fflush(stdout);
  const auto verifier = SignatureVerifier::Create(Secrets()).value();
  DeliveryMutator mutator = MutatorOf(seed);
  Counts counts;
  std::uint32_t done = 0;
  while (done < count) {
    std::vector<MutatedDelivery> batch;
    for (std::size_t i = 0; i < kBatch && done < count; ++i, ++done) {
      batch.push_back(mutator.Make());
    }
    ASSERT_NO_FATAL_FAILURE(CheckBatch(verifier, batch, counts));
  }
  std::printf("done: %u\nraw: %u\ncanonical: %u\nrefused: %u\n", done,
              counts.raw, counts.canonical, counts.refused);
  // What happens rarely is not tested.
  EXPECT_GT(counts.raw, count / 10);
  EXPECT_GT(counts.canonical, count / 10);
  EXPECT_GT(counts.refused, count / 10);
}

}  // namespace
}  // namespace tuco
