#include "tuco/internal/json_reader.h"

#include <utility>

#include "tuco/internal/duplicate_keys.h"
#include "tuco/internal/json_skip.h"
#include "tuco/internal/json_text.h"
#include "tuco/internal/key_hash.h"

namespace tuco::internal {

bool JsonReader::Parse(std::string_view source) {
  Clear(source);
  if (source.empty() || source.size() > kJsonBytesMax) return false;
  const char* p = ReadElement(SkipBlanks(source.data(), end_));
  while (p != nullptr && depth_ > 0) p = ReadNext(p);
  if (p != nullptr && SkipBlanks(p, end_) == end_) return true;
  Clear({});
  return false;
}

void JsonReader::Clear(std::string_view source) {
  source_ = source;
  end_ = source.data() + source.size();
  depth_ = 0;
  duplicate_keys_ = false;
  too_deep_ = false;
  ill_formed_text_ = false;
  strings_.Start(source);
  decoded_keys_.clear();
  nodes_.Clear();
}

// What follows a value, or an opening bracket, inside of a container.
inline const char* JsonReader::ReadNext(const char* p) {
  Frame& frame = frames_[depth_ - 1];
  p = SkipBlanks(p, end_);
  if (p == end_) return nullptr;
  if (*p == frame.closer) return Close(p + 1);
  if (!frame.empty) {
    if (*p != ',') return nullptr;
    p = SkipBlanks(p + 1, end_);
  }
  frame.empty = false;
  return frame.closer == '}' ? ReadMembers(p, frame) : ReadElement(p);
}

// Whether the next two bytes are these.
inline bool JsonReader::Are(const char* p, char first, char second) const {
  return end_ - p >= 2 && p[0] == first && p[1] == second;
}

// A member, and those behind it while all is spelt as JSON.stringify does and
// texts follow each other.
inline const char* JsonReader::ReadMembers(const char* p, Frame& frame) {
  if (p == end_ || *p != '"') return nullptr;
  while (true) {
    JsonNode& node = nodes_.Append();
    p = ReadKey(p, node, frame);
    if (p == nullptr) return nullptr;
    if (!Are(p, ':', '"')) [[unlikely]] {
      p = SkipBlanks(p, end_);
      if (p == end_ || *p != ':') return nullptr;
      return ReadValue(SkipBlanks(p + 1, end_), node);
    }
    StartValue(p + 1, node);
    p = ReadString(p + 1, node);
    if (p == nullptr || !Are(p, ',', '"')) return p;
    ++p;
  }
}

// Strings are plain nearly always; what it takes to read others stays out of
// the way.
inline const char* JsonReader::ReadKey(const char* quote, JsonNode& node,
                                       Frame& frame) {
  const char* end = strings_.ScanPlain(quote);
  if (end == nullptr) [[unlikely]]
    return ReadOddKey(quote, node, frame);
  const char* begin = quote + 1;
  node.key_begin = Offset(begin);
  node.key_end = Offset(end);
  node.key_hash = KeyHash({begin, static_cast<std::size_t>(end - begin)});
  node.decoded_key = 0;
  frame.NoteKey(node.key_hash);
  return end + 1;
}

const char* JsonReader::ReadOddKey(const char* quote, JsonNode& node,
                                   Frame& frame) {
  const StringScan scan = strings_.ScanOdd(quote);
  if (scan.end == nullptr) return nullptr;
  node.key_begin = Offset(quote + 1);
  node.key_end = Offset(scan.end);
  node.decoded_key = 0;
  if (scan.escaped || scan.ill_formed) {
    ill_formed_text_ |= scan.ill_formed;
    std::string decoded;
    AppendJsonText(Key(node), LoneSurrogate::kKeep, decoded);
    decoded_keys_.push_back(std::move(decoded));
    node.decoded_key = static_cast<std::uint32_t>(decoded_keys_.size());
  }
  node.key_hash = KeyHash(Key(node));
  frame.NoteKey(node.key_hash);
  return scan.end + 1;
}

const char* JsonReader::ReadElement(const char* p) {
  JsonNode& node = nodes_.Append();
  node.key_begin = 0;
  node.key_end = 0;
  node.key_hash = 0;
  node.decoded_key = 0;
  return ReadValue(p, node);
}

inline void JsonReader::StartValue(const char* p, JsonNode& node) const {
  node.begin = Offset(p);
  node.escaped = false;
  node.ill_formed = false;
  node.shadowed = false;
}

inline const char* JsonReader::ReadValue(const char* p, JsonNode& node) {
  if (p == end_) return nullptr;
  StartValue(p, node);
  if (*p == '"') return ReadString(p, node);
  if (*p == '{' || *p == '[') return Open(p, node);
  const WordScan scan = ScanWordOrNumber(p, end_);
  if (scan.end == nullptr) return nullptr;
  node.kind = scan.kind;
  node.end = Offset(scan.end);
  node.next = static_cast<std::uint32_t>(nodes_.size());
  return scan.end;
}

inline const char* JsonReader::ReadString(const char* quote, JsonNode& node) {
  const char* end = strings_.ScanPlain(quote);
  if (end == nullptr) [[unlikely]]
    end = ReadOddString(quote, node);
  if (end == nullptr) return nullptr;
  node.kind = JsonKind::kString;
  node.end = Offset(end + 1);
  node.next = static_cast<std::uint32_t>(nodes_.size());
  return end + 1;
}

const char* JsonReader::ReadOddString(const char* quote, JsonNode& node) {
  const StringScan scan = strings_.ScanOdd(quote);
  node.escaped = scan.escaped;
  node.ill_formed = scan.ill_formed;
  ill_formed_text_ |= scan.ill_formed;
  return scan.end;
}

inline const char* JsonReader::Open(const char* p, JsonNode& node) {
  if (depth_ == kJsonDepthMax) return ReadOpaque(p, node);
  const bool object = *p == '{';
  node.kind = object ? JsonKind::kObject : JsonKind::kArray;
  Frame& frame = frames_[depth_++];
  frame.node = static_cast<std::uint32_t>(nodes_.size() - 1);
  frame.closer = object ? '}' : ']';
  frame.empty = true;
  frame.suspect = false;
  frame.seen = {};
  return p + 1;
}

const char* JsonReader::ReadOpaque(const char* p, JsonNode& node) {
  const ContainerSkip skip = SkipContainer(p, end_, strings_);
  if (skip.end == nullptr) return nullptr;
  too_deep_ = true;
  ill_formed_text_ |= skip.ill_formed;
  node.kind = JsonKind::kOpaque;
  node.end = Offset(skip.end);
  node.next = static_cast<std::uint32_t>(nodes_.size());
  return skip.end;
}

// `p` is behind the closing bracket.
inline const char* JsonReader::Close(const char* p) {
  const Frame& frame = frames_[--depth_];
  JsonNode& node = nodes_[frame.node];
  node.end = Offset(p);
  node.next = static_cast<std::uint32_t>(nodes_.size());
  if (frame.suspect) MarkDuplicates(frame.node);
  return p;
}

void JsonReader::MarkDuplicates(std::uint32_t object) {
  InlineBuffer<KeyedMember, 64> members;
  for (std::uint32_t i = object + 1; i < nodes_.size(); i = nodes_[i].next) {
    members.Append() = {nodes_[i].key_hash, i};
  }
  const auto key_of = [this](std::uint32_t i) { return Key(nodes_[i]); };
  const auto shadow = [this](std::uint32_t i) {
    nodes_[i].shadowed = true;
    duplicate_keys_ = true;
  };
  ForEachShadowed(members.begin(), members.end(), key_of, shadow);
}

std::string_view JsonReader::Decoded(std::string_view raw,
                                     std::string& scratch) {
  scratch.clear();
  AppendJsonText(raw, LoneSurrogate::kReplace, scratch);
  return scratch;
}

}  // namespace tuco::internal
