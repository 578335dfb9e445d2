#include "server/cli/terminal_text.h"

#include <cstdio>
#include <optional>

#include "server/cli/utf8.h"

namespace tuco::cli {
namespace {

// Marks, embeddings, overrides and isolates of the bidirectional algorithm.
bool ChangesDirection(char32_t point) {
  return point == 0x061C || point == 0x200E || point == 0x200F ||
         (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

bool IsUnsafe(char32_t point) {
  const bool control = point < 0x20 || (point >= 0x7F && point <= 0x9F);
  const bool line_separator = point == 0x2028 || point == 0x2029;
  return control || line_separator || ChangesDirection(point);
}

std::string Spell(const char* form, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, form, value);
  return text;
}

std::string SpellUnsafe(char32_t point) {
  switch (point) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return Spell(point < 0x80 ? "\\x%02x" : "\\u{%x}", point);
  }
}

// Takes one code point off `text` and appends its safe spelling to `out`.
void AppendNext(std::string_view& text, std::string& out) {
  const std::string_view before = text;
  const std::optional<char32_t> point = TakeCodePoint(text);
  if (!point.has_value()) {
    out += Spell("\\x%02x", static_cast<unsigned char>(before.front()));
  } else if (IsUnsafe(*point)) {
    out += SpellUnsafe(*point);
  } else {
    out += before.substr(0, before.size() - text.size());
  }
}

}  // namespace

std::string EscapeForTerminal(std::string_view text) {
  std::string out;
  while (!text.empty()) AppendNext(text, out);
  return out;
}

std::string QuoteForTerminal(std::string_view text, std::size_t points_max) {
  std::string out = "\"";
  for (std::size_t points = 0; !text.empty(); ++points) {
    if (points == points_max) {
      out += "…";
      break;
    }
    if (text.front() == '"' || text.front() == '\\') out += '\\';
    AppendNext(text, out);
  }
  return out + "\"";
}

}  // namespace tuco::cli
