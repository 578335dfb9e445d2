// Wycheproof's vectors of HMAC-SHA256: made by others, to catch the mistakes of
// those who implement it. tools/wycheproof/fetch brings them.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tuco/hmac_sha256.h"
#include "tuco/internal/json_reader.h"
#include "tuco/internal/secret_variants.h"
#include "tuco/signature_verifier.h"

namespace tuco {
namespace {

struct Vector {
  std::string id;
  std::string key;
  std::string message;
  std::string tag;  // In hexadecimal; of 64 digits, or cut to 32.
  bool valid = false;

  bool cut() const { return tag.size() < 2 * Digest().size(); }
};

// The member of an object; the object itself when it has none of the name.
std::uint32_t Member(const internal::JsonReader& json, std::uint32_t object,
                     std::string_view name) {
  for (std::uint32_t i = object + 1; i < json[object].next; i = json[i].next) {
    if (json.Key(json[i]) == name) return i;
  }
  ADD_FAILURE() << "there is no " << name;
  return object;
}

std::string Text(const internal::JsonReader& json, std::uint32_t object,
                 std::string_view name) {
  std::string scratch;
  return std::string(json.Text(json[Member(json, object, name)], scratch));
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  EXPECT_TRUE(hex.empty() || internal::DecodeHex(hex, bytes)) << hex;
  return bytes;
}

std::vector<Vector> ReadVectors() {
  const char* const path = std::getenv("TUCO_WYCHEPROOF");
  std::ifstream file(path == nullptr ? "" : path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  internal::JsonReader json;
  if (!json.Parse(text)) {
    ADD_FAILURE() << "TUCO_WYCHEPROOF is to be what tools/wycheproof/fetch "
                     "prints; cmake sets it for ctest";
    return {};
  }
  std::vector<Vector> vectors;
  const std::uint32_t groups = Member(json, 0, "testGroups");
  for (std::uint32_t group = groups + 1; group < json[groups].next;
       group = json[group].next) {
    const std::uint32_t tests = Member(json, group, "tests");
    for (std::uint32_t i = tests + 1; i < json[tests].next; i = json[i].next) {
      vectors.push_back({
          .id = std::string(json.Raw(json[Member(json, i, "tcId")])),
          .key = FromHex(Text(json, i, "key")),
          .message = FromHex(Text(json, i, "msg")),
          .tag = Text(json, i, "tag"),
          .valid = Text(json, i, "result") == "valid",
      });
    }
  }
  EXPECT_EQ(json.Raw(json[Member(json, 0, "numberOfTests")]),
            std::to_string(vectors.size()));
  return vectors;
}

TEST(WycheproofTest, ATagIsWhatTheySay) {
  const std::vector<Vector> vectors = ReadVectors();
  ASSERT_GE(vectors.size(), 174U);
  for (const Vector& vector : vectors) {
    const std::string tag =
        ToHex(HmacSha256Key(vector.key).Sign(vector.message));
    EXPECT_EQ(tag.starts_with(vector.tag), vector.valid) << vector.id;
  }
}

TEST(WycheproofTest, AWholeValidTagIsGenuineAndNoOtherIs) {
  std::size_t genuine = 0;
  for (const Vector& vector : ReadVectors()) {
    const auto verifier = SignatureVerifier::Create({{"main", vector.key}});
    ASSERT_TRUE(verifier.ok()) << vector.id;
    const Verdict verdict = verifier->Verify(vector.message, vector.tag);
    EXPECT_EQ(verdict.genuine(), vector.valid && !vector.cut()) << vector.id;
    const SignedBody body = {vector.message, vector.tag};
    EXPECT_EQ(verifier->VerifyMany({&body, 1}).front().reason(),
              verdict.reason())
        << vector.id;
    genuine += verdict.genuine() ? 1 : 0;
  }
  EXPECT_GE(genuine, 33U);
}

}  // namespace
}  // namespace tuco
