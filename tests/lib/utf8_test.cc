#include "tuco/internal/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace tuco::internal {
namespace {

constexpr char kMark[] = "\xef\xbf\xbd";

std::string Repaired(std::string_view text) {
  std::string out;
  AppendWellFormed(text, out);
  EXPECT_TRUE(IsWellFormedUtf8(out));
  EXPECT_EQ(IsWellFormedUtf8(text), out == text);
  return out;
}

// Marks in place of each '?'.
std::string Marked(std::string text) {
  for (std::size_t at; (at = text.find('?')) != std::string::npos;) {
    text.replace(at, 1, kMark);
  }
  return text;
}

TEST(Utf8Test, LeavesWellFormedTextAlone) {
  for (const char* text :
       {"", "plain", "Zo\u00eb", "\u0800", "\ud7ff", "\ue000", "\uffff",
        "\U00010000", "\U0010ffff", "a long text and then \U0001f389 more"}) {
    EXPECT_EQ(Repaired(text), text);
  }
}

// The Unicode Standard, chapter 3, tables 3-8 to 3-11, and the WHATWG's
// decoder: one mark for each maximal subpart.
TEST(Utf8Test, MarksEachMaximalSubpart) {
  EXPECT_EQ(Repaired("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41"),
            Marked("????????A"));
  EXPECT_EQ(Repaired("\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41"),
            Marked("????????A"));
  EXPECT_EQ(Repaired("\xf4\x91\x92\x93\xff\x41\x80\xbf\x42"),
            Marked("?????A??B"));
  EXPECT_EQ(Repaired("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41"), Marked("????A"));
}

TEST(Utf8Test, MarksWhatTheEndCutsOff) {
  EXPECT_EQ(Repaired("abc\xf0\x9f\x8e"), Marked("abc?"));
  EXPECT_EQ(Repaired("abc\xc3"), Marked("abc?"));
  EXPECT_EQ(Repaired("0123456789abcdef\xe2\x82"), Marked("0123456789abcdef?"));
}

TEST(Utf8Test, SpellsEveryCodePointAsItReadsIt) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string text;
    AppendUtf8(c, text);
    const CodePoint point = DecodeUtf8(text);
    ASSERT_TRUE(point.well_formed && point.value == c &&
                point.size == text.size())
        << static_cast<std::uint32_t>(c);
  }
}

}  // namespace
}  // namespace tuco::internal
