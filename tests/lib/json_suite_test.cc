// The reader accepts and refuses the texts of json_suite.h as it says there.

#include "json_suite.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tuco/internal/json_reader.h"

namespace tuco {
namespace {

bool IsJson(std::string_view text) {
  internal::JsonReader json;
  return json.Parse(text);
}

TEST(JsonSuiteTest, AcceptsWhatIsJson) {
  for (const auto& cases : {ValidDocuments(), ValidArrays(), ValidNumbers(),
                            ValidStrings(), ValidObjects()}) {
    for (const JsonCase& valid : cases) {
      EXPECT_TRUE(IsJson(valid.text)) << valid.name;
    }
  }
}

TEST(JsonSuiteTest, RefusesWhatIsNot) {
  for (const auto& cases :
       {InvalidDocuments(), InvalidWords(), InvalidNumbers(), InvalidStrings(),
        InvalidArrays(), InvalidObjects()}) {
    for (const JsonCase& invalid : cases) {
      EXPECT_FALSE(IsJson(invalid.text)) << invalid.name;
    }
  }
}

TEST(JsonSuiteTest, TakesWhatIsLeftOpenAsV8Does) {
  for (const OpenJsonCase& open : OpenJson()) {
    EXPECT_EQ(IsJson(open.text), open.accepted) << open.name;
  }
}

TEST(JsonSuiteTest, ReadsIllFormedTextAsV8Does) {
  for (const JsonTextCase& ill : IllFormedJsonTexts()) {
    internal::JsonReader json;
    ASSERT_TRUE(json.Parse(ill.text)) << ill.name;
    std::string scratch;
    EXPECT_EQ(json.Text(json[0], scratch), ill.decoded) << ill.name;
    EXPECT_TRUE(json.ill_formed_text()) << ill.name;
  }
}

}  // namespace
}  // namespace tuco
