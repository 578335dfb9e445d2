#include "tuco/internal/field_value.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace tuco::internal {
namespace {

constexpr std::int64_t kCountMax = 9007199254740992;  // 2^53

// `digits` followed by so many zeros, if that is a count.
std::optional<std::int64_t> WithZeros(std::int64_t digits, std::int64_t zeros) {
  if (digits == 0) return 0;
  if (zeros < 0) return std::nullopt;
  for (; zeros > 0 && digits <= kCountMax; --zeros) digits *= 10;
  if (digits > kCountMax) return std::nullopt;
  return digits;
}

// The power of ten in `e+3`, `E3` or nothing at all; nothing for one that no
// number of digits makes up for.
std::optional<std::int64_t> ReadExponent(std::string_view text) {
  if (text.empty()) return 0;
  text.remove_prefix(text.starts_with("e+") || text.starts_with("E+") ? 2 : 1);
  std::int64_t exponent = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), exponent);
  constexpr auto kMax = static_cast<std::int64_t>(kJsonBytesMax);
  if (error != std::errc() || exponent > kMax || exponent < -kMax) {
    return std::nullopt;
  }
  return exponent;
}

// What a JSON number without its sign says, digit by digit: zeros wait until
// another digit follows, so that 1.0 and 10e-1 have one digit like 1.
std::optional<std::int64_t> CountOf(std::string_view number) {
  const std::size_t mantissa_size =
      std::min(number.find_first_of("eE"), number.size());
  std::int64_t digits = 0;
  std::int64_t zeros = 0;
  std::int64_t behind_point = 0;
  bool point = false;
  for (const char c : number.substr(0, mantissa_size)) {
    if (c == '.') {
      point = true;
      continue;
    }
    behind_point += point ? 1 : 0;
    ++zeros;
    if (c == '0') continue;
    const auto shifted = WithZeros(digits, zeros);
    if (!shifted.has_value()) return std::nullopt;
    digits = *shifted + (c - '0');
    zeros = 0;
  }
  if (digits == 0) return 0;
  const auto exponent = ReadExponent(number.substr(mantissa_size));
  if (!exponent.has_value()) return std::nullopt;
  return WithZeros(digits, zeros - behind_point + *exponent);
}

}  // namespace

std::optional<Timestamp> ReadTime(const JsonReader& json,
                                  const JsonNode& node) {
  if (node.kind != JsonKind::kString) return std::nullopt;
  std::string scratch;
  return ParseTimestamp(json.Text(node, scratch));
}

std::optional<std::int64_t> ReadMicros(const JsonReader& json,
                                       const JsonNode& node) {
  const std::optional<Timestamp> time = ReadTime(json, node);
  if (!time.has_value()) return std::nullopt;
  return time->time_since_epoch().count();
}

std::optional<std::int64_t> ReadCount(const JsonReader& json,
                                      const JsonNode& node) {
  if (node.kind != JsonKind::kNumber) return std::nullopt;
  const std::string_view raw = json.Raw(node);
  if (!raw.starts_with('-')) return CountOf(raw);
  // Of what is below zero only -0 is left.
  const std::optional<std::int64_t> positive = CountOf(raw.substr(1));
  return positive == 0 ? positive : std::nullopt;
}

bool IsArrayOf(const JsonReader& json, std::uint32_t index, JsonKind kind) {
  const JsonNode& array = json[index];
  if (array.kind != JsonKind::kArray) return false;
  for (std::uint32_t i = index + 1; i < array.next; i = json[i].next) {
    if (json[i].kind != kind) return false;
  }
  return true;
}

std::vector<std::string> ReadTexts(const JsonReader& json,
                                   std::uint32_t index) {
  std::vector<std::string> texts;
  std::string scratch;
  const std::uint32_t end = json[index].next;
  texts.reserve(end - index - 1);
  for (std::uint32_t i = index + 1; i < end; ++i) {
    texts.emplace_back(json.Text(json[i], scratch));
  }
  return texts;
}

bool SameText(const JsonReader& json, const JsonNode& a, const JsonNode& b) {
  if (json.Raw(a) == json.Raw(b)) return true;
  std::string a_scratch;
  std::string b_scratch;
  return json.Text(a, a_scratch) == json.Text(b, b_scratch);
}

bool SameTexts(const JsonReader& json, std::uint32_t a, std::uint32_t b) {
  const std::uint32_t size = json[a].next - a;
  if (json[b].next - b != size) return false;
  for (std::uint32_t i = 1; i < size; ++i) {
    if (!SameText(json, json[a + i], json[b + i])) return false;
  }
  return true;
}

}  // namespace tuco::internal
