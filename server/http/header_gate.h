// The gate before the HTTP parser: looks at the raw lines of a header block.
//
// llhttp's callbacks do not show a bare LF behind the request line or in the
// last line, a value folded onto the next line, `RTSP/1.0` or `ICE/1.0`, more
// than one blank in the request line, an empty header name, nor blank lines
// without end before a request. Two parsers that read these differently are
// what request smuggling is made of, so all of them are refused. The gate also
// keeps the limits on the request line and on the header fields.
//
//   blank lines ──▶ request line ──▶ field line ⟲ ──▶ empty line: the end
//
// Nothing depends on how the bytes were split into reads: a limit cuts the
// block at a fixed byte, and what the gate lets pass before a refusal is given
// to the parser first.

#ifndef TUCO_SERVER_HTTP_HEADER_GATE_H_
#define TUCO_SERVER_HTTP_HEADER_GATE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/http/limits.h"
#include "server/http/refusal.h"

namespace tuco::http {

// One request's header block. One thread at a time.
class HeaderGate {
 public:
  enum class Step : std::uint8_t {
    kNeedMore,   // Everything there was may pass; the line is not complete.
    kBlankLine,  // The block begins with an empty line: drop its two bytes.
    kLine,       // One more complete line may pass.
    kEnd,        // The empty line that ends the block may pass.
    kRefused,    // See `refusal()`; what is before `passed()` goes first.
  };

  explicit HeaderGate(const Limits& limits);

  // Goes one line further. `block` is everything received from the beginning
  // of the request; it only grows from call to call.
  Step Next(std::string_view block);

  // How many bytes of the block the parser may have.
  std::size_t passed() const { return passed_; }
  const Refusal& refusal() const { return refusal_; }

  // Starts over with the next request.
  void Reset();

 private:
  Step Refuse(int status, std::string_view detail);
  Step EndOfRequestLine(std::string_view line);
  Step EndOfFieldLine(std::string_view line);

  std::size_t request_line_bytes_max_;
  std::size_t target_bytes_max_;
  std::size_t header_bytes_max_;
  std::size_t header_fields_max_;

  std::size_t passed_ = 0;
  std::size_t line_begin_ = 0;
  std::size_t limit_ = 0;  // Where the line that is being read is cut off.
  std::size_t fields_ = 0;
  std::uint8_t blank_lines_ = 0;
  bool in_request_line_ = true;
  Refusal refusal_;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_HEADER_GATE_H_
