#include "tuco/internal/signature_form.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "tuco/internal/secret_variants.h"
#include "tuco/strings.h"

namespace tuco::internal {
namespace {

// What other vendors put before a signature, in lower case; none is the
// beginning of a later one.
constexpr std::array<std::string_view, 9> kPrefixes = {
    "hmac-sha256=", "hmac-sha256 ", "hmac-sha256:", "sha256=", "sha256:",
    "v1=",          "v0=",          "v1,",          "0x"};

// Hexadecimal digits of MD5, SHA-1, SHA-224, SHA-384 and SHA-512.
constexpr std::array<std::size_t, 5> kOtherSizes = {32, 40, 56, 96, 128};

std::string_view Trim(std::string_view text, std::string_view characters) {
  const std::size_t first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
         (c >= 'A' && c <= 'F');
}

bool HasPrefix(std::string_view text, std::string_view prefix) {
  return text.size() > prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char expected, char found) {
                      return expected ==
                             (IsUpper(found)
                                  ? static_cast<char>(found - 'A' + 'a')
                                  : found);
                    });
}

std::string_view WithoutPrefix(std::string_view text) {
  for (const std::string_view prefix : kPrefixes) {
    if (HasPrefix(text, prefix)) return text.substr(prefix.size());
  }
  return text;
}

std::optional<Digest> DigestFromBase64(std::string_view text) {
  // With or without its padding.
  if (text.size() != 43 && text.size() != 44) return std::nullopt;
  std::string bytes;
  Digest digest;
  if (!DecodeBase64(text, bytes) || bytes.size() != digest.size()) {
    return std::nullopt;
  }
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

// One value in any spelling that can be understood.
std::optional<SignatureValue> ReadValue(std::string_view text) {
  SignatureValue value{};
  const std::string_view bare = Trim(text, " \t\r\n\"'");
  if (bare != Trim(text, " \t")) {
    value.kinds.push_back(FindingKind::kSignatureSurrounded);
  }
  const std::string_view digits = WithoutPrefix(bare);
  if (digits != bare) value.kinds.push_back(FindingKind::kSignaturePrefix);
  std::optional<Digest> digest = DigestFromHex(digits);
  if (!digest.has_value()) {
    digest = DigestFromBase64(digits);
    value.kinds.push_back(FindingKind::kSignatureBase64);
  }
  if (!digest.has_value()) return std::nullopt;
  value.digest = *digest;
  return value;
}

// What can be understood of `a, b` and `t=…,v1=a`.
std::vector<SignatureValue> ReadValues(std::string_view header) {
  constexpr std::string_view kSeparators = ", \t\r\n";
  std::vector<SignatureValue> values;
  while (values.size() < kSignatureValuesMax) {
    const std::size_t begin = header.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) break;
    header.remove_prefix(begin);
    const std::size_t size =
        std::min(header.find_first_of(kSeparators), header.size());
    if (auto value = ReadValue(header.substr(0, size)); value.has_value()) {
      value->kinds.insert(value->kinds.begin(),
                          FindingKind::kSignatureRepeated);
      values.push_back(*std::move(value));
    }
    header.remove_prefix(size);
  }
  return values;
}

Finding Malformed(std::string_view text) {
  Finding finding = HintFinding(FindingKind::kSignatureMalformed);
  const auto bad = std::find_if_not(text.begin(), text.end(), IsHexDigit);
  finding.text = Concat({"Expected 64 hexadecimal digits, found ",
                         std::to_string(text.size()), " characters"});
  if (bad != text.end()) {
    const auto position = static_cast<std::size_t>(bad - text.begin()) + 1;
    finding.text += Concat({", of which number ", std::to_string(position),
                            " is the first that is no such digit"});
  }
  finding.text += ".";
  return finding;
}

// With any prefix: `sha1=` and `sha512=` are none that Explain takes off.
bool IsOfOtherAlgorithm(std::string_view text) {
  const std::string_view digits = text.substr(text.find_last_of("=:") + 1);
  return std::find(kOtherSizes.begin(), kOtherSizes.end(), digits.size()) !=
             kOtherSizes.end() &&
         std::all_of(digits.begin(), digits.end(), IsHexDigit);
}

}  // namespace

SignatureForm ReadSignatureForm(std::string_view header) {
  SignatureForm form;
  const std::string_view text = Trim(header, " \t");
  if (text.empty()) {
    form.hints.push_back(HintFinding(FindingKind::kSignatureMissing));
    return form;
  }
  if (text.size() > kSignatureBytesMax) {
    form.hints.push_back(Malformed(text));
    return form;
  }
  if (auto value = ReadValue(text); value.has_value()) {
    form.values.push_back(*std::move(value));
  } else {
    form.values = ReadValues(text);
  }
  if (form.values.empty()) {
    form.hints.push_back(
        IsOfOtherAlgorithm(text)
            ? HintFinding(FindingKind::kSignatureOtherAlgorithm)
            : Malformed(WithoutPrefix(text)));
    return form;
  }
  for (const FindingKind kind : form.values.front().kinds) {
    form.hints.push_back(HintFinding(kind));
  }
  if (form.hints.empty() && std::any_of(text.begin(), text.end(), IsUpper)) {
    form.hints.push_back(HintFinding(FindingKind::kSignatureUpperCase));
  }
  return form;
}

}  // namespace tuco::internal
