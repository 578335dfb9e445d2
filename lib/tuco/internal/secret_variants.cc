#include "tuco/internal/secret_variants.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace tuco::internal {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::string_view kPrefix = "whsec_";

// What is shorter is more likely to be a word than to be encoded.
constexpr std::size_t kEncodedSizeMin = 8;

// A text that is overwritten when it goes; it never moves or grows.
class WipedText {
 public:
  explicit WipedText(std::size_t capacity) { text_.reserve(capacity); }
  ~WipedText() { SecureWipe(text_.data(), text_.capacity()); }
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;

  std::string& text() { return text_; }

 private:
  std::string text_;
};

std::string_view Trim(std::string_view text, std::string_view characters) {
  const std::size_t first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

bool IsQuoted(std::string_view text) {
  return text.size() > 2 && text.front() == text.back() &&
         (text.front() == '"' || text.front() == '\'');
}

// Six bits, or 64 for what is not of the alphabet.
std::uint32_t Base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return 64;
}

std::uint32_t HexValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  if (lower < 'a' || lower > 'f') return 16;
  return static_cast<std::uint32_t>(lower - 'a' + 10);
}

class Collector {
 public:
  explicit Collector(std::string_view secret) : secret_(secret) {}

  void Add(FindingKind kind, std::string_view text) {
    if (text.empty() || text == secret_) return;
    variants_.push_back({kind, HmacSha256Key(text)});
  }

  void Add(FindingKind kind, std::initializer_list<std::string_view> parts) {
    WipedText joined(secret_.size() + 2);
    for (const std::string_view part : parts) joined.text().append(part);
    Add(kind, joined.text());
  }

  void AddDecoded(FindingKind kind, std::string_view text,
                  bool (*decode)(std::string_view, std::string&)) {
    if (text.size() < kEncodedSizeMin) return;
    WipedText decoded(text.size());
    if (decode(text, decoded.text())) Add(kind, decoded.text());
  }

  std::vector<SecretVariant>& variants() { return variants_; }

 private:
  std::string_view secret_;
  std::vector<SecretVariant> variants_;
};

void AddWithLess(std::string_view secret, Collector& to) {
  const std::string_view trimmed = Trim(secret, kBlanks);
  const std::string_view line =
      secret.substr(0, secret.find_last_not_of("\r\n") + 1);
  to.Add(FindingKind::kSecretHasLineBreak, line);
  if (trimmed != line) to.Add(FindingKind::kSecretHasBlanks, trimmed);
  if (IsQuoted(trimmed)) {
    to.Add(FindingKind::kSecretHasQuotes,
           trimmed.substr(1, trimmed.size() - 2));
  }
  if (secret.substr(0, kBom.size()) == kBom) {
    to.Add(FindingKind::kSecretHasBom, secret.substr(kBom.size()));
  }
}

void AddDecoded(std::string_view secret, Collector& to) {
  const bool prefixed = secret.substr(0, kPrefix.size()) == kPrefix;
  if (prefixed) {
    const std::string_view rest = secret.substr(kPrefix.size());
    to.Add(FindingKind::kSecretPrefixStripped, rest);
    to.AddDecoded(FindingKind::kSecretBase64Decoded, rest, DecodeBase64);
    to.AddDecoded(FindingKind::kSecretHexDecoded, rest, DecodeHex);
  }
  to.AddDecoded(FindingKind::kSecretBase64Decoded, secret, DecodeBase64);
  to.AddDecoded(FindingKind::kSecretHexDecoded, secret, DecodeHex);
}

void AddWithMore(std::string_view secret, Collector& to) {
  to.Add(FindingKind::kSecretLacksLineBreak, {secret, "\n"});
  to.Add(FindingKind::kSecretLacksLineBreak, {secret, "\r\n"});
  to.Add(FindingKind::kSecretLacksBlanks, {secret, " "});
  to.Add(FindingKind::kSecretLacksBlanks, {" ", secret});
}

}  // namespace

std::vector<SecretVariant> SecretVariants(std::string_view secret) {
  Collector collector(secret);
  if (secret.empty()) return {};
  AddWithLess(secret, collector);
  AddDecoded(secret, collector);
  AddWithMore(secret, collector);
  return std::move(collector.variants());
}

bool DecodeBase64(std::string_view text, std::string& out) {
  out.clear();
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return false;
  out.reserve(text.size());
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::uint32_t value = Base64Value(c);
    if (value > 63) {
      SecureWipe(out.data(), out.size());
      out.clear();
      return false;
    }
    bits = bits << 6U | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xffU);
  }
  return true;
}

bool DecodeHex(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 2 != 0) return false;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::uint32_t high = HexValue(text[i]);
    const std::uint32_t low = HexValue(text[i + 1]);
    if (high > 15 || low > 15) {
      SecureWipe(out.data(), out.size());
      out.clear();
      return false;
    }
    out += static_cast<char>(high << 4U | low);
  }
  return true;
}

}  // namespace tuco::internal
