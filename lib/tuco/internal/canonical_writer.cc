#include "tuco/internal/canonical_writer.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "tuco/internal/json_text.h"
#include "tuco/internal/number_text.h"
#include "tuco/internal/utf8.h"

namespace tuco::internal {
namespace {

constexpr std::uint32_t kIndexMax = 0xffff'fffe;
constexpr std::size_t kIndexDigitsMax = 10;

// The number that `key` is if it is an array index: a decimal without leading
// zeros up to 2^32 - 2. JavaScript puts such members first, in their order.
std::optional<std::uint32_t> ArrayIndex(std::string_view key) {
  if (key.empty() || key.size() > kIndexDigitsMax) return std::nullopt;
  if (key[0] < '0' || key[0] > '9') return std::nullopt;
  if (key[0] == '0' && key.size() > 1) return std::nullopt;
  std::uint32_t index = 0;
  const char* end = key.data() + key.size();
  const auto [stop, error] = std::from_chars(key.data(), end, index);
  if (error != std::errc() || stop != end || index > kIndexMax) {
    return std::nullopt;
  }
  return index;
}

void AppendUnit(char32_t unit, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out.push_back(kDigits[unit >> shift & 15]);
  }
}

// A character that was escaped, as JSON.stringify writes it.
void AppendEscaped(const Escape& escape, std::string& out) {
  switch (escape.value) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      if (escape.lone_surrogate || escape.value < 0x20) {
        AppendUnit(escape.value, out);
      } else {
        AppendUtf8(escape.value, out);
      }
  }
}

CanonicalRefusal RefusalOf(const JsonReader& json) {
  if (json.bad_utf8()) return CanonicalRefusal::kBadUtf8;
  if (json.duplicate_keys()) return CanonicalRefusal::kDuplicateKeys;
  if (json.too_deep()) return CanonicalRefusal::kTooDeep;
  return CanonicalRefusal::kNone;
}

}  // namespace

CanonicalRefusal WriteCanonical(std::string_view text, std::string& out) {
  JsonReader json;
  if (!json.Parse(text)) return CanonicalRefusal::kNotJson;
  const CanonicalRefusal refusal = RefusalOf(json);
  if (refusal != CanonicalRefusal::kNone) return refusal;
  out.clear();
  out.reserve(text.size());
  return CanonicalWriter(json, out).Write();
}

CanonicalRefusal CanonicalWriter::Write() {
  WriteValue(json_[0], 0);
  while (depth_ > 0 && refusal_ == CanonicalRefusal::kNone) WriteNext();
  return refusal_;
}

// The next child of the innermost container, or its end.
void CanonicalWriter::WriteNext() {
  Frame& frame = frames_[depth_ - 1];
  if (frame.at == frame.end) return Close();
  const std::uint32_t index = TakeChild(frame);
  const JsonNode& node = json_[index];
  if (!frame.first) out_.push_back(',');
  frame.first = false;
  if (frame.object) {
    WriteText(json_.RawKey(node));
    out_.push_back(':');
  }
  WriteValue(node, index);
}

std::uint32_t CanonicalWriter::TakeChild(Frame& frame) const {
  if (frame.ordered) return order_[frame.at++];
  const std::uint32_t index = frame.at;
  frame.at = json_[index].next;
  return index;
}

void CanonicalWriter::WriteValue(const JsonNode& node, std::uint32_t index) {
  switch (node.kind) {
    case JsonKind::kArray:
    case JsonKind::kObject:
      return Open(node, index);
    case JsonKind::kString:
      return WriteText(json_.Raw(node));
    case JsonKind::kNumber:
      switch (AppendNumber(json_.Raw(node), out_)) {
        case NumberLoss::kNone:
          return;
        case NumberLoss::kRange:
          refusal_ = CanonicalRefusal::kNumberRange;
          return;
        case NumberLoss::kDigits:
          refusal_ = CanonicalRefusal::kDigitsLost;
          return;
      }
      return;
    default:
      out_.append(json_.Raw(node));
  }
}

// A string or key with its quotes. What is not escaped in the text JavaScript
// does not escape either.
void CanonicalWriter::WriteText(std::string_view raw) {
  for (std::size_t plain = raw.find('\\'); plain != std::string_view::npos;
       plain = raw.find('\\')) {
    out_.append(raw.substr(0, plain));
    raw.remove_prefix(plain);
    const Escape escape = ReadEscape(raw);
    AppendEscaped(escape, out_);
    raw.remove_prefix(escape.size);
  }
  out_.append(raw);
}

void CanonicalWriter::Open(const JsonNode& node, std::uint32_t index) {
  Frame& frame = frames_[depth_++];
  frame.at = index + 1;
  frame.end = node.next;
  frame.ordered = false;
  frame.object = node.kind == JsonKind::kObject;
  frame.first = true;
  frame.order_begin = static_cast<std::uint32_t>(order_.size());
  if (frame.object && HasIndexKey(node, index)) {
    Order(node, index);
    frame.ordered = true;
    frame.at = frame.order_begin;
    frame.end = static_cast<std::uint32_t>(order_.size());
  }
  out_.push_back(frame.object ? '{' : '[');
}

void CanonicalWriter::Close() {
  const Frame& frame = frames_[--depth_];
  order_.resize(frame.order_begin);
  out_.push_back(frame.object ? '}' : ']');
}

bool CanonicalWriter::HasIndexKey(const JsonNode& object,
                                  std::uint32_t index) const {
  for (std::uint32_t i = index + 1; i < object.next; i = json_[i].next) {
    if (ArrayIndex(json_.Key(json_[i])).has_value()) return true;
  }
  return false;
}

// Appends the object's members to order_: array indices by their number, then
// the others as they come.
void CanonicalWriter::Order(const JsonNode& object, std::uint32_t index) {
  index_keys_.clear();
  for (std::uint32_t i = index + 1; i < object.next; i = json_[i].next) {
    const auto number = ArrayIndex(json_.Key(json_[i]));
    if (number.has_value()) index_keys_.emplace_back(*number, i);
  }
  std::sort(index_keys_.begin(), index_keys_.end());
  for (const auto& [number, i] : index_keys_) order_.push_back(i);
  for (std::uint32_t i = index + 1; i < object.next; i = json_[i].next) {
    if (!ArrayIndex(json_.Key(json_[i])).has_value()) order_.push_back(i);
  }
}

}  // namespace tuco::internal
