#include "tuco/internal/number_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

namespace tuco::internal {
namespace {

// The first integer that others are rounded to, 2^53.
constexpr double kInexactMin = 9007199254740992;
constexpr std::size_t kShortDigitsMax = 15;  // All below 2^53.

// The shortest decimal digits that read as a double, the one nearest to it:
// 0.d1d2d3… * 10^point.
struct Shortest {
  bool negative;
  std::array<char, 17> digits;
  std::size_t size;
  int point;

  std::string_view text() const { return {digits.data(), size}; }
};

Shortest ShortestDigits(double value) {
  std::array<char, 32> buffer;  // -d.dddddddddddddddde-308
  const char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                  value, std::chars_format::scientific)
                        .ptr;
  const char* p = buffer.data();
  Shortest shortest{};
  shortest.negative = *p == '-';
  if (shortest.negative) ++p;
  for (; *p != 'e'; ++p) {
    if (*p != '.') shortest.digits[shortest.size++] = *p;
  }
  // from_chars takes no plus sign.
  p += p[1] == '+' ? 2 : 1;
  int exponent = 0;
  std::from_chars(p, end, exponent);
  shortest.point = exponent + 1;
  return shortest;
}

// `-?(0|[1-9][0-9]*)` of so few digits that JavaScript spells it the same.
bool IsShortInteger(std::string_view raw) {
  if (raw == "0") return true;
  if (raw.starts_with('-')) raw.remove_prefix(1);
  return raw.size() <= kShortDigitsMax && raw[0] != '0' &&
         raw.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether the digits of `raw` are `digits` and zeros around them. Of a number
// and the double nearest to it that makes them the same number.
bool HasDigits(std::string_view raw, std::string_view digits) {
  const std::size_t first = raw.find_first_of("123456789");
  for (const char c : raw.substr(first)) {
    if (c == '.') continue;
    if (c == 'e' || c == 'E') break;
    if (digits.empty() ? c != '0' : c != digits.front()) return false;
    if (!digits.empty()) digits.remove_prefix(1);
  }
  return digits.empty();
}

bool IsZero(std::string_view raw) {
  const std::string_view mantissa = raw.substr(0, raw.find_first_of("eE"));
  return mantissa.find_first_of("123456789") == std::string_view::npos;
}

void AppendShortest(const Shortest& shortest, std::string& out) {
  const std::string_view digits = shortest.text();
  const int size = static_cast<int>(digits.size());
  const int point = shortest.point;
  if (shortest.negative) out.push_back('-');
  if (point > 21 || point < -5) {
    out.push_back(digits[0]);
    if (size > 1) out.append(".").append(digits.substr(1));
    const int exponent = point - 1;
    out.append(exponent < 0 ? "e-" : "e+");
    out.append(std::to_string(std::abs(exponent)));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0');
    out.append(digits);
  } else if (size <= point) {
    out.append(digits).append(static_cast<std::size_t>(point - size), '0');
  } else {
    const auto whole = static_cast<std::size_t>(point);
    out.append(digits.substr(0, whole)).append(".");
    out.append(digits.substr(whole));
  }
}

}  // namespace

NumberLoss AppendNumber(std::string_view raw, std::string& out) {
  if (IsShortInteger(raw)) {
    out.append(raw);
    return NumberLoss::kNone;
  }
  if (IsZero(raw)) {
    out.push_back('0');
    return NumberLoss::kNone;
  }
  double value = 0;
  const auto [end, error] =
      std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || value == 0 || std::isinf(value)) {
    return NumberLoss::kRange;
  }
  const Shortest shortest = ShortestDigits(value);
  if (std::abs(value) >= kInexactMin && !HasDigits(raw, shortest.text())) {
    return NumberLoss::kDigits;
  }
  AppendShortest(shortest, out);
  return NumberLoss::kNone;
}

}  // namespace tuco::internal
