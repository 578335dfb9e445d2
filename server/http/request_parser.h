// HTTP/1.1 requests out of a stream of bytes, strictly.
//
// llhttp does the grammar. Around it: the gate over the raw header block
// (header_gate.h), what llhttp leaves to its user (one Host, Transfer-Encoding
// exactly `chunked`, no trailers, no chunk extensions, no CONNECT), and limits
// on everything. A request is delivered only when all of them agree about
// where it ends.
//
// The parser owns the read buffer, so that headers and a body are views into
// the bytes as they were received: nothing is copied but the pieces of a
// chunked body, which move up over their own framing.
//
//   header block │ body │ next request… │ free
//
// No sockets here, and the verdict does not depend on how the bytes were split
// into reads.

#ifndef TUCO_SERVER_HTTP_REQUEST_PARSER_H_
#define TUCO_SERVER_HTTP_REQUEST_PARSER_H_

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "server/http/header_gate.h"
#include "server/http/limits.h"
#include "server/http/message.h"
#include "server/http/read_buffer.h"
#include "server/http/refusal.h"

namespace tuco::http {

enum class ParseEvent : std::uint8_t {
  kNeedMore,  // Read more.
  kHead,      // The header block is complete and acceptable; Parse again.
  kRequest,   // The whole request is there; then Advance.
  kRefused,   // See refusal(); nothing more comes.
};

// Requests of one connection, one after the other. One thread at a time.
class RequestParser {
 public:
  explicit RequestParser(const Limits& limits);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Where the next read goes; never empty. Invalidates the views of head()
  // and body().
  std::span<char> ReadArea();
  // `size` bytes were read into it.
  void Commit(std::size_t size) { buffer_.Append(size); }

  // What the buffer has, and what it will have for ReadArea.
  std::size_t buffer_bytes() const { return buffer_.capacity(); }
  std::size_t next_buffer_bytes() const {
    return buffer_.CapacityFor(NextReadBytes());
  }

  // Goes on to the next event.
  ParseEvent Parse();

  // Whether there is a byte of a request that is not complete yet.
  bool started() const { return !buffer_.empty(); }

  // What head().source is; must outlive the parser.
  void set_source(std::string_view source) { head_.source = source; }

  // From kHead until Advance; the views move with ReadArea.
  const RequestHead& head() const { return head_; }
  std::string_view body() const;  // At kRequest.
  bool keep_alive() const { return keep_alive_; }
  bool http_1_0() const { return llhttp_.http_minor == 0; }
  bool is_head() const { return llhttp_.method == HTTP_HEAD; }
  // Whether a body was announced that is longer than nothing.
  bool has_body() const { return has_body_; }
  // Whether `Expect: 100-continue` awaits an answer: a body was announced and
  // none of it has come.
  bool wants_continue() const;

  // At kHead: the body must not be larger than that either. Whether it may
  // still come; if not, see refusal().
  bool LimitBody(std::size_t bytes);

  const Refusal& refusal() const { return refusal_; }

  // Forgets the request that kRequest delivered.
  void Advance();

 private:
  enum class Stage : std::uint8_t {
    kHeader,
    kSizedBody,
    kChunks,
    kLastChunk,  // Behind the size line of the last chunk: CRLF and no more.
    kDone,
    kRefused,
  };
  // Offsets into the buffer.
  struct Field {
    std::uint32_t name = 0;
    std::uint32_t name_size = 0;
    std::uint32_t value = 0;
    std::uint32_t value_size = 0;
  };
  struct Callbacks;  // llhttp's.
  enum class Fed : std::uint8_t { kAll, kStopped, kFailed };

  // The room that the next read is given, at least.
  std::size_t NextReadBytes() const;
  ParseEvent ParseHeader();
  ParseEvent ParseSizedBody();
  ParseEvent ParseChunks();
  ParseEvent ParseLastChunk();
  // Gives llhttp `size` bytes from parsed_ on.
  Fed Feed(std::size_t size);
  ParseEvent EndHeader();
  void LowerNamesAndTrimValues();
  void SetViews();
  ParseEvent Refuse(Refusal refusal);
  ParseEvent RefuseSyntax();
  void StartRequest();
  // Drops the framing of a chunked body from the buffer.
  void DropFraming();
  // What was received and not parsed yet.
  std::size_t unparsed() const { return buffer_.size() - parsed_; }

  const Limits& limits_;
  // As it is when a request begins: it may change between two.
  std::size_t body_bytes_max_ = 0;
  HeaderGate gate_;
  llhttp_t llhttp_;
  Stage stage_ = Stage::kHeader;
  Refusal refusal_;

  ReadBuffer buffer_;  // From the beginning of the request.
  // Offsets into it:
  std::size_t parsed_ = 0;  // What llhttp has had.
  std::size_t target_ = 0;
  std::size_t target_size_ = 0;
  std::size_t body_begin_ = 0;
  std::size_t body_size_ = 0;

  std::size_t content_length_ = 0;
  std::size_t wire_size_ = 0;        // Of a chunked body, framing included.
  std::size_t last_chunk_seen_ = 0;  // Of the CRLF behind the last chunk.
  bool chunked_ = false;
  bool has_body_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  bool head_complete_ = false;     // llhttp's opinion.
  bool message_complete_ = false;  // llhttp's opinion.
  bool last_chunk_ = false;
  bool field_open_ = false;  // More of the last field's name may come.

  std::vector<Field> fields_;
  std::vector<Header> headers_;
  RequestHead head_;
  const char* viewed_ =
      nullptr;  // Where the views believe the request to begin.
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_REQUEST_PARSER_H_
