#include "tuco/timestamp.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tuco {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

constexpr std::size_t kDateSize = 10;     // YYYY-MM-DD
constexpr std::size_t kTimeSize = 8;      // HH:MM:SS
constexpr std::size_t kOffsetSize = 6;    // +hh:mm
constexpr std::size_t kTextSizeMin = 20;  // Date, T, time, Z.
constexpr std::size_t kFractionDigits = 6;

constexpr Timestamp kFirst = sys_days(std::chrono::year(1) / 1 / 1);
constexpr Timestamp kEnd = sys_days(std::chrono::year(10000) / 1 / 1);

// Larger than any number that a field of two or four digits can hold.
constexpr unsigned kNotANumber = 1'000'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

unsigned TwoDigits(const char* text) {
  if (!IsDigit(text[0]) || !IsDigit(text[1])) return kNotANumber;
  return static_cast<unsigned>((text[0] - '0') * 10 + (text[1] - '0'));
}

std::optional<sys_days> ReadDate(const char* text) {
  const unsigned century = TwoDigits(text);
  const unsigned year = century * 100 + TwoDigits(text + 2);
  const unsigned month = TwoDigits(text + 5);
  const unsigned day = TwoDigits(text + 8);
  if (year > 9999 || month > 12 || day > 31) return std::nullopt;
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
      std::chrono::day(day));
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

std::optional<seconds> ReadTime(const char* text) {
  const unsigned hour = TwoDigits(text);
  const unsigned minute = TwoDigits(text + 3);
  const unsigned second = TwoDigits(text + 6);
  // 60 is a leap second; the sum moves it to the second that follows.
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  if (text[2] != ':' || text[5] != ':') return std::nullopt;
  return seconds(hour * 3600 + minute * 60 + second);
}

// Takes `.digits` off the front of `rest`, if it is there.
std::optional<microseconds> TakeFraction(std::string_view& rest) {
  if (rest.empty() || rest[0] != '.') return microseconds(0);
  const auto* end = std::find_if_not(rest.begin() + 1, rest.end(), IsDigit);
  const auto digits = static_cast<std::size_t>(end - rest.begin()) - 1;
  if (digits == 0) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < kFractionDigits; ++i) {
    value = value * 10 + (i < digits ? rest[1 + i] - '0' : 0);
  }
  rest.remove_prefix(1 + digits);
  return microseconds(value);
}

// How far local time is ahead of UTC: `Z`, `+hh:mm` or `-hh:mm`.
std::optional<minutes> ReadOffset(std::string_view text) {
  if (text == "Z") return minutes(0);
  if (text.size() != kOffsetSize || text[3] != ':') return std::nullopt;
  const unsigned hour = TwoDigits(text.data() + 1);
  const unsigned minute = TwoDigits(text.data() + 4);
  if (hour > 23 || minute > 59) return std::nullopt;
  const minutes offset(hour * 60 + minute);
  if (text[0] == '+') return offset;
  if (text[0] == '-') return -offset;
  return std::nullopt;
}

void AppendNumber(std::int64_t value, int digits, std::string& out) {
  const std::string text = std::to_string(value);
  const auto width = static_cast<std::size_t>(digits);
  if (text.size() < width) out.append(width - text.size(), '0');
  out.append(text);
}

void AppendFraction(std::int64_t micros, std::string& out) {
  if (micros == 0) return;
  out.push_back('.');
  if (micros % 1000 == 0) return AppendNumber(micros / 1000, 3, out);
  AppendNumber(micros, 6, out);
}

}  // namespace

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  if (text.size() < kTextSizeMin || text[kDateSize] != 'T') return std::nullopt;
  const auto date = ReadDate(text.data());
  const auto time = ReadTime(text.data() + kDateSize + 1);
  text.remove_prefix(kDateSize + 1 + kTimeSize);
  const auto fraction = TakeFraction(text);
  const auto offset = ReadOffset(text);
  if (!date || !time || !fraction || !offset) return std::nullopt;
  const Timestamp result = *date + *time + *fraction - *offset;
  if (result < kFirst || result >= kEnd) return std::nullopt;
  return result;
}

std::string FormatTimestamp(Timestamp time) {
  const sys_days day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string out;
  out.reserve(sizeof("2026-04-15T12:00:00.000000Z"));
  AppendNumber(static_cast<int>(date.year()), 4, out);
  out.push_back('-');
  AppendNumber(static_cast<unsigned>(date.month()), 2, out);
  out.push_back('-');
  AppendNumber(static_cast<unsigned>(date.day()), 2, out);
  out.push_back('T');
  AppendNumber(clock.hours().count(), 2, out);
  out.push_back(':');
  AppendNumber(clock.minutes().count(), 2, out);
  out.push_back(':');
  AppendNumber(clock.seconds().count(), 2, out);
  AppendFraction(clock.subseconds().count(), out);
  out.push_back('Z');
  return out;
}

}  // namespace tuco
