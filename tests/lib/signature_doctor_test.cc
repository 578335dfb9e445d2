#include "tuco/signature_doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sample_deliveries.h"

namespace tuco {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kSecret = "whsec_c2VjcmV0IG9mIGEgdGVzdA==";
constexpr std::string_view kBody =
    R"({"event":"message.reply","timestamp":"2026-04-15T12:00:00.5Z",)"
    R"("data":{"message":"café 🎉","list":[1.0,[],{}]}})";

std::string Tag(std::string_view body, std::string_view secret = kSecret) {
  return ToHex(HmacSha256Key(secret).Sign(body));
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned word = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      word = word << 8U |
             (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k])
                                   : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : kDigits[word >> (18 - 6 * k) & 63U];
    }
  }
  return out;
}

std::string Base64Tag(std::string_view body) {
  const Digest tag = HmacSha256Key(kSecret).Sign(body);
  return Base64({reinterpret_cast<const char*>(tag.data()), tag.size()});
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

std::vector<Finding> ExplainMain(std::string_view body,
                                 std::string_view signature,
                                 std::string_view secret = kSecret) {
  return Explain(body, signature, {{"main", std::string(secret)}});
}

std::vector<FindingKind> Kinds(const std::vector<Finding>& findings) {
  std::vector<FindingKind> kinds;
  kinds.reserve(findings.size());
  for (const Finding& finding : findings) kinds.push_back(finding.kind);
  return kinds;
}

struct Case {
  FindingKind kind;
  std::string body;       // As it arrived.
  std::string signature;  // As it arrived.
  std::string secret = std::string(kSecret);
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << FindingKindName(one.kind) << " for " << one.body;
}

class CertainTest : public ::testing::TestWithParam<Case> {};

TEST_P(CertainTest, IsTheOnlyFinding) {
  const Case& one = GetParam();
  const auto findings = ExplainMain(one.body, one.signature, one.secret);
  ASSERT_THAT(Kinds(findings), ElementsAre(one.kind));
  EXPECT_EQ(findings[0].certainty, Certainty::kCertain);
  EXPECT_THAT(findings[0].text, testing::StartsWith("It would match if "));
  EXPECT_EQ(findings[0].text.back(), '.');
  const bool keyless = one.kind == FindingKind::kUnkeyedDigest ||
                       one.kind == FindingKind::kSecretEmpty;
  EXPECT_EQ(findings[0].secret_name, keyless ? "" : "main");
}

const std::string kText(kBody);
const std::string kLines = "{\n  \"a\": 1\n}";
constexpr char kBom[] = "\xef\xbb\xbf";

INSTANTIATE_TEST_SUITE_P(
    Signature, CertainTest,
    ::testing::Values(
        Case{FindingKind::kSignaturePrefix, kText, "sha256=" + Tag(kBody)},
        Case{FindingKind::kSignaturePrefix, kText, "SHA256=" + Tag(kBody)},
        Case{FindingKind::kSignaturePrefix, kText, "v1=" + Tag(kBody)},
        Case{FindingKind::kSignaturePrefix, kText, "0x" + Tag(kBody)},
        Case{FindingKind::kSignatureBase64, kText, Base64Tag(kBody)},
        Case{FindingKind::kSignatureBase64, kText,
             Base64Tag(kBody).substr(0, 43)},
        Case{FindingKind::kSignatureSurrounded, kText, Tag(kBody) + "\r\n"},
        Case{FindingKind::kSignatureSurrounded, kText, '"' + Tag(kBody) + '"'},
        Case{FindingKind::kCombination, kText, "sha256=" + Base64Tag(kBody)},
        Case{FindingKind::kSignatureRepeated, kText,
             Tag(kBody) + ", " + Tag(kBody)},
        Case{FindingKind::kSignatureRepeated, kText,
             std::string(64, '0') + "," + Tag(kBody)},
        Case{FindingKind::kCombination, kText, "t=1776254400,v1=" + Tag(kBody)},
        Case{FindingKind::kUnkeyedDigest, kText, ToHex(Sha256(kBody))},
        Case{FindingKind::kKeyAndBodySwapped, kText, Tag(kSecret, kBody)},
        Case{FindingKind::kTimestampSigned, kText,
             Tag("2026-04-15T12:00:00.5Z." + kText)},
        Case{FindingKind::kTimestampSigned, kText, Tag("1776254400." + kText)},
        Case{FindingKind::kTimestampSigned, kText,
             Tag("1776254400500." + kText)},
        Case{FindingKind::kTimestampSigned, kText, Tag("1776254400" + kText)},
        Case{FindingKind::kTimestampSigned, kText,
             Tag("v0:1776254400:" + kText)},
        Case{FindingKind::kTimestampSigned, R"({"timestamp":17})",
             Tag(R"(17.{"timestamp":17})")}));

INSTANTIATE_TEST_SUITE_P(
    Secret, CertainTest,
    ::testing::Values(
        Case{FindingKind::kSecretEmpty, kText, Tag(kBody, "")},
        Case{FindingKind::kSecretHasLineBreak, kText, Tag(kBody, "s"), "s\n"},
        Case{FindingKind::kSecretHasLineBreak, kText, Tag(kBody, "s"), "s\r\n"},
        Case{FindingKind::kSecretLacksLineBreak, kText, Tag(kBody, "s\n"), "s"},
        Case{FindingKind::kSecretLacksLineBreak, kText, Tag(kBody, "s\r\n"),
             "s"},
        Case{FindingKind::kSecretHasBlanks, kText, Tag(kBody, "s"), "\ts "},
        Case{FindingKind::kSecretHasBlanks, kText, Tag(kBody, "s"), " s\n"},
        Case{FindingKind::kSecretLacksBlanks, kText, Tag(kBody, "s "), "s"},
        Case{FindingKind::kSecretLacksBlanks, kText, Tag(kBody, " s"), "s"},
        Case{FindingKind::kSecretHasQuotes, kText, Tag(kBody, "s"), "'s'"},
        Case{FindingKind::kSecretHasQuotes, kText, Tag(kBody, "s"), "\"s\"\n"},
        Case{FindingKind::kSecretHasBom, kText, Tag(kBody, "s"),
             std::string(kBom) + "s"},
        Case{FindingKind::kSecretPrefixStripped, kText,
             Tag(kBody, kSecret.substr(6))},
        Case{FindingKind::kSecretBase64Decoded, kText,
             Tag(kBody, "secret of a test")},
        Case{FindingKind::kSecretBase64Decoded, kText,
             Tag(kBody, "secret of a test"), "c2VjcmV0IG9mIGEgdGVzdA"},
        Case{FindingKind::kSecretBase64Decoded, kText,
             Tag(kBody, "\xfb\xff\xfe\xfb\xff\xfe"), "-__-+//+"},
        Case{FindingKind::kSecretHexDecoded, kText, Tag(kBody, "secret!!"),
             "7365637265742121"},
        Case{FindingKind::kSecretHexDecoded, kText, Tag(kBody, "secret!!"),
             "whsec_7365637265742121"}));

INSTANTIATE_TEST_SUITE_P(
    Body, CertainTest,
    ::testing::Values(
        Case{FindingKind::kBodyHasLineBreak, kText + "\n", Tag(kBody)},
        Case{FindingKind::kBodyHasLineBreak, kText + "\r\n", Tag(kBody)},
        Case{FindingKind::kBodyHasLineBreak, "text\n", Tag("text")},
        Case{FindingKind::kBodyLacksLineBreak, kText, Tag(kText + "\n")},
        Case{FindingKind::kBodyLacksLineBreak, kText, Tag(kText + "\r\n")},
        Case{FindingKind::kBodyHasBom, kBom + kText, Tag(kBody)},
        Case{FindingKind::kBodyLacksBom, kText, Tag(kBom + kText)},
        Case{FindingKind::kBodyHasCrlf, "{\r\n  \"a\": 1\r\n}", Tag(kLines)},
        Case{FindingKind::kBodyLacksCrlf, kLines, Tag("{\r\n  \"a\": 1\r\n}")},
        Case{FindingKind::kBodyBase64, Base64(kBody), Tag(kBody)},
        Case{FindingKind::kBodyNotSigned, kText, Tag("")}));

INSTANTIATE_TEST_SUITE_P(
    Json, CertainTest,
    ::testing::Values(
        Case{FindingKind::kBodySpaced, kLines, Tag(R"({"a":1})")},
        Case{FindingKind::kBodySpaced, R"({"a": "x: y, \" {", "b": [ ]} )",
             Tag(R"({"a":"x: y, \" {","b":[]})")},
        Case{FindingKind::kBodySpaced, kBom + kLines, Tag(R"({"a":1})")},
        Case{FindingKind::kBodyCompacted, R"({"a":1})", Tag(kLines)},
        Case{FindingKind::kBodyCompacted, R"([{"a":[1,{}]},[]])",
             Tag("[\n    {\n        \"a\": [\n            1,\n            {}\n"
                 "        ]\n    },\n    []\n]")},
        Case{FindingKind::kBodyCompacted, R"({"a":1})",
             Tag("{\n\t\"a\": 1\n}")},
        Case{FindingKind::kBodyByJsonDumps, R"({"a":[1.0,2e3]})",
             Tag(R"({"a": [1.0, 2e3]})")},
        Case{FindingKind::kBodyByJsonDumps, R"({"a":"é"})",
             Tag(R"({"a": "é"})")},
        Case{FindingKind::kBodyByJsonDumps, R"({"a":"é","b":"🎉"})",
             Tag("{\"a\": \"\\u00e9\", \"b\": \"\\ud83c\\udf89\"}")},
        Case{FindingKind::kBodyByJsonDumps, R"({"a":"é"})",
             Tag("{\"a\":\"\\u00e9\"}")},
        Case{FindingKind::kBodyByJsonDumps, "{\"a\":\"\x7f\"}",
             Tag("{\n  \"a\": \"\\u007f\"\n}")},
        Case{FindingKind::kBodyEscaped,
             "{\"a\": \"\\u00e9\", \"b\": \"\\uD83C\\uDF89\"}",
             Tag(R"({"a":"é","b":"🎉"})")},
        Case{FindingKind::kBodyEscaped,
             R"({"a":"\\u00e9 \ud83c \u00E9 \u0041"})",
             Tag(R"({"a":"\\u00e9 \ud83c é \u0041"})")}));

INSTANTIATE_TEST_SUITE_P(
    Combined, CertainTest,
    ::testing::Values(
        Case{FindingKind::kCombination, kLines, Tag(R"({"a":1})", "s\n"), "s"},
        Case{FindingKind::kCombination, kText + "\n", "sha256=" + Tag(kBody)},
        Case{FindingKind::kCombination, kText,
             "sha256=" + Tag("1776254400." + kText, "secret of a test")}));

TEST(SignatureDoctorTest, NamesEveryPartOfACombination) {
  const auto findings =
      ExplainMain(kLines, "sha256=" + Tag(R"({"a":1})", "s\n"), "s");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].text,
            "It would match if the signature came without the prefix that "
            "names the algorithm: take it off, and if the sender's secret did "
            "not end with a line break: take it off there, and if the body "
            "were compact, as it was signed, and not printed again with other "
            "blanks: hand on the bytes as they arrived.");
}

TEST(SignatureDoctorTest, FindsOnlyThatAGenuineDeliveryMatches) {
  for (const SampleDelivery& sample : ReadSampleDeliveries()) {
    const auto findings = Explain(
        sample.body, sample.signature,
        {{"old", "another"}, {"main", sample.secret}, {"eu/main", "third"}});
    ASSERT_EQ(Kinds(findings), std::vector{FindingKind::kSignatureMatches})
        << sample.name;
    EXPECT_EQ(findings[0].secret_name, "main");
    EXPECT_EQ(findings[0].certainty, Certainty::kCertain);
  }
}

TEST(SignatureDoctorTest, FindsThatAcceptedSpellingsMatch) {
  const std::vector matches = {FindingKind::kSignatureMatches};
  EXPECT_EQ(Kinds(ExplainMain(kBody, Upper(Tag(kBody)))), matches);
  EXPECT_EQ(Kinds(ExplainMain(kBody, " " + Tag(kBody) + "\t")), matches);
  EXPECT_EQ(Kinds(ExplainMain("", Tag(""))), matches);
  const std::string large(kDoctorBodyBytesMax + 1, 'x');
  EXPECT_EQ(Kinds(ExplainMain(large, Tag(large))), matches);
}

TEST(SignatureDoctorTest, NamesEachSecretThatMatches) {
  const auto findings = Explain(kBody, Tag(kBody, "s"),
                                {{"new", "t"}, {"old", "s"}, {"eu/a", "s"}});
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].secret_name, "old");
  EXPECT_EQ(findings[1].secret_name, "eu/a");
}

TEST(SignatureDoctorTest, TriesTheTimestampHeader) {
  const auto kinds = [](std::optional<std::string_view> header,
                        const std::string& signed_text) {
    return Kinds(Explain("{}", Tag(signed_text),
                         {{"main", std::string(kSecret)}}, header));
  };
  const std::vector found = {FindingKind::kTimestampSigned};
  EXPECT_EQ(kinds("2026-04-15T12:00:00Z", "2026-04-15T12:00:00Z.{}"), found);
  EXPECT_EQ(kinds("2026-04-15T12:00:00Z", "1776254400.{}"), found);
  EXPECT_EQ(kinds("any text", "any text:{}"), found);
  EXPECT_THAT(kinds(std::nullopt, "1776254400.{}"), IsEmpty());
}

std::vector<FindingKind> Hints(std::string_view body,
                               std::string_view signature) {
  const auto findings = ExplainMain(body, signature);
  EXPECT_THAT(findings, Each(Field(&Finding::certainty, Certainty::kHint)));
  EXPECT_THAT(findings, Each(Field(&Finding::text, Not(IsEmpty()))));
  return Kinds(findings);
}

TEST(SignatureDoctorTest, HintsAtTheFormOfTheSignature) {
  const std::string hex(64, '0');
  const std::string base64(43, 'A');
  std::string twice = hex;
  twice.append(",").append(hex);
  for (const auto& [signature, kind] :
       std::vector<std::pair<std::string, FindingKind>>{
           {"", FindingKind::kSignatureMissing},
           {" \t", FindingKind::kSignatureMissing},
           {hex.substr(1), FindingKind::kSignatureMalformed},
           {"sha256=" + hex.substr(1), FindingKind::kSignatureMalformed},
           {std::string(100'000, '0'), FindingKind::kSignatureMalformed},
           {twice, FindingKind::kSignatureRepeated},
           {"sha256=" + hex, FindingKind::kSignaturePrefix},
           {base64 + "=", FindingKind::kSignatureBase64},
           {hex + "\n", FindingKind::kSignatureSurrounded},
           {std::string(64, 'A'), FindingKind::kSignatureUpperCase},
           {std::string(32, 'a'), FindingKind::kSignatureOtherAlgorithm},
           {std::string(40, 'a'), FindingKind::kSignatureOtherAlgorithm},
           {"sha1=" + std::string(40, 'a'),
            FindingKind::kSignatureOtherAlgorithm},
           {std::string(128, 'a'), FindingKind::kSignatureOtherAlgorithm}}) {
    EXPECT_THAT(Hints(kBody, signature), ElementsAre(kind)) << signature;
  }
}

TEST(SignatureDoctorTest, CountsWhatIsMalformed) {
  const auto text = [](std::string_view signature) {
    return ExplainMain(kBody, signature)[0].text;
  };
  EXPECT_EQ(text("abc"), "Expected 64 hexadecimal digits, found 3 characters.");
  EXPECT_EQ(text(" 0g" + std::string(62, '0')),
            "Expected 64 hexadecimal digits, found 64 characters, of which "
            "number 2 is the first that is no such digit.");
}

TEST(SignatureDoctorTest, HintsAtTheBody) {
  const std::string wrong(64, '0');
  EXPECT_THAT(Hints("", wrong), ElementsAre(FindingKind::kBodyEmpty));
  EXPECT_THAT(Hints("\x1f\x8b\x08", wrong),
              ElementsAre(FindingKind::kBodyCompressed));
  for (const char* cut : {"{", "[1,", R"({"a":"b)", R"({"a":"\")", "\n[[]"}) {
    EXPECT_THAT(Hints(cut, wrong), ElementsAre(FindingKind::kBodyTruncated))
        << cut;
  }
  for (const char* whole :
       {"{}", "[]", "\"{", "x", "{}}", "{}{", "[]x", " ", "}"}) {
    EXPECT_THAT(Hints(whole, wrong), IsEmpty()) << whole;
  }
}

TEST(SignatureDoctorTest, LooksIntoABodyOfOneMebibyteAndNoMore) {
  const std::string line(kDoctorBodyBytesMax - 1, 'x');
  EXPECT_THAT(Kinds(ExplainMain(line + "\n", Tag(line))),
              ElementsAre(FindingKind::kBodyHasLineBreak));
  EXPECT_THAT(Hints(line + "x\n", Tag(line + "x")),
              ElementsAre(FindingKind::kBodyTooLarge));
  EXPECT_THAT(
      Hints(line + "x\n", "sha256=" + Tag(line + "x")),
      ElementsAre(FindingKind::kSignaturePrefix, FindingKind::kBodyTooLarge));
}

TEST(SignatureDoctorTest, EndsForTheMostExpensiveBodies) {
  std::string deep(kDoctorBodyBytesMax / 2, '[');
  deep += std::string(kDoctorBodyBytesMax / 2, ']');
  std::string wide = "[";
  while (wide.size() < kDoctorBodyBytesMax - 8) wide += "\"\u00e9\",";
  wide += "0]";
  for (const std::string& body : {deep, wide}) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(Hints(body, std::string(64, '0')), IsEmpty());
    // Sanitizers make it slow, but it is never a matter of minutes.
    EXPECT_LT(std::chrono::steady_clock::now() - start,
              std::chrono::seconds(60));
  }
}

TEST(SignatureDoctorTest, SaysWhenNotEverythingWasTried) {
  const auto with = [](std::size_t count, const std::string& signature) {
    std::vector<Secret> secrets;
    for (std::size_t i = 0; i < count; ++i) {
      secrets.push_back(
          {"s" + std::to_string(i), "secret " + std::to_string(i)});
    }
    return Kinds(Explain(kBody, signature, secrets));
  };
  const std::string wrong(64, '0');
  EXPECT_THAT(with(7, wrong), IsEmpty());
  EXPECT_THAT(with(kDoctorSecretsMax, wrong),
              ElementsAre(FindingKind::kSearchLimited));
  EXPECT_THAT(with(kDoctorSecretsMax, Tag(kBody, "secret 63")),
              ElementsAre(FindingKind::kSignatureMatches));
  EXPECT_THAT(with(kDoctorSecretsMax, "v1=" + Tag(kBody, "secret 63")),
              ElementsAre(FindingKind::kSignaturePrefix));
  EXPECT_THAT(with(kDoctorSecretsMax + 1, Tag(kBody, "secret 64")),
              ElementsAre(FindingKind::kSearchLimited));
}

TEST(SignatureDoctorTest, FindsNothingInJunk) {
  std::mt19937_64 random(4711);
  std::uniform_int_distribution<int> byte(0, 255);
  for (int round = 0; round < 50; ++round) {
    Digest tag;
    for (std::uint8_t& b : tag) b = static_cast<std::uint8_t>(byte(random));
    EXPECT_THAT(ExplainMain(kBody, ToHex(tag)), IsEmpty());
  }
}

TEST(SignatureDoctorTest, NeedsNoSecretThatIsOne) {
  EXPECT_THAT(Explain(kBody, std::string(64, '0'), {}), IsEmpty());
  EXPECT_THAT(Explain(kBody, std::string(64, '0'), {{"empty", ""}}), IsEmpty());
  EXPECT_THAT(Kinds(Explain(kBody, Tag(kBody, ""), {{"empty", ""}})),
              ElementsAre(FindingKind::kSecretEmpty));
}

TEST(FindingTest, EveryKindHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= 40; ++kind) {
    names.insert(FindingKindName(static_cast<FindingKind>(kind)));
  }
  EXPECT_EQ(names.size(), 41U);
  EXPECT_EQ(FindingKindName(FindingKind::kSearchLimited), "SEARCH_LIMITED");
  EXPECT_EQ(FindingKindName(static_cast<FindingKind>(41)), "UNSPECIFIED");
}

TEST(FindingTest, IsComparedByValue) {
  const Finding hint = HintFinding(FindingKind::kBodyEmpty);
  EXPECT_EQ(hint, HintFinding(FindingKind::kBodyEmpty));
  EXPECT_NE(hint, HintFinding(FindingKind::kBodyTruncated));
  EXPECT_EQ(CertaintyName(hint.certainty), "HINT");
}

}  // namespace
}  // namespace tuco
