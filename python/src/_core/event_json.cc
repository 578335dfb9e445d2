#include "_core/event_json.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "_core/enums.h"
#include "_core/event_fields.h"
#include "tuco/internal/utf8.h"

namespace tuco::python {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::uint32_t kFlagsEnd = 32;

struct Range {
  char32_t first;
  char32_t last;
};

// What protobuf's printer escapes beyond JSON's own rules: invisible and
// direction-changing characters, and < and > for the sake of HTML.
constexpr std::array kEscaped = {
    Range{0x0, 0x1f},        Range{'"', '"'},         Range{'<', '<'},
    Range{'>', '>'},         Range{'\\', '\\'},       Range{0x7f, 0x9f},
    Range{0xad, 0xad},       Range{0x600, 0x603},     Range{0x6dd, 0x6dd},
    Range{0x70f, 0x70f},     Range{0x17b4, 0x17b5},   Range{0x200b, 0x200f},
    Range{0x2028, 0x202e},   Range{0x2060, 0x2064},   Range{0x206a, 0x206f},
    Range{0xfeff, 0xfeff},   Range{0xfff9, 0xfffb},   Range{0x1d173, 0x1d17a},
    Range{0xe0001, 0xe0001}, Range{0xe0020, 0xe007f},
};

bool IsEscaped(char32_t value) {
  for (const Range& range : kEscaped) {
    if (value <= range.last) return value >= range.first;
  }
  return false;
}

void AppendUnit(char32_t unit, std::string& out) {
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) {
    out.push_back(kHexDigits[(unit >> shift) & 0xf]);
  }
}

void AppendEscape(char32_t value, std::string& out) {
  switch (value) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\b':
      out.append("\\b");
      return;
    case '\f':
      out.append("\\f");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      break;
  }
  constexpr char32_t kPlaneOne = 0x10000;
  if (value < kPlaneOne) return AppendUnit(value, out);
  AppendUnit(0xd800 + ((value - kPlaneOne) >> 10), out);
  AppendUnit(0xdc00 + ((value - kPlaneOne) & 0x3ff), out);
}

void AppendString(std::string_view text, std::string& out) {
  out.push_back('"');
  while (!text.empty()) {
    const internal::CodePoint point = internal::DecodeUtf8(text);
    if (IsEscaped(point.value)) {
      AppendEscape(point.value, out);
    } else {
      out.append(text.substr(0, point.size));
    }
    text.remove_prefix(point.size);
  }
  out.push_back('"');
}

// RFC 4648 with padding.
std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const bool there = at + i < bytes.size();
      group =
          group << 8 | (there ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const bool padding = at + i > bytes.size();
      out.push_back(padding ? '=' : kDigits[(group >> (18 - 6 * i)) & 0x3f]);
    }
  }
  return out;
}

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

// Whether protobuf's printer leaves the field out.
template <typename T>
bool IsUnset(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return !value.has_value();
  } else if constexpr (IsVector<T>::value || std::is_same_v<T, std::string>) {
    return value.empty();
  } else if constexpr (std::is_same_v<T, Flags>) {
    return value.Empty();
  } else {
    return value == T();
  }
}

class Writer {
 public:
  template <typename Struct>
  void Object(const Struct& value) {
    char separator = '{';
    ForEachField<Struct>([&](std::string_view name, auto member) {
      separator = Member(name, value, member, separator);
    });
    out_.append(separator == '{' ? "{}" : "}");
  }

  std::string Take() { return std::move(out_); }

 private:
  // Gives the separator that comes before the next member.
  template <typename Struct, typename T>
  char Member(std::string_view name, const Struct& value, T Struct::*member,
              char separator) {
    if (IsUnset(value.*member)) return separator;
    Key(name, separator);
    Value(value.*member);
    return ',';
  }
  template <typename Struct>
  char Member(std::string_view name, const Struct& value,
              BytesMember<Struct> bytes, char separator) {
    const std::optional<std::string>& content = value.*bytes.member;
    if (!content.has_value()) return separator;
    Key(name, separator);
    AppendString(Base64(*content), out_);
    return ',';
  }

  void Key(std::string_view name, char separator) {
    out_.push_back(separator);
    out_.push_back('"');
    bool upper = false;
    for (const char c : name) {
      if (c != '_')
        out_.push_back(upper ? static_cast<char>(c - 'a' + 'A') : c);
      upper = c == '_';
    }
    out_.append("\":");
  }

  template <typename T>
  void Value(const T& value) {
    if constexpr (IsOptional<T>::value) {
      Value(*value);
    } else if constexpr (IsVector<T>::value) {
      List(value);
    } else if constexpr (std::is_same_v<T, bool>) {
      out_.append(value ? "true" : "false");
    } else if constexpr (std::is_integral_v<T>) {
      AppendString(std::to_string(value), out_);
    } else if constexpr (std::is_same_v<T, std::string>) {
      AppendString(value, out_);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      AppendString(FormatTimestamp(value), out_);
    } else if constexpr (std::is_same_v<T, Flags>) {
      List(Each(value));
    } else if constexpr (std::is_enum_v<T>) {
      AppendString(JsonName(value), out_);
    } else {
      Object(value);
    }
  }

  template <typename T>
  void List(const std::vector<T>& values) {
    char separator = '[';
    for (const T& value : values) {
      out_.push_back(separator);
      Value(value);
      separator = ',';
    }
    out_.push_back(']');
  }

  static std::vector<Flag> Each(Flags flags) {
    std::vector<Flag> each;
    for (std::uint32_t bit = 1; bit < kFlagsEnd; ++bit) {
      const auto flag = static_cast<Flag>(bit);
      if (flags.Has(flag)) each.push_back(flag);
    }
    return each;
  }

  std::string out_;
};

}  // namespace

std::string ToJson(const Event& event) {
  Writer writer;
  writer.Object(event);
  return writer.Take();
}

}  // namespace tuco::python
