// Half of json_reader_v8_test: reads JSON texts, one a line in base16, and
// writes for each what our reader makes of it, as tokens for
// json_reader_v8_test.mjs to hold against V8's JSON.parse:
//
//   no                                   refused
//   { } [ ] k<hex> s<hex> v<hex> d<hex>  accepted: brackets, a key (as
//   JavaScript compares it), a string (decoded), another scalar (as spelt), an
//   opaque node (as spelt); shadowed members left out

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "tuco/internal/json_reader.h"

namespace {

using tuco::internal::JsonKind;
using tuco::internal::JsonNode;
using tuco::internal::JsonReader;

constexpr char kDigits[] = "0123456789abcdef";

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

void Put(char tag, std::string_view bytes) {
  std::string token(1, tag);
  for (const char c : bytes) {
    token.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    token.push_back(kDigits[c & 15]);
  }
  std::cout << token << ' ';
}

void PutScalar(const JsonReader& json, const JsonNode& node) {
  std::string scratch;
  if (node.kind == JsonKind::kString) {
    Put('s', json.Text(node, scratch));
  } else {
    Put(node.kind == JsonKind::kOpaque ? 'd' : 'v', json.Raw(node));
  }
}

void Dump(const JsonReader& json) {
  std::vector<std::uint32_t> open;
  const auto close = [&](std::uint32_t at) {
    for (; !open.empty() && json[open.back()].next <= at; open.pop_back()) {
      std::cout << (json[open.back()].kind == JsonKind::kObject ? "} " : "] ");
    }
  };
  for (std::uint32_t i = 0; i < json.size();) {
    close(i);
    const JsonNode& node = json[i];
    if (node.shadowed) {
      i = node.next;
      continue;
    }
    if (!open.empty() && json[open.back()].kind == JsonKind::kObject) {
      Put('k', json.Key(node));
    }
    if (node.kind == JsonKind::kObject || node.kind == JsonKind::kArray) {
      std::cout << (node.kind == JsonKind::kObject ? "{ " : "[ ");
      open.push_back(i);
    } else {
      PutScalar(json, node);
    }
    ++i;
  }
  close(static_cast<std::uint32_t>(json.size()));
}

}  // namespace

int main() {
  JsonReader json;
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::string text = FromHex(line);
    if (json.Parse(text)) {
      Dump(json);
    } else {
      std::cout << "no";
    }
    std::cout << '\n';
  }
}
