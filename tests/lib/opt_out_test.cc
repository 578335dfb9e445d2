#include "tuco/opt_out.h"

#include <gtest/gtest.h>

#include <string>

namespace tuco {
namespace {

TEST(OptOutTest, KnowsTheWordsInAnyCase) {
  for (const char* text :
       {"STOP", "stop", "Stop", "STOPALL", "stop all", "Unsubscribe", "cancel",
        "End", "quit", "OPTOUT", "opt out", "revoke"}) {
    EXPECT_TRUE(IsOptOut(text)) << text;
  }
}

TEST(OptOutTest, LooksThroughBlanksAndPunctuation) {
  for (const char* text :
       {" stop ", "STOP.", "stop!!!", "\"STOP\"", "\u201cStop\u201d", "(stop)",
        "\r\nSTOP\r\n", "stop\u2026", "\u00a0stop\u3000", "stop  all",
        "opt-out", "\ufeffSTOP", "\u00bfstop?"}) {
    EXPECT_TRUE(IsOptOut(text)) << text;
  }
}

TEST(OptOutTest, ReadsFullWidthLetters) {
  EXPECT_TRUE(IsOptOut("\uff33\uff34\uff2f\uff30"));
  EXPECT_TRUE(IsOptOut("\uff53\uff54\uff4f\uff50\uff01"));
}

TEST(OptOutTest, WantsTheWholeText) {
  for (const char* text :
       {"", " ", "...", "please stop by", "stop it", "stop 2", "st op", "stopp",
        "sto", "don't stop", "non-stop", "STOP.ALL", "unsubscribed",
        "unsubscribe me", "end of story", "stop \U0001f6d1", "st\u00f6p",
        "Yes, I'm interested!", "stop stop"}) {
    EXPECT_FALSE(IsOptOut(text)) << text;
  }
}

TEST(OptOutTest, TakesAnyBytesOfAnyLength) {
  EXPECT_FALSE(IsOptOut("\xff\xfestop"));
  EXPECT_FALSE(IsOptOut(std::string(100000, 'a')));
  EXPECT_TRUE(IsOptOut(std::string(100000, ' ') + "stop"));
}

}  // namespace
}  // namespace tuco
