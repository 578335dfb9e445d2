#include "server/cli/json_text.h"

#include <cstdio>

#include "tuco/event_parser.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

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
  if (static_cast<unsigned char>(c) >= 0x20) {
    out += c;
    return;
  }
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c));
  out += text;
}

}  // namespace

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (const char c : text) AppendEscaped(c, out);
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
