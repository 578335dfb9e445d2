#include "server/cli/json_tree.h"

#include <gtest/gtest.h>

#include "server/cli/json_text.h"

namespace tuco::cli {
namespace {

JsonTree Sample() {
  return JsonTree::Object({{"b", JsonTree::String("x")},
                           {"a", JsonTree::Object({})},
                           {"n", JsonTree::Null()}});
}

TEST(JsonText, SpellsStringsAsJavaScriptDoes) {
  EXPECT_EQ(JsonString("\"\\\b\f\n\r\t\x01\x1f\x7f/é"),
            "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f/é\"");
}

TEST(JsonText, KnowsOneValueFromNoneAndMany) {
  for (const char* json :
       {"1", "true", "null", "\"x\"", "[1,2]", "{\"a\":{}}", " 1 "}) {
    EXPECT_TRUE(IsJsonValue(json)) << json;
  }
  for (const char* text :
       {"", "1,2", "1,\"b\":2", "1],\"b\":[2", "tru", "{", "1}", "'x'"}) {
    EXPECT_FALSE(IsJsonValue(text)) << text;
  }
}

TEST(JsonTree, KeepsTheOrderOfMembers) {
  EXPECT_EQ(Sample().ToString(), R"({"b":"x","a":{},"n":null})");
}

TEST(JsonTree, SetReplacesInPlace) {
  JsonTree tree = Sample();
  ASSERT_TRUE(tree.Set("b", JsonTree::Spelt("[1]")).ok());
  EXPECT_EQ(tree.ToString(), R"({"b":[1],"a":{},"n":null})");
}

TEST(JsonTree, SetMakesObjectsOnTheWay) {
  JsonTree tree = Sample();
  ASSERT_TRUE(tree.Set("a.x.y", JsonTree::String("1")).ok());
  ASSERT_TRUE(tree.Set("n.z", JsonTree::String("2")).ok());
  EXPECT_EQ(tree.ToString(), R"({"b":"x","a":{"x":{"y":"1"}},"n":{"z":"2"}})");
}

TEST(JsonTree, SetRefusesToLeadThroughALeaf) {
  JsonTree tree = Sample();
  EXPECT_TRUE(absl::IsInvalidArgument(tree.Set("b.c", JsonTree::Null())));
}

TEST(JsonTree, SetRefusesEmptyNames) {
  JsonTree tree = Sample();
  for (const char* path : {"", ".", "a.", ".a", "a..b"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(tree.Set(path, JsonTree::Null())))
        << path;
  }
}

}  // namespace
}  // namespace tuco::cli
