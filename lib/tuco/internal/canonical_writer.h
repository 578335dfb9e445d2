// JSON.stringify(JSON.parse(text)), byte for byte as V8 gives it.
//
// One pass over the nodes of a JsonReader; no recursion; memory is bounded by
// the text's size.

#ifndef TUCO_INTERNAL_CANONICAL_WRITER_H_
#define TUCO_INTERNAL_CANONICAL_WRITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tuco/internal/json_reader.h"

namespace tuco::internal {

// Why a text has no canonical form: two readers could disagree about what it
// says, or JavaScript would not say it again as it is.
enum class CanonicalRefusal : std::uint8_t {
  kNone,
  kNotJson,  // For JSON.parse, which takes no byte order mark.
  kBadUtf8,
  kDuplicateKeys,  // Spelt with whatever escapes.
  kTooDeep,        // More than kJsonDepthMax arrays and objects.
  kNumberRange,    // A number that is infinite or becomes zero.
  kDigitsLost,     // An integer beyond 2^53 that becomes another one.
};

// Replaces `out` by the canonical form of `text`. What `out` holds after a
// refusal is of no use.
CanonicalRefusal WriteCanonical(std::string_view text, std::string& out);

// One thread at a time; refers to the reader and the output.
class CanonicalWriter {
 public:
  CanonicalWriter(const JsonReader& json, std::string& out)
      : json_(json), out_(out) {}

  // Appends the reader's value. It has no duplicate keys and no opaque node.
  CanonicalRefusal Write();

 private:
  // An array or object whose end has not been written.
  struct Frame {
    std::uint32_t at;  // The next child: a node, or a place in order_.
    std::uint32_t end;
    std::uint32_t order_begin;  // What of order_ is not this frame's.
    bool ordered;               // `at` and `end` are of order_.
    bool object;
    bool first;
  };

  void WriteNext();
  void WriteValue(const JsonNode& node, std::uint32_t index);
  void WriteText(std::string_view raw);
  void Open(const JsonNode& node, std::uint32_t index);
  void Close();
  bool HasIndexKey(const JsonNode& object, std::uint32_t index) const;
  void Order(const JsonNode& object, std::uint32_t index);
  std::uint32_t TakeChild(Frame& frame) const;

  const JsonReader& json_;
  std::string& out_;
  CanonicalRefusal refusal_ = CanonicalRefusal::kNone;
  std::size_t depth_ = 0;
  // Children in the order of JavaScript, of all open objects where that is not
  // the order of the text.
  std::vector<std::uint32_t> order_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> index_keys_;
  std::array<Frame, kJsonDepthMax> frames_;
};

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_CANONICAL_WRITER_H_
