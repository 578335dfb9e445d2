#include "tests/lib/json_tree.h"

#include <cctype>
#include <cstddef>
#include <cstdint>

#include "tuco/internal/json_reader.h"

namespace tuco {
namespace {

using internal::JsonKind;
using internal::JsonReader;

JsonTree TreeAt(const JsonReader& json, std::uint32_t index) {
  const internal::JsonNode& node = json[index];
  JsonTree tree;
  tree.is_object = node.kind == JsonKind::kObject;
  if (!tree.is_object && node.kind != JsonKind::kArray) {
    tree.scalar = json.Raw(node);
    return tree;
  }
  for (std::uint32_t i = index + 1; i < node.next; i = json[i].next) {
    tree.children.push_back(TreeAt(json, i));
    if (tree.is_object) tree.children.back().key = json.RawKey(json[i]);
  }
  return tree;
}

void AppendTree(const JsonTree& tree, const std::function<std::string()>& blank,
                std::string& out) {
  if (!tree.key.empty()) out += tree.key + blank() + ":" + blank();
  if (!tree.is_container()) {
    out += tree.scalar;
    return;
  }
  out += tree.is_object ? "{" : "[";
  for (std::size_t i = 0; i < tree.children.size(); ++i) {
    if (i > 0) out += ",";
    out += blank();
    AppendTree(tree.children[i], blank, out);
    out += blank();
  }
  if (tree.children.empty()) out += blank();
  out += tree.is_object ? "}" : "]";
}

void CollectNodes(JsonTree& tree, std::vector<JsonTree*>& nodes) {
  nodes.push_back(&tree);
  for (JsonTree& child : tree.children) CollectNodes(child, nodes);
}

void AppendEscape(char32_t unit, std::string& out) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    // Both cases of the digits, for the test's sake.
    constexpr std::string_view kDigits = "0123456789aBcDeF";
    out.push_back(kDigits[unit >> shift & 15]);
  }
}

// The size of the character that `text` begins with: an escape, or UTF-8.
std::size_t CharacterSize(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first == '\\') return text[1] == 'u' ? 6 : 2;
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

// A character in UTF-8, escaped.
void AppendEscaped(std::string_view character, std::string& out) {
  if (character.size() == 1) {
    return AppendEscape(static_cast<unsigned char>(character[0]), out);
  }
  const auto lead = static_cast<unsigned char>(character[0]);
  char32_t code = lead & (0x7fU >> character.size());
  for (const char c : character.substr(1)) {
    code = code << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  }
  if (code < 0x10000) return AppendEscape(code, out);
  AppendEscape(0xd7c0 + (code >> 10), out);
  AppendEscape(0xdc00 + (code & 0x3ff), out);
}

// An escape in another spelling.
void AppendOtherEscape(std::string_view escape, std::string& out) {
  constexpr std::string_view kShort = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const std::size_t at = kShort.find(escape[1]);
  if (at != std::string_view::npos) {
    return AppendEscape(static_cast<unsigned char>(kMeant[at]), out);
  }
  out += "\\u";
  for (const char digit : escape.substr(2)) {
    out.push_back(
        static_cast<char>(std::toupper(static_cast<unsigned char>(digit))));
  }
}

}  // namespace

JsonTree ReadTree(std::string_view text) {
  JsonReader json;
  return json.Parse(text) ? TreeAt(json, 0) : JsonTree{};
}

std::string WriteTree(const JsonTree& tree,
                      const std::function<std::string()>& blank) {
  std::string out = blank();
  AppendTree(tree, blank, out);
  return out + blank();
}

std::vector<JsonTree*> NodesOf(JsonTree& tree) {
  std::vector<JsonTree*> nodes;
  CollectNodes(tree, nodes);
  return nodes;
}

std::string RespellText(std::string_view text,
                        const std::function<bool()>& spell_anew) {
  std::string out = "\"";
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const std::string_view character = text.substr(0, CharacterSize(text));
    text.remove_prefix(character.size());
    if (!spell_anew()) {
      out += character;
    } else if (character[0] == '\\') {
      AppendOtherEscape(character, out);
    } else if (character == "/") {
      out += "\\/";
    } else {
      AppendEscaped(character, out);
    }
  }
  return out + "\"";
}

}  // namespace tuco
