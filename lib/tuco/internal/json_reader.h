// A strict reader for JSON that keeps every value's place in the source.
//
// Accepts what V8's JSON.parse accepts and refuses what it refuses: whatever
// JSON.stringify emits is read, lone-surrogate escapes and integers of any
// size included. One pass, no recursion, no limit on depth; memory is bounded
// by the source's size.
//
// Why not simdjson: its 3.0.1 refuses genuine deliveries (lone surrogates,
// integers from 2^64 on), its lookup finds the FIRST of duplicate keys where
// JavaScript takes the last, and it is lazy: an error behind the last field
// that was asked for is never seen.
//
//   JsonReader json;
//   if (!json.Parse(text)) return;  // Not JSON.
//   for (std::uint32_t i = 1; i < json[0].next; i = json[i].next) ...
//
// The values are a flat array in the order of the text, a container before its
// contents:
//
//   {"a":[1,2],"b":3}     0 {…}  next 5      the node after it and all that
//                         1 "a"  next 4      is in it; for a scalar its own
//                         2  1   next 3      index plus one
//                         3  2   next 4
//                         4 "b"  next 5

#ifndef TUCO_INTERNAL_JSON_READER_H_
#define TUCO_INTERNAL_JSON_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tuco/internal/inline_buffer.h"
#include "tuco/internal/json_scan.h"
#include "tuco/internal/json_strings.h"

namespace tuco::internal {

// Arrays and objects inside of so many others are checked but kept as one
// opaque node each.
inline constexpr std::size_t kJsonDepthMax = 64;

// Nodes hold 32-bit offsets; a longer text is refused.
inline constexpr std::size_t kJsonBytesMax = 0xffff'fffe;

struct JsonNode {
  std::uint32_t begin;      // The value as spelt, quotes and brackets
  std::uint32_t end;        // included.
  std::uint32_t key_begin;  // The key as spelt, without its quotes; empty at
  std::uint32_t key_end;    // zero for what is not a member of an object.
  std::uint32_t next;
  std::uint32_t key_hash;     // KeyHash of the decoded key.
  std::uint32_t decoded_key;  // Zero when the key means what it spells.
  JsonKind kind;
  bool escaped;     // A string with escapes.
  bool ill_formed;  // A string with invalid UTF-8 or a lone surrogate.
  bool shadowed;    // A later member of the same object has the same key.
};

// One thread at a time; reusing one saves allocations. Refers to the source
// that was parsed last.
class JsonReader {
 public:
  // Whether `source` is JSON; after false there is nothing to look at.
  bool Parse(std::string_view source);

  std::size_t size() const { return nodes_.size(); }
  const JsonNode& operator[](std::size_t index) const { return nodes_[index]; }

  // Some object has a key twice (opaque nodes are not searched).
  bool duplicate_keys() const { return duplicate_keys_; }
  bool too_deep() const { return too_deep_; }
  // Some string or key has invalid UTF-8 or a lone surrogate.
  bool ill_formed_text() const { return ill_formed_text_; }
  // The source is not well-formed UTF-8.
  bool bad_utf8() const { return strings_.bad_utf8(); }

  // The value as spelt.
  std::string_view Raw(const JsonNode& node) const {
    return source_.substr(node.begin, node.end - node.begin);
  }
  // The key as spelt with its quotes. Only for members of objects.
  std::string_view RawKey(const JsonNode& node) const {
    return source_.substr(node.key_begin - 1,
                          node.key_end - node.key_begin + 2);
  }
  // The key as JavaScript compares it: decoded, a lone surrogate in three
  // bytes. For comparing only, it need not be well-formed.
  std::string_view Key(const JsonNode& node) const {
    if (node.decoded_key != 0) return decoded_keys_[node.decoded_key - 1];
    return source_.substr(node.key_begin, node.key_end - node.key_begin);
  }
  // The text of a string node, always well-formed; `scratch` holds it when the
  // source does not.
  std::string_view Text(const JsonNode& node, std::string& scratch) const {
    const std::string_view raw =
        source_.substr(node.begin + 1, node.end - node.begin - 2);
    if (!node.escaped && !node.ill_formed) [[likely]]
      return raw;
    return Decoded(raw, scratch);
  }

 private:
  // An array or object whose end has not been seen.
  struct Frame {
    // To find out cheaply that all keys differ.
    void NoteKey(std::uint32_t hash) {
      std::uint64_t& word = seen[hash >> 30];
      const std::uint64_t bit = std::uint64_t{1} << ((hash >> 24) & 63);
      if ((word & bit) != 0) suspect = true;
      word |= bit;
    }

    std::uint32_t node;
    char closer;
    bool empty;                         // Nothing in it so far.
    bool suspect;                       // Two keys may be the same.
    std::array<std::uint64_t, 4> seen;  // A bit for each hash.
  };

  std::uint32_t Offset(const char* p) const {
    return static_cast<std::uint32_t>(p - source_.data());
  }
  static std::string_view Decoded(std::string_view raw, std::string& scratch);
  void Clear(std::string_view source);
  const char* ReadNext(const char* p);
  bool Are(const char* p, char first, char second) const;
  const char* ReadMembers(const char* p, Frame& frame);
  const char* ReadKey(const char* quote, JsonNode& node, Frame& frame);
  const char* ReadOddKey(const char* quote, JsonNode& node, Frame& frame);
  const char* ReadElement(const char* p);
  void StartValue(const char* p, JsonNode& node) const;
  const char* ReadValue(const char* p, JsonNode& node);
  const char* ReadString(const char* quote, JsonNode& node);
  const char* ReadOddString(const char* quote, JsonNode& node);
  const char* Open(const char* p, JsonNode& node);
  const char* ReadOpaque(const char* p, JsonNode& node);
  const char* Close(const char* p);
  void MarkDuplicates(std::uint32_t object);

  std::string_view source_;
  const char* end_ = nullptr;
  std::size_t depth_ = 0;
  bool duplicate_keys_ = false;
  bool too_deep_ = false;
  bool ill_formed_text_ = false;
  JsonStrings strings_;
  std::vector<std::string> decoded_keys_;
  InlineBuffer<JsonNode, 64> nodes_;
  std::array<Frame, kJsonDepthMax> frames_;
};

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_JSON_READER_H_
