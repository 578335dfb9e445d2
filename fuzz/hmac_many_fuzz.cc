// Property: SignMany gives each message of a batch the tag that Sign gives it.
// Input: messages, each after its length in two bytes, the low one first; the
// last one may be shorter.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/check.h"
#include "tuco/hmac_sha256.h"

namespace {

std::vector<std::string_view> Messages(std::string_view input) {
  constexpr std::size_t kLengthBytes = 2;
  std::vector<std::string_view> messages;
  while (input.size() >= kLengthBytes) {
    const std::size_t low = static_cast<unsigned char>(input[0]);
    const std::size_t high = static_cast<unsigned char>(input[1]);
    input.remove_prefix(kLengthBytes);
    messages.push_back(input.substr(0, low + (high << 8)));
    input.remove_prefix(messages.back().size());
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const auto& key = *new tuco::HmacSha256Key("whsec_sample");
  const std::vector<std::string_view> messages =
      Messages(tuco::fuzz::Text(data, size));
  std::vector<tuco::Digest> tags(messages.size());
  key.SignMany(messages, tags);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    FUZZ_CHECK(tags[i] == key.Sign(messages[i]));
  }
  return 0;
}
