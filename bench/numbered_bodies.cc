#include "bench/numbered_bodies.h"

#include <fstream>
#include <iterator>

#include "bench/fail.h"

namespace tuco::bench {
namespace {

constexpr std::string_view kMember = "\"messageId\":\"";
constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kDigitCount = 6;

// Where the last digits of the message id stand.
std::size_t DigitsIn(std::string_view body) {
  const std::size_t member = body.find(kMember);
  if (member == std::string_view::npos) Fail("the sample has no message id");
  const std::size_t begin = member + kMember.size();
  const std::size_t end = body.find('"', begin);
  if (end == std::string_view::npos || end - begin < kDigitCount) {
    Fail("the sample's message id has no room for a number");
  }
  return end - kDigitCount;
}

}  // namespace

NumberedBodies::NumberedBodies(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  body_.assign(std::istreambuf_iterator<char>(file), {});
  if (body_.empty()) Fail("cannot read " + path);
  digits_at_ = DigitsIn(body_);
}

std::string_view NumberedBodies::At(std::uint64_t number) {
  for (std::size_t i = kDigitCount; i-- > 0;) {
    body_[digits_at_ + i] = kDigits[number % kDigits.size()];
    number /= kDigits.size();
  }
  return body_;
}

}  // namespace tuco::bench
