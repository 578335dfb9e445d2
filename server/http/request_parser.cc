#include "server/http/request_parser.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "server/http/head_check.h"

namespace tuco::http {
namespace {

// The least room that is worth a system call.
constexpr std::size_t kReadBytesMin = 1024;
constexpr std::size_t kReadBytesMax = 64UL * 1024;

constexpr std::string_view kLineEnd = "\r\n";
constexpr Refusal kBodyTooLarge{413,
                                "the body is larger than this server takes"};

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

// A callback of llhttp returns 0 to go on, HPE_PAUSED to stop behind what it
// was told of, and -1 to fail.
struct RequestParser::Callbacks {
  static RequestParser& Self(llhttp_t* llhttp) {
    return *static_cast<RequestParser*>(llhttp->data);
  }

  static std::uint32_t OffsetOf(RequestParser& self, const char* data) {
    return static_cast<std::uint32_t>(data - self.buffer_.data());
  }

  static int OnUrl(llhttp_t* llhttp, const char* data, std::size_t size) {
    RequestParser& self = Self(llhttp);
    if (self.target_size_ == 0) self.target_ = OffsetOf(self, data);
    self.target_size_ += size;
    return 0;
  }

  static int OnHeaderField(llhttp_t* llhttp, const char* data,
                           std::size_t size) {
    RequestParser& self = Self(llhttp);
    if (self.head_complete_) {
      self.refusal_ = {400, "trailer fields behind a chunked body"};
      return -1;
    }
    if (!self.field_open_) {
      self.fields_.push_back({OffsetOf(self, data), 0, 0, 0});
      self.field_open_ = true;
    }
    self.fields_.back().name_size += static_cast<std::uint32_t>(size);
    return 0;
  }

  static int OnHeaderFieldComplete(llhttp_t* llhttp) {
    Self(llhttp).field_open_ = false;
    return 0;
  }

  static int OnHeaderValue(llhttp_t* llhttp, const char* data,
                           std::size_t size) {
    RequestParser& self = Self(llhttp);
    if (self.fields_.empty()) return -1;
    Field& field = self.fields_.back();
    if (field.value_size == 0) field.value = OffsetOf(self, data);
    field.value_size += static_cast<std::uint32_t>(size);
    return 0;
  }

  static int OnHeadersComplete(llhttp_t* llhttp) {
    RequestParser& self = Self(llhttp);
    self.head_complete_ = true;
    self.keep_alive_ = llhttp_should_keep_alive(llhttp) != 0;
    self.chunked_ = (llhttp->flags & F_CHUNKED) != 0;
    self.content_length_ = self.chunked_ ? 0 : llhttp->content_length;
    // `Upgrade` may be ignored (RFC 9110, 7.8), and is: a proxy's stray
    // `Connection: upgrade` must not cost an event. CONNECT is refused.
    llhttp->upgrade = 0;
    return 0;
  }

  static int OnChunkHeader(llhttp_t* llhttp) {
    RequestParser& self = Self(llhttp);
    if (llhttp->content_length == 0) {
      self.last_chunk_ = true;
      return HPE_PAUSED;
    }
    if (llhttp->content_length > self.body_bytes_max_ - self.body_size_) {
      self.refusal_ = kBodyTooLarge;
      return -1;
    }
    return 0;
  }

  static int OnChunkExtension(llhttp_t* llhttp) {
    Self(llhttp).refusal_ = {400, "a chunk extension"};
    return -1;
  }

  static int OnChunkExtensionName(llhttp_t* llhttp, const char*, std::size_t) {
    return OnChunkExtension(llhttp);
  }

  static int OnBody(llhttp_t* llhttp, const char* data, std::size_t size) {
    RequestParser& self = Self(llhttp);
    char* const end = self.buffer_.data() + self.body_begin_ + self.body_size_;
    if (end != data) std::memmove(end, data, size);
    self.body_size_ += size;
    return 0;
  }

  static int OnMessageComplete(llhttp_t* llhttp) {
    Self(llhttp).message_complete_ = true;
    return HPE_PAUSED;
  }

  static llhttp_settings_t MakeSettings() {
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_url = OnUrl;
    settings.on_header_field = OnHeaderField;
    settings.on_header_field_complete = OnHeaderFieldComplete;
    settings.on_header_value = OnHeaderValue;
    settings.on_headers_complete = OnHeadersComplete;
    settings.on_chunk_header = OnChunkHeader;
    settings.on_chunk_extension_name = OnChunkExtensionName;
    settings.on_chunk_extension_name_complete = OnChunkExtension;
    settings.on_body = OnBody;
    settings.on_message_complete = OnMessageComplete;
    return settings;
  }

  static const llhttp_settings_t& Settings() {
    static const llhttp_settings_t settings = MakeSettings();
    return settings;
  }
};

RequestParser::RequestParser(const Limits& limits)
    : limits_(limits), gate_(limits) {
  StartRequest();
}

void RequestParser::StartRequest() {
  llhttp_init(&llhttp_, HTTP_REQUEST, &Callbacks::Settings());
  llhttp_.data = this;
  gate_.Reset();
  body_bytes_max_ = limits_.body_bytes_max;
  stage_ = Stage::kHeader;
  parsed_ = target_ = target_size_ = body_begin_ = body_size_ = 0;
  content_length_ = wire_size_ = last_chunk_seen_ = 0;
  chunked_ = has_body_ = keep_alive_ = expects_continue_ = false;
  head_complete_ = message_complete_ = last_chunk_ = field_open_ = false;
  fields_.clear();
  viewed_ = nullptr;
}

std::size_t RequestParser::NextReadBytes() const {
  if (stage_ != Stage::kSizedBody) return kReadBytesMin;
  return std::clamp(content_length_ - body_size_, kReadBytesMin, kReadBytesMax);
}

std::span<char> RequestParser::ReadArea() {
  return buffer_.Free(NextReadBytes());
}

void RequestParser::Advance() {
  buffer_.DropFront(parsed_);
  buffer_.Trim();
  StartRequest();
}

std::string_view RequestParser::body() const {
  return buffer_.text(body_begin_, body_size_);
}

bool RequestParser::wants_continue() const {
  return expects_continue_ && has_body_ && body_size_ == 0 && unparsed() == 0;
}

ParseEvent RequestParser::Parse() {
  switch (stage_) {
    case Stage::kHeader:
      return ParseHeader();
    case Stage::kSizedBody:
      return ParseSizedBody();
    case Stage::kChunks:
      return ParseChunks();
    case Stage::kLastChunk:
      return ParseLastChunk();
    case Stage::kDone:
      SetViews();
      return ParseEvent::kRequest;
    case Stage::kRefused:
      break;
  }
  return ParseEvent::kRefused;
}

ParseEvent RequestParser::Refuse(Refusal refusal) {
  stage_ = Stage::kRefused;
  refusal_ = refusal;
  return ParseEvent::kRefused;
}

ParseEvent RequestParser::RefuseSyntax() {
  if (refusal_) return Refuse(refusal_);
  const char* const reason = llhttp_get_error_reason(&llhttp_);
  return Refuse({400, reason == nullptr ? "not HTTP/1.1" : reason});
}

RequestParser::Fed RequestParser::Feed(std::size_t size) {
  const llhttp_errno_t error =
      llhttp_execute(&llhttp_, buffer_.data() + parsed_, size);
  if (error == HPE_OK) {
    parsed_ += size;
    return Fed::kAll;
  }
  if (error != HPE_PAUSED) return Fed::kFailed;
  parsed_ =
      static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - buffer_.data());
  return Fed::kStopped;
}

ParseEvent RequestParser::ParseHeader() {
  while (!buffer_.empty()) {
    const HeaderGate::Step step = gate_.Next(buffer_.text(0, buffer_.size()));
    if (step == HeaderGate::Step::kBlankLine) {
      buffer_.DropFront(kLineEnd.size());
      continue;
    }
    const bool refused = step == HeaderGate::Step::kRefused;
    if (refused && gate_.refusal().status == 400) {
      return Refuse(gate_.refusal());
    }
    const bool end = step == HeaderGate::Step::kEnd;
    if (gate_.passed() > parsed_ &&
        Feed(gate_.passed() - parsed_) == Fed::kFailed) {
      return RefuseSyntax();
    }
    // The gate and llhttp must agree on where the block ends.
    if (head_complete_ != end || parsed_ != gate_.passed()) {
      return Refuse({400, "a header block that does not end with CRLF CRLF"});
    }
    if (refused) return Refuse(gate_.refusal());
    if (end) return EndHeader();
    if (step == HeaderGate::Step::kNeedMore) break;
  }
  return ParseEvent::kNeedMore;
}

ParseEvent RequestParser::EndHeader() {
  if (llhttp_.method == HTTP_CONNECT) {
    return Refuse({400, "CONNECT, and this is no proxy"});
  }
  const TargetCheck target = CheckTarget(buffer_.text(target_, target_size_));
  if (target.refusal) return Refuse(target.refusal);
  target_ += target.path;
  target_size_ -= target.path;
  LowerNamesAndTrimValues();
  SetViews();
  const FieldsCheck fields = CheckFields(headers_, http_1_0(), chunked_);
  if (fields.refusal) return Refuse(fields.refusal);
  expects_continue_ = fields.expects_continue;
  if (content_length_ > body_bytes_max_) return Refuse(kBodyTooLarge);
  has_body_ = chunked_ || content_length_ > 0;
  if (message_complete_ == has_body_) {
    return Refuse({400, "a body of unclear length"});
  }
  body_begin_ = parsed_;
  stage_ = chunked_    ? Stage::kChunks
           : has_body_ ? Stage::kSizedBody
                       : Stage::kDone;
  return ParseEvent::kHead;
}

bool RequestParser::LimitBody(std::size_t bytes) {
  body_bytes_max_ = std::min(body_bytes_max_, bytes);
  if (content_length_ <= body_bytes_max_) return true;
  Refuse(kBodyTooLarge);
  return false;
}

ParseEvent RequestParser::ParseSizedBody() {
  const std::size_t available = unparsed();
  if (available == 0) return ParseEvent::kNeedMore;
  const Fed fed = Feed(std::min(available, content_length_ - body_size_));
  if (fed == Fed::kFailed) return RefuseSyntax();
  const bool complete = body_size_ == content_length_;
  if (complete != message_complete_) {
    return Refuse({400, "a body that does not end where it said"});
  }
  if (!complete) return ParseEvent::kNeedMore;
  stage_ = Stage::kDone;
  return Parse();
}

ParseEvent RequestParser::ParseChunks() {
  const std::size_t available = unparsed();
  if (available == 0) return ParseEvent::kNeedMore;
  const std::size_t before = parsed_;
  const std::size_t take =
      std::min(available, ChunkedWireBytesMax(body_bytes_max_) - wire_size_);
  const Fed fed = take == 0 ? Fed::kAll : Feed(take);
  if (fed == Fed::kFailed) return RefuseSyntax();
  wire_size_ += parsed_ - before;
  if (fed == Fed::kStopped) {
    if (!last_chunk_ || message_complete_) return RefuseSyntax();
    stage_ = Stage::kLastChunk;
    return ParseLastChunk();
  }
  if (take < available) {
    return Refuse({413, "chunks that are too small for so large a body"});
  }
  DropFraming();
  return ParseEvent::kNeedMore;
}

void RequestParser::DropFraming() {
  parsed_ = body_begin_ + body_size_;
  buffer_.Truncate(parsed_);
}

// llhttp would take a bare LF here, and trailer fields; so it is shown the
// last CRLF only once that has come.
ParseEvent RequestParser::ParseLastChunk() {
  while (last_chunk_seen_ < kLineEnd.size()) {
    if (unparsed() == 0) return ParseEvent::kNeedMore;
    if (buffer_.data()[parsed_] != kLineEnd[last_chunk_seen_]) {
      return Refuse({400,
                     "trailer fields, expected CRLF behind the last "
                     "chunk"});
    }
    ++parsed_;
    ++last_chunk_seen_;
  }
  llhttp_resume(&llhttp_);
  llhttp_execute(&llhttp_, kLineEnd.data(), kLineEnd.size());
  if (!message_complete_) return RefuseSyntax();
  stage_ = Stage::kDone;
  return Parse();
}

void RequestParser::LowerNamesAndTrimValues() {
  for (Field& field : fields_) {
    char* const name = buffer_.data() + field.name;
    std::transform(name, name + field.name_size, name, Lower);
    const char* const value = buffer_.data() + field.value;
    while (field.value_size > 0 && IsBlank(value[field.value_size - 1])) {
      --field.value_size;
    }
    std::uint32_t blanks = 0;
    while (blanks < field.value_size && IsBlank(value[blanks])) ++blanks;
    field.value += blanks;
    field.value_size -= blanks;
  }
}

void RequestParser::SetViews() {
  if (viewed_ == buffer_.data()) return;
  viewed_ = buffer_.data();
  headers_.clear();
  for (const Field& field : fields_) {
    headers_.push_back({buffer_.text(field.name, field.name_size),
                        buffer_.text(field.value, field.value_size)});
  }
  head_.headers = headers_;
  head_.method =
      llhttp_method_name(static_cast<llhttp_method_t>(llhttp_.method));
  const std::string_view target = buffer_.text(target_, target_size_);
  const std::size_t mark = target.find('?');
  head_.path = target.substr(0, mark);
  head_.query = mark == std::string_view::npos ? std::string_view()
                                               : target.substr(mark + 1);
}

}  // namespace tuco::http
