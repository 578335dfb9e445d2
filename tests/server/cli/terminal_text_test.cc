#include "server/cli/terminal_text.h"

#include <gtest/gtest.h>

#include "server/cli/utf8.h"

namespace tuco::cli {
namespace {

TEST(Utf8, AcceptsEveryLengthOfSequence) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x91\x8B"));
}

TEST(Utf8, RefusesOverlongSurrogateTooLargeAndTruncated) {
  EXPECT_FALSE(IsUtf8("\xC0\x80"));
  EXPECT_FALSE(IsUtf8("\xE0\x9F\xBF"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xE2\x82"));
  EXPECT_FALSE(IsUtf8("\x80"));
  EXPECT_FALSE(IsUtf8("\xFF"));
}

TEST(TerminalText, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(EscapeForTerminal("Voilà 🎉 – \"ok\" \\"), "Voilà 🎉 – \"ok\" \\");
}

TEST(TerminalText, SpellsOutControlCharacters) {
  EXPECT_EQ(EscapeForTerminal("a\nb\rc\td\x1b[2Je\x7f"),
            "a\\nb\\rc\\td\\x1b[2Je\\x7f");
}

TEST(TerminalText, SpellsOutEightBitControlsAndSeparators) {
  EXPECT_EQ(EscapeForTerminal("\u009b2J\u2028\u2029"),
            "\\u{9b}2J\\u{2028}\\u{2029}");
}

TEST(TerminalText, SpellsOutChangesOfDirection) {
  EXPECT_EQ(EscapeForTerminal("a\u202eb\u2066c"), "a\\u{202e}b\\u{2066}c");
}

TEST(TerminalText, SpellsOutIllFormedBytes) {
  EXPECT_EQ(EscapeForTerminal("a\xff"
                              "b\xe2\x82"),
            "a\\xffb\\xe2\\x82");
}

TEST(TerminalText, QuotesAndEscapesQuotes) {
  EXPECT_EQ(QuoteForTerminal("say \"hi\" \\", 100), "\"say \\\"hi\\\" \\\\\"");
}

TEST(TerminalText, CutsBehindTheLimitInCodePoints) {
  EXPECT_EQ(QuoteForTerminal("ééé", 3), "\"ééé\"");
  EXPECT_EQ(QuoteForTerminal("éééé", 3), "\"ééé…\"");
}

}  // namespace
}  // namespace tuco::cli
