#include "server/cli/http_response_head.h"

#include <charconv>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "tuco/strings.h"

namespace tuco::cli {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";

// The line at the front of `text`, which is taken off.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

bool ReadStatusLine(std::string_view line, HttpResponseHead& head) {
  if (!line.starts_with(kVersion) || line.size() < 12 || line[8] != ' ') {
    return false;
  }
  head.close = line[7] == '0';
  return ReadNumber(line.substr(9, 3), head.status) && head.status >= 100;
}

bool ReadField(std::string_view line, HttpResponseHead& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const absl::string_view name = ToAbsl(line.substr(0, colon));
  const absl::string_view value =
      absl::StripAsciiWhitespace(ToAbsl(line.substr(colon + 1)));
  if (absl::EqualsIgnoreCase(name, "connection")) {
    head.close = head.close || absl::EqualsIgnoreCase(value, "close");
  } else if (absl::EqualsIgnoreCase(name, "content-length")) {
    return ReadNumber(FromAbsl(value), head.content_length.emplace());
  }
  return true;
}

}  // namespace

absl::StatusOr<HttpResponseHead> ReadResponseHead(std::string_view text) {
  HttpResponseHead head;
  if (!ReadStatusLine(TakeLine(text), head)) {
    return absl::DataLossError("the answer is not HTTP/1.1");
  }
  while (!text.empty()) {
    if (!ReadField(TakeLine(text), head)) {
      return absl::DataLossError("the answer has a malformed header");
    }
  }
  return head;
}

}  // namespace tuco::cli
