#include "server/cli/json_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "tuco/event_parser.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

bool IsPlain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// A character that is not plain.
void AppendEscaped(char c, std::string& out) {
  switch (c) {
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
      break;
  }
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
  out += text;
}

}  // namespace

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), IsPlain) - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    AppendEscaped(text.front(), out);
    text.remove_prefix(1);
  }
  out += '"';
  return out;
}

bool IsJsonObject(std::string_view text) {
  return !ParseUnverified(text).flags.Has(Flag::kParseError);
}

bool IsJsonValue(std::string_view text) {
  // The library's reader takes objects only. The first context refuses two
  // values in a row, the second one a further member behind the value.
  return IsJsonObject(Concat({"{\"a\":", text, "}"})) &&
         IsJsonObject(Concat({"{\"a\":[", text, "]}"}));
}

}  // namespace tuco::cli
