// Half of canonical_v8_test: reads JSON texts, one a line in base16, and writes
// the canonical form of each in base16, or `!` and the number of the refusal.

#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "tuco/internal/canonical_writer.h"

namespace {

using tuco::internal::CanonicalRefusal;
using tuco::internal::WriteCanonical;

int Value(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

std::string FromHex(std::string_view hex) {
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(Value(hex[i]) << 4 | Value(hex[i + 1])));
  }
  return bytes;
}

void AppendHex(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kDigits[c & 15]);
  }
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::string line;
  std::string canonical;
  std::string out;
  while (std::getline(std::cin, line)) {
    const CanonicalRefusal refusal = WriteCanonical(FromHex(line), canonical);
    out.clear();
    if (refusal == CanonicalRefusal::kNone) {
      AppendHex(canonical, out);
    } else {
      out = "!" + std::to_string(static_cast<int>(refusal));
    }
    out.push_back('\n');
    std::cout << out;
  }
}
