#include "tuco/internal/json_respell.h"

#include "tuco/internal/json_scan.h"
#include "tuco/internal/json_text.h"
#include "tuco/internal/utf8.h"

namespace tuco::internal {
namespace {

// From here on a character is not printable ASCII.
constexpr char32_t kFirstEscaped = 0x7f;

struct Style {
  std::string_view indent;  // Of one level; without it all is on one line.
  std::string_view comma;
  std::string_view colon;
  bool lines;
};

Style StyleOf(JsonSpacing spacing) {
  switch (spacing) {
    case JsonSpacing::kTwoBlanks:
      return {"  ", ",", ": ", true};
    case JsonSpacing::kFourBlanks:
      return {"    ", ",", ": ", true};
    case JsonSpacing::kTab:
      return {"\t", ",", ": ", true};
    case JsonSpacing::kPython:
      return {"", ", ", ": ", false};
    default:
      return {"", ",", ":", false};
  }
}

// The bytes of the string at the front of `text`, quotes included.
std::size_t StringSize(std::string_view text) {
  std::size_t i = 1;
  while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
  return i < text.size() ? i + 1 : text.size();
}

std::string_view SkipBlanks(std::string_view text) {
  std::size_t blanks = 0;
  while (blanks < text.size() && IsJsonBlank(text[blanks])) ++blanks;
  return text.substr(blanks);
}

bool IsCloser(char c) { return c == '}' || c == ']'; }

class Printer {
 public:
  explicit Printer(const Style& style) : style_(style) {}

  // Prints the token at the front of `text`, which is no blank; what follows.
  std::string_view Print(std::string_view text) {
    const char c = text.front();
    if (c == '"') {
      const std::size_t size = StringSize(text);
      out_.append(text.substr(0, size));
      return text.substr(size);
    }
    text.remove_prefix(1);
    if (c == '{' || c == '[') return Open(c, text);
    if (IsCloser(c)) {
      --depth_;
      NewLine();
      out_ += c;
    } else if (c == ',') {
      out_ += style_.comma;
      NewLine();
    } else if (c == ':') {
      out_ += style_.colon;
    } else {
      out_ += c;
    }
    return text;
  }

  std::string& out() { return out_; }

 private:
  std::string_view Open(char opener, std::string_view rest) {
    out_ += opener;
    rest = SkipBlanks(rest);
    if (!rest.empty() && IsCloser(rest.front())) {
      out_ += rest.front();
      return rest.substr(1);
    }
    ++depth_;
    NewLine();
    return rest;
  }

  void NewLine() {
    if (!style_.lines) return;
    out_ += '\n';
    for (std::size_t i = 0; i < depth_; ++i) out_ += style_.indent;
  }

  const Style style_;
  std::size_t depth_ = 0;
  std::string out_;
};

void AppendEscape(char32_t unit, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) {
    out += kDigits[(unit >> shift) & 0xfU];
  }
}

}  // namespace

std::optional<std::string> RespaceJson(std::string_view source,
                                       JsonSpacing spacing,
                                       std::size_t bytes_max) {
  Printer printer(StyleOf(spacing));
  for (std::string_view rest = SkipBlanks(source); !rest.empty();
       rest = SkipBlanks(rest)) {
    rest = printer.Print(rest);
    if (printer.out().size() > bytes_max) return std::nullopt;
  }
  return std::move(printer.out());
}

std::string EscapeJson(std::string_view source) {
  std::string out;
  while (!source.empty()) {
    const CodePoint point = DecodeUtf8(source);
    if (point.value < kFirstEscaped) {
      out += source.front();
    } else if (point.value < 0x10000) {
      AppendEscape(point.value, out);
    } else {
      const char32_t rest = point.value - 0x10000;
      AppendEscape(0xd800 + (rest >> 10U), out);
      AppendEscape(0xdc00 + (rest & 0x3ffU), out);
    }
    source.remove_prefix(point.size);
  }
  return out;
}

std::string UnescapeJson(std::string_view source) {
  std::string out;
  while (!source.empty()) {
    std::size_t size = 1;
    if (source.front() == '\\') {
      const Escape escape = ReadEscape(source);
      size = escape.size == 0 ? 1 : escape.size;
      if (escape.value >= kFirstEscaped && !escape.lone_surrogate) {
        AppendUtf8(escape.value, out);
        source.remove_prefix(size);
        continue;
      }
    }
    out.append(source.substr(0, size));
    source.remove_prefix(size);
  }
  return out;
}

}  // namespace tuco::internal
