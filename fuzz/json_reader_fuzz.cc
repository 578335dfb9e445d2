// Property: for any bytes the reader ends, reads inside of them only, and when
// it accepts them its nodes nest as brackets do, every string decodes to
// well-formed UTF-8, and reading the same bytes again, or with blanks around
// them, gives the same nodes.

#include <cstdint>
#include <string>

#include "fuzz/check.h"
#include "tuco/internal/json_reader.h"
#include "tuco/internal/utf8.h"

namespace {

using tuco::internal::JsonKind;
using tuco::internal::JsonNode;
using tuco::internal::JsonReader;

void CheckNode(const JsonReader& json, std::uint32_t index) {
  const JsonNode& node = json[index];
  FUZZ_CHECK(node.begin < node.end);
  FUZZ_CHECK(index < node.next && node.next <= json.size());
  FUZZ_CHECK(!node.shadowed || json.duplicate_keys());
  FUZZ_CHECK(node.kind != JsonKind::kOpaque || json.too_deep());
  if (node.kind == JsonKind::kString) {
    std::string scratch;
    FUZZ_CHECK(tuco::internal::IsWellFormedUtf8(json.Text(node, scratch)));
  }
  for (std::uint32_t i = index + 1; i < node.next; i = json[i].next) {
    FUZZ_CHECK(node.begin < json[i].begin && json[i].end < node.end);
    FUZZ_CHECK(json[i].next <= node.next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text = tuco::fuzz::Text(data, size);
  JsonReader json;
  const bool accepted = json.Parse(text);
  FUZZ_CHECK(accepted == (json.size() > 0));
  FUZZ_CHECK(!json.bad_utf8() || json.ill_formed_text());
  FUZZ_CHECK(!accepted ||
             json.bad_utf8() == !tuco::internal::IsWellFormedUtf8(text));
  for (std::uint32_t i = 0; i < json.size(); ++i) CheckNode(json, i);

  const std::string padded = " \n" + std::string(text) + "\r\t";
  JsonReader again;
  FUZZ_CHECK(again.Parse(padded) == accepted);
  FUZZ_CHECK(again.size() == json.size());
  FUZZ_CHECK(again.duplicate_keys() == json.duplicate_keys());
  FUZZ_CHECK(again.ill_formed_text() == json.ill_formed_text());
  return 0;
}
