#include "tuco/internal/field_value.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace tuco::internal {
namespace {

constexpr double kCountMax = 9007199254740992;  // 2^53

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
  double value = 0;
  const auto [end, error] =
      std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || end != raw.data() + raw.size()) {
    return std::nullopt;
  }
  if (value < 0 || value > kCountMax || std::floor(value) != value) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
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
