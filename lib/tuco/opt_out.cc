#include "tuco/opt_out.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "tuco/internal/utf8.h"

namespace tuco {
namespace {

constexpr std::array<std::string_view, 10> kWords = {
    "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL",
    "END",  "QUIT",    "OPTOUT",   "OPT OUT",     "REVOKE",
};
constexpr std::size_t kWordSizeMax = 11;

constexpr bool BeginsAWord(char letter) {
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return word[0] == letter; });
}

// What a character is to us.
constexpr char kBlank = ' ';
constexpr char kPunctuation = '.';
constexpr char kOther = '?';

// Full-width forms U+FF01..U+FF5E are ASCII's 21..7E moved up.
constexpr char32_t FoldWidth(char32_t c) {
  return c >= 0xff01 && c <= 0xff5e ? c - 0xff01 + 0x21 : c;
}

constexpr bool IsBlank(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x3000 ||
         (c >= 0x2000 && c <= 0x200d) || c == 0xfeff;
}

constexpr bool IsPunctuation(char32_t c) {
  if (c < 0x80) return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9');
  return c == 0xa1 || c == 0xab || c == 0xb7 || c == 0xbb || c == 0xbf ||
         (c >= 0x200e && c <= 0x206f) || (c >= 0x3001 && c <= 0x3003) ||
         (c >= 0x3008 && c <= 0x301f);
}

// An upper-case letter, or one of the three classes.
constexpr char Classify(char32_t c) {
  c = FoldWidth(c);
  if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c);
  if (IsBlank(c)) return kBlank;
  return IsPunctuation(c) ? kPunctuation : kOther;
}

internal::CodePoint Front(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1, true};  // Nearly always.
  return internal::DecodeUtf8(text);
}

// The letters of a text in upper case, one blank for the blanks or the hyphen
// between two words; what no word of ours can look like is given up early.
class Normalizer {
 public:
  // False when the text is none of our words for certain.
  bool Add(char32_t c) {
    const char kind = Classify(c);
    if (kind == kOther) return false;
    const bool gap = kind == kBlank || FoldWidth(c) == '-';
    if (gap || kind == kPunctuation) {
      pending_gap_ |= gap;
      pending_punctuation_ |= !gap;
      return true;
    }
    return AddLetter(kind);
  }

  std::string_view word() const { return {letters_.data(), size_}; }

 private:
  bool AddLetter(char letter) {
    if (size_ == 0 && !BeginsAWord(letter)) return false;
    if (size_ > 0 && pending_punctuation_) return false;
    if (size_ > 0 && pending_gap_) letters_[size_++] = ' ';
    pending_gap_ = false;
    pending_punctuation_ = false;
    if (size_ >= kWordSizeMax) return false;
    letters_[size_++] = letter;
    return true;
  }

  std::array<char, kWordSizeMax + 1> letters_;
  std::size_t size_ = 0;
  bool pending_gap_ = false;
  bool pending_punctuation_ = false;
};

}  // namespace

bool IsOptOut(std::string_view text) {
  Normalizer normalizer;
  while (!text.empty()) {
    const internal::CodePoint point = Front(text);
    if (!normalizer.Add(point.value)) return false;
    text.remove_prefix(point.size);
  }
  return std::find(kWords.begin(), kWords.end(), normalizer.word()) !=
         kWords.end();
}

}  // namespace tuco
