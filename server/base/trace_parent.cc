#include "server/base/trace_parent.h"

#include <cstddef>

namespace tuco::base {
namespace {

// version "-" trace-id "-" parent-id "-" flags
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kParentIdAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kSize = 55;

bool IsLowerHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsId(std::string_view text) {
  return IsLowerHex(text) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

bool HasDashes(std::string_view header) {
  return header[kTraceIdAt - 1] == '-' && header[kParentIdAt - 1] == '-' &&
         header[kFlagsAt - 1] == '-';
}

// Whether what is behind the known fields is as it may be in `version`.
bool HasEndOf(std::string_view version, std::string_view header) {
  if (header.size() == kSize) return true;
  return version != "00" && header[kSize] == '-';
}

}  // namespace

std::optional<TraceParent> ParseTraceParent(std::string_view header) {
  if (header.size() < kSize || !HasDashes(header)) return std::nullopt;
  const std::string_view version = header.substr(0, kTraceIdAt - 1);
  const std::string_view flags = header.substr(kFlagsAt, 2);
  const TraceParent parent{
      .trace_id = header.substr(kTraceIdAt, 32),
      .parent_id = header.substr(kParentIdAt, 16),
      // The lowest bit, and so the lowest of the last digit.
      .sampled = std::string_view("13579bdf").find(flags[1]) !=
                 std::string_view::npos};
  if (!IsLowerHex(version) || version == "ff" || !HasEndOf(version, header) ||
      !IsId(parent.trace_id) || !IsId(parent.parent_id) || !IsLowerHex(flags)) {
    return std::nullopt;
  }
  return parent;
}

}  // namespace tuco::base
