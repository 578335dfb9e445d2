#include "tuco/internal/json_scan.h"

#include <cstddef>
#include <string_view>

namespace tuco::internal {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Behind the digits at `p`, of which there must be one at least.
const char* ScanDigits(const char* p, const char* end) {
  if (p == end || !IsDigit(*p)) return nullptr;
  while (p != end && IsDigit(*p)) ++p;
  return p;
}

// From the minus sign or the first digit.
const char* ScanNumber(const char* p, const char* end) {
  if (*p == '-') ++p;
  if (p != end && *p == '0') {
    ++p;
  } else {
    p = ScanDigits(p, end);
  }
  if (p != nullptr && p != end && *p == '.') p = ScanDigits(p + 1, end);
  if (p != nullptr && p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    p = ScanDigits(p, end);
  }
  return p;
}

const char* ScanWord(const char* p, const char* end, std::string_view word) {
  const std::string_view rest(p, static_cast<std::size_t>(end - p));
  return rest.substr(0, word.size()) == word ? p + word.size() : nullptr;
}

}  // namespace

WordScan ScanWordOrNumber(const char* p, const char* end) {
  switch (*p) {
    case 'n':
      return {ScanWord(p, end, "null"), JsonKind::kNull};
    case 'f':
      return {ScanWord(p, end, "false"), JsonKind::kFalse};
    case 't':
      return {ScanWord(p, end, "true"), JsonKind::kTrue};
    default:
      return {ScanNumber(p, end), JsonKind::kNumber};
  }
}

}  // namespace tuco::internal
