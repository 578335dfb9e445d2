#include "server/http/response_writer.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>

namespace tuco::http {
namespace {

constexpr int kNoContent = 204;

void AppendNumber(std::size_t number, std::string& out) {
  std::array<char, 20> digits;
  char* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void AppendField(std::string_view name, std::string_view value,
                 std::string& out) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace

void AppendResponse(const Response& response, ConnectionField connection,
                    bool omit_body, std::string& out) {
  out += "HTTP/1.1 ";
  AppendNumber(static_cast<std::size_t>(response.status), out);
  out += ' ';
  out += ReasonPhrase(response.status);
  out += "\r\n";
  if (response.status != kNoContent) {
    AppendField("Content-Type", response.content_type, out);
    out += "Content-Length: ";
    AppendNumber(response.body.size(), out);
    out += "\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    AppendField(name, value, out);
  }
  if (connection == ConnectionField::kClose) {
    out += "Connection: close\r\n";
  } else if (connection == ConnectionField::kKeepAlive) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (!omit_body && response.status != kNoContent) out += response.body;
}

}  // namespace tuco::http
