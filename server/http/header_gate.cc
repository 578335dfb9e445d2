#include "server/http/header_gate.h"

#include <algorithm>
#include <cstring>

namespace tuco::http {
namespace {

// RFC 9112 asks for one, sent by clients that end a body with CRLF.
constexpr std::uint8_t kBlankLinesMax = 4;
// The longest method that llhttp knows, two blanks, `HTTP/1.1` and CRLF.
constexpr std::size_t kRequestLineOverhead = 32;

constexpr std::string_view kLineEnd = "\r\n";

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

HeaderGate::HeaderGate(const Limits& limits)
    : request_line_bytes_max_(limits.target_bytes_max + kRequestLineOverhead),
      target_bytes_max_(limits.target_bytes_max),
      header_bytes_max_(limits.header_bytes_max),
      header_fields_max_(limits.header_fields_max) {
  Reset();
}

void HeaderGate::Reset() {
  passed_ = 0;
  line_begin_ = 0;
  limit_ = request_line_bytes_max_;
  fields_ = 0;
  blank_lines_ = 0;
  in_request_line_ = true;
  refusal_ = {};
}

HeaderGate::Step HeaderGate::Next(std::string_view block) {
  // Whether an empty line is dropped or ends the block is known at its LF.
  if (in_request_line_ && block.size() == 1 && block[0] == '\r') {
    return Step::kNeedMore;
  }
  const std::string_view visible = block.substr(0, limit_);
  const void* const newline =
      std::memchr(visible.data() + passed_, '\n', visible.size() - passed_);
  if (newline == nullptr) {
    passed_ = visible.size();
    if (block.size() <= limit_) return Step::kNeedMore;
    return in_request_line_
               ? Refuse(414,
                        "the request line is longer than this server takes")
               : Refuse(431, "the header is longer than this server takes");
  }
  passed_ = static_cast<std::size_t>(static_cast<const char*>(newline) -
                                     visible.data()) +
            1;
  const std::string_view line =
      visible.substr(line_begin_, passed_ - line_begin_);
  if (!line.ends_with(kLineEnd)) {
    return Refuse(400, "a line ends with LF alone, expected CRLF");
  }
  line_begin_ = passed_;
  const std::string_view text = line.substr(0, line.size() - kLineEnd.size());
  return in_request_line_ ? EndOfRequestLine(text) : EndOfFieldLine(text);
}

HeaderGate::Step HeaderGate::EndOfRequestLine(std::string_view line) {
  if (line.empty()) {
    line_begin_ = 0;
    passed_ = 0;
    if (++blank_lines_ > kBlankLinesMax) {
      return Refuse(400, "empty lines, expected a request line");
    }
    return Step::kBlankLine;
  }
  if (line.find('\r') != std::string_view::npos) {
    return Refuse(400, "CR within the request line");
  }
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (std::count(line.begin(), line.end(), ' ') != 2 || first == 0 ||
      last == first + 1) {
    return Refuse(400,
                  "a request line that is not three words with one blank "
                  "between them");
  }
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refuse(400, "a protocol version that is not HTTP/1.1 or HTTP/1.0");
  }
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (target.size() > target_bytes_max_) {
    return Refuse(414, "the target is longer than this server takes");
  }
  in_request_line_ = false;
  limit_ = passed_ + header_bytes_max_;
  return Step::kLine;
}

HeaderGate::Step HeaderGate::EndOfFieldLine(std::string_view line) {
  if (line.empty()) return Step::kEnd;
  if (IsBlank(line.front())) {
    return Refuse(400, "a header value folded onto the next line");
  }
  if (line.front() == ':') return Refuse(400, "a header field without a name");
  if (++fields_ > header_fields_max_) {
    return Refuse(431, "more header fields than this server takes");
  }
  return Step::kLine;
}

HeaderGate::Step HeaderGate::Refuse(int status, std::string_view detail) {
  refusal_ = {status, detail};
  return Step::kRefused;
}

}  // namespace tuco::http
