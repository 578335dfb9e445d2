#include "tuco/internal/json_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "tuco/internal/utf8.h"

namespace tuco::internal {
namespace {

bool IsJson(std::string_view text) {
  JsonReader json;
  return json.Parse(text);
}

// The decoded text of a document that is one string.
std::string TextOf(std::string_view source) {
  JsonReader json;
  EXPECT_TRUE(json.Parse(source)) << source;
  std::string scratch;
  return std::string(json.Text(json[0], scratch));
}

// The value as spelt of the last member `key` of the object at the top.
std::string Member(const JsonReader& json, std::string_view key) {
  std::string found = "absent";
  for (std::uint32_t i = 1; i < json[0].next; i = json[i].next) {
    if (!json[i].shadowed && json.Key(json[i]) == key) {
      found = json.Raw(json[i]);
    }
  }
  return found;
}

std::string Nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonReaderTest, AcceptsValidTexts) {
  for (const char* text : {
           "null",
           "true",
           "false",
           "0",
           "-0",
           "1",
           "-1",
           "12",
           "0.5",
           "-0.5",
           "1e5",
           "1E5",
           "1e+5",
           "1e-5",
           "1.25E-10",
           "0e0",
           "0.0e+00",
           "\"\"",
           "\"a\"",
           "[]",
           "{}",
           "[[]]",
           "[{}]",
           "{\"a\":{}}",
           "{\"\":0}",
           "[1,2]",
           "{\"a\":1,\"b\":2}",
           " [ 1 , 2 ] ",
           "\t{\n\"a\"\r:\t1\n}\r",
           "\r1\r",
           "[\"\\u0000\"]",
           R"(["\"\\\/\b\f\n\r\t\u00e9\uABCD\uabcd"])",
           "18446744073709551616",
           "100000000000000000000000",
           "1e400",
           "1e-400",
           "-123456789012345678901234567890.5e-7",
           R"("\ud83d\ude00")",
           R"("\ud83d")",
           R"("\ude00")",
           R"("\ud83d\ud83d\ude00")",
           R"("\ude00\ud83d")",
           R"("\ud83dx")",
           "\"\x7f\"",
           "\"\xc3\xa9\"",
           "\"\xf0\x9f\x8e\x89\"",
           "\"\xe2\x80\xa8\"",
           "[null,true,false]",
           "[[],[],{}]",
           "{\"__proto__\":1}",
           "[0]",
           "[-0,0.1]",
       }) {
    EXPECT_TRUE(IsJson(text)) << text;
  }
}

TEST(JsonReaderTest, RefusesInvalidTexts) {
  for (const char* text : {
           "",
           " ",
           "nul",
           "nulll",
           "NULL",
           "True",
           "undefined",
           "NaN",
           "-NaN",
           "Infinity",
           "-Infinity",
           "-",
           "+1",
           "01",
           "-01",
           "00",
           "1.",
           ".5",
           "-.5",
           "1e",
           "1e+",
           "1.e5",
           "0x10",
           "1_000",
           "1 2",
           "--1",
           "1-",
           "1.2.3",
           "\"",
           "\"a",
           "a\"",
           "'a'",
           "\"\\\"",
           "\"\\x41\"",
           "\"\\u12\"",
           "\"\\u12g4\"",
           "\"\\U1234\"",
           "\"\\",
           "\"\\u",
           "\"\\ud83d\\",
           "\"\\ud83d\\u\"",
           "\"\\ud83d\\u12\"",
           "\"a\nb\"",
           "\"a\rb\"",
           "\"a\tb\"",
           "\"\x01\"",
           "\"\x1f\"",
           "[",
           "]",
           "[1",
           "[1,",
           "[1,]",
           "[,1]",
           "[1,,2]",
           "[1 2]",
           "[1}",
           "{",
           "}",
           "{1}",
           "{\"a\"}",
           "{\"a\":}",
           "{\"a\":1",
           "{\"a\":1,",
           "{\"a\":1,}",
           "{,\"a\":1}",
           "{\"a\" 1}",
           "{a:1}",
           "{'a':1}",
           "{\"a\":1]",
           "{\"a\":1 \"b\":2}",
           "{\"a\"::1}",
           "{\"a\":1}}",
           "[]]",
           "[] []",
           "{}x",
           "1,",
           "// c\n1",
           "1 // c",
           "/* c */1",
           "[1]#",
           "\f1",
           "1\v",
           "\xc2\xa0[1]",
           "\xef\xbb\xbf[1]",
           "\xef\xbb\xbf{}",
           "1\xe2\x80\xa8",
           "\xff",
           "[\xff]",
           "{\"a\":\xc3\xa9}",
           "[1]\x01",
           "tru\xc3\xa9",
           "[\"a\",\n4\n,1,",
           "{\"a\":1,\"b\"}",
           "[-]",
           "[\"\\a\"]",
           "[1e]",
           "nullx",
           "[tru]",
           "-a",
           "2.e3",
           "[0,1,",
           "\\u0031",
       }) {
    EXPECT_FALSE(IsJson(text)) << text;
  }
  EXPECT_FALSE(IsJson(std::string_view("1\0", 2)));
  EXPECT_FALSE(IsJson(std::string_view("\0", 1)));
  EXPECT_FALSE(IsJson(std::string_view("\"\0\"", 3)));
  EXPECT_FALSE(IsJson({}));
}

TEST(JsonReaderTest, RefusesEveryPrefixOfADocument) {
  const std::string text =
      R"({"a":[1,-2.5e+3,true,false,null],"b":{"c\u00e9":"\ud83d\ude00"}})";
  ASSERT_TRUE(IsJson(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(IsJson(std::string_view(text).substr(0, size))) << size;
  }
}

TEST(JsonReaderTest, KeepsValuesAsSpelt) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(R"( {"a" : 1.50 , "b":[ 1, 2 ],"c":"\u0041"} )"));
  EXPECT_EQ(Member(json, "a"), "1.50");
  EXPECT_EQ(Member(json, "b"), "[ 1, 2 ]");
  EXPECT_EQ(Member(json, "c"), R"("\u0041")");
  EXPECT_EQ(json.RawKey(json[1]), R"("a")");
  EXPECT_EQ(json[0].next, json.size());
}

TEST(JsonReaderTest, LinksSiblings) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(R"({"a":[1,2],"b":3})"));
  ASSERT_EQ(json.size(), 5u);
  EXPECT_EQ(json[0].next, 5u);
  EXPECT_EQ(json[1].next, 4u);
  EXPECT_EQ(json[2].next, 3u);
  EXPECT_EQ(json[4].next, 5u);
}

TEST(JsonReaderTest, DecodesEscapes) {
  EXPECT_EQ(TextOf(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(TextOf(R"("\u0041\u00e9\u20ac\ud83c\udf89")"),
            "A\u00e9\u20ac\U0001f389");
  EXPECT_EQ(TextOf(R"("a\u0000b")"), std::string("a\0b", 3));
}

TEST(JsonReaderTest, ReplacesIllFormedText) {
  EXPECT_EQ(TextOf(R"("cut \ud83d")"), "cut \ufffd");
  EXPECT_EQ(TextOf(R"("\ude00\ud83d\ud83d\ude00")"), "\ufffd\ufffd\U0001f600");
  EXPECT_EQ(TextOf("\"a\xff\xe2\x82\"").substr(0, 7), "a\ufffd\ufffd");
}

TEST(JsonReaderTest, ReportsIllFormedText) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(R"({"a":"\ud83d"})"));
  EXPECT_TRUE(json.ill_formed_text());
  EXPECT_FALSE(json.bad_utf8());
  ASSERT_TRUE(json.Parse("{\"\xff\":1}"));
  EXPECT_TRUE(json.ill_formed_text());
  EXPECT_TRUE(json.bad_utf8());
  ASSERT_TRUE(json.Parse("{\"\\u00e9\":\"\xc3\xa9\"}"));
  EXPECT_FALSE(json.ill_formed_text());
}

TEST(JsonReaderTest, LastOfDuplicateKeysWins) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(R"({"a":1,"b":2,"a":3})"));
  EXPECT_TRUE(json.duplicate_keys());
  EXPECT_TRUE(json[1].shadowed);
  EXPECT_FALSE(json[3].shadowed);
  EXPECT_EQ(Member(json, "a"), "3");
}

TEST(JsonReaderTest, ComparesKeysByWhatTheyMean) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(R"({"event":1,"\u0065v\u0065nt":2})"));
  EXPECT_TRUE(json.duplicate_keys());
  EXPECT_EQ(Member(json, "event"), "2");
  ASSERT_TRUE(json.Parse(R"({"/":1,"\/":2})"));
  EXPECT_TRUE(json.duplicate_keys());
  ASSERT_TRUE(json.Parse("{\"\xc3\xa9\":1,\"\\u00e9\":2}"));
  EXPECT_TRUE(json.duplicate_keys());
  ASSERT_TRUE(json.Parse(R"({"\ud83d\ude00":1,"\uD83D\uDE00":2})"));
  EXPECT_TRUE(json.duplicate_keys());
}

TEST(JsonReaderTest, KeepsDifferentLoneSurrogatesApart) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(R"({"\ud83d":1,"\ud83c":2,"\ufffd":3})"));
  EXPECT_FALSE(json.duplicate_keys());
}

// What the decoder makes of both is the same text.
TEST(JsonReaderTest, InvalidUtf8KeysAreEqualToTheirReplacement) {
  JsonReader json;
  ASSERT_TRUE(json.Parse("{\"\xff\":1,\"\xfe\":2,\"\\ufffd\":3}"));
  EXPECT_TRUE(json.duplicate_keys());
  EXPECT_TRUE(json[1].shadowed && json[2].shadowed && !json[3].shadowed);
}

TEST(JsonReaderTest, FindsDuplicatesAtEveryLevel) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(R"({"a":[{"b":{"c":1,"c":2}}]})"));
  EXPECT_TRUE(json.duplicate_keys());
  ASSERT_TRUE(json.Parse(R"([{"a":1},{"a":2},{"b":{"a":3}}])"));
  EXPECT_FALSE(json.duplicate_keys());
}

TEST(JsonReaderTest, FindsDuplicatesAmongManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  JsonReader json;
  ASSERT_TRUE(json.Parse(text + "\"other\":1}"));
  EXPECT_FALSE(json.duplicate_keys());
  text += "\"k500\":1}";
  ASSERT_TRUE(json.Parse(text));
  EXPECT_TRUE(json.duplicate_keys());
  EXPECT_EQ(Member(json, "k500"), "1");
  EXPECT_EQ(Member(json, "k501"), "0");
}

TEST(JsonReaderTest, ForgetsWhatItReadBefore) {
  JsonReader json;
  ASSERT_TRUE(json.Parse("{\"a\":\"\xff\",\"a\":" + Nested(100) + "}"));
  ASSERT_TRUE(json.Parse("[1]"));
  EXPECT_FALSE(json.duplicate_keys() || json.too_deep() ||
               json.ill_formed_text() || json.bad_utf8());
  EXPECT_EQ(json.size(), 2u);
  EXPECT_FALSE(json.Parse("[1"));
  EXPECT_EQ(json.size(), 0u);
}

TEST(JsonReaderTest, ReadsSixtyFourLevels) {
  JsonReader json;
  ASSERT_TRUE(json.Parse(Nested(64)));
  EXPECT_FALSE(json.too_deep());
  EXPECT_EQ(json.size(), 64u);
  const std::string deeper = Nested(65);
  ASSERT_TRUE(json.Parse(deeper));
  EXPECT_TRUE(json.too_deep());
  EXPECT_EQ(json[64].kind, JsonKind::kOpaque);
  EXPECT_EQ(json.Raw(json[64]), "[]");
}

TEST(JsonReaderTest, ChecksWhatIsTooDeep) {
  const std::string open(64, '[');
  const std::string close(64, ']');
  JsonReader json;
  const char* valid =
      R"({"a":[1,"\ud83d",{"b":[]},true],"c" : { } , "d":null})";
  const std::string text = open + valid + close;
  ASSERT_TRUE(json.Parse(text));
  EXPECT_EQ(json.Raw(json[64]), valid);
  EXPECT_TRUE(json.ill_formed_text());
  for (const char* invalid :
       {"[1,]", "[,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:2}", "[1 2]",
        "[\"\n\"]", "[01]", "{]", "[}", "[nul]", "{\"a\":1 \"b\":2}", "{,}",
        "[", "{\"a", "{\"a\":"}) {
    std::string hidden = open;
    hidden.append(invalid).append(close);
    EXPECT_FALSE(IsJson(hidden)) << invalid;
  }
}

TEST(JsonReaderTest, TakesAnyDepth) {
  JsonReader json;
  EXPECT_TRUE(json.Parse(Nested(1'000'000)));
  EXPECT_FALSE(json.Parse(std::string(1'000'000, '[')));
  EXPECT_FALSE(json.Parse(std::string(1'000'000, '[') + "1"));
}

// Bounds that a slow machine with a sanitizer keeps, and a quadratic search
// misses by far.
TEST(JsonReaderTest, HostileObjectsTakeNoQuadraticTime) {
  std::string distinct = "{\"\":0";
  std::string equal = "{\"\":0";
  // KeyHash does not see where these differ.
  std::string colliding = "{\"\":0";
  char key[64];
  for (int i = 0; i < 40000; ++i) {
    distinct += ",\"" + std::to_string(i) + "\":0";
    equal += ",\"a\":0";
    std::snprintf(key, sizeof(key), ",\"AAAAAAAA%06dCCCCCCCC%06dBBBBBBBB\":0",
                  i, i);
    colliding += key;
  }
  for (const std::string* text : {&distinct, &equal, &colliding}) {
    JsonReader json;
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(json.Parse(*text + "}"));
    EXPECT_LT(std::chrono::steady_clock::now() - start,
              std::chrono::seconds(2));
    EXPECT_EQ(json.duplicate_keys(), text == &equal);
  }
}

// What the reader says of a string as it would be told byte by byte.
TEST(JsonReaderTest, KnowsWhichStringsAreEscaped) {
  std::mt19937 random(9);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::string> texts(3);
    std::string json = "[";
    for (std::string& text : texts) {
      // Every second one is plain.
      const std::size_t plain = random() % 100;
      const std::size_t escaped = random() % 2 * (random() % 100);
      text.assign(plain, 'x');
      for (std::size_t i = 0; i < escaped; ++i) {
        text += std::string_view(R"("\xxxxxx)")[random() % 8];
      }
      if (json.size() > 1) json += ',';
      json += '"';
      for (const char c : text) {
        if (c != 'x') json += '\\';
        json += c;
      }
      json += '"';
    }
    json += ']';
    JsonReader reader;
    ASSERT_TRUE(reader.Parse(json)) << json;
    std::string scratch;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const JsonNode& node = reader[i + 1];
      ASSERT_EQ(reader.Text(node, scratch), texts[i]) << json;
      const bool escaped = texts[i].find_first_not_of('x') != std::string::npos;
      ASSERT_EQ(node.escaped, escaped) << json;
    }
  }
}

// Strings and escapes across every boundary of a block.
TEST(JsonReaderTest, ReadsStringsOfEveryLength) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text(size, 'a');
    EXPECT_EQ(TextOf("\"" + text + "\""), text);
    EXPECT_EQ(TextOf("\"" + text + "\\\\\""), text + "\\");
    EXPECT_EQ(TextOf("\"" + text + "\\\"\""), text + "\"");
    EXPECT_EQ(TextOf("\"" + text + "\\ud83d\\ude00\""), text + "\U0001f600");
    EXPECT_FALSE(IsJson("\"" + text));
    EXPECT_FALSE(IsJson("\"" + text + "\\\""));
  }
}

// Whatever the bytes, the reader ends, stays inside of them, and what it
// accepted is consistent.
TEST(JsonReaderTest, SurvivesMutations) {
  const std::string seed =
      R"({"event":"message.reply","n":[0,-1.5e3,true,null,{"x":"\ud83d"}],)"
      R"("deep":[[[[]]]],"text":"Voil\u00e0 )"
      "\xf0\x9f\x8e\x89"
      R"("})";
  std::mt19937 random(42);
  JsonReader json;
  int accepted = 0;
  for (int round = 0; round < 100000; ++round) {
    std::string text = seed;
    for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 5);
          break;
        case 2:
          text.insert(at, 1, seed[random() % seed.size()]);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), 9));
      }
      if (text.empty()) text = "x";
    }
    if (!json.Parse(text)) continue;
    ++accepted;
    for (std::size_t i = 0; i < json.size(); ++i) {
      ASSERT_LE(json[i].begin, json[i].end);
      ASSERT_LE(json[i].end, text.size());
      ASSERT_GT(json[i].next, i);
      ASSERT_LE(json[i].next, json.size());
    }
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace tuco::internal
