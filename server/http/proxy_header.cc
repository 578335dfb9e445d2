#include "server/http/proxy_header.h"

#include <algorithm>
#include <cstring>

#include "server/base/ip_address.h"
#include "tuco/crc32c.h"

namespace tuco::http {
namespace {

using base::IpAddress;

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
// Where things stand.
constexpr std::size_t kCommandAt = 12;
constexpr std::size_t kFamilyAt = 13;
constexpr std::size_t kSizeAt = 14;
constexpr std::size_t kFixedBytes = 16;

constexpr std::uint8_t kLocal = 0x20;
constexpr std::uint8_t kProxy = 0x21;
constexpr std::uint8_t kUnspecified = 0x00;
constexpr std::uint8_t kUnixFamily = 3;

constexpr std::size_t kFieldHeadBytes = 3;
constexpr std::uint8_t kChecksumType = 0x03;
constexpr std::size_t kChecksumBytes = 4;

struct Family {
  std::uint8_t number;
  std::size_t address_bytes;
  std::size_t block_bytes;  // Of both addresses, and ports.
};
constexpr Family kFamilies[] = {{1, IpAddress::kV4Bytes, 12},
                                {2, IpAddress::kV6Bytes, 36},
                                {kUnixFamily, 108, 216}};

// Null for what no version of the protocol has.
const Family* FamilyOf(std::uint8_t byte) {
  const int transport = byte & 0x0f;
  if (transport != 1 && transport != 2) return nullptr;
  for (const Family& family : kFamilies) {
    if (family.number == byte >> 4) return &family;
  }
  return nullptr;
}

}  // namespace

ProxyHeader::ProxyHeader() : bytes_(kFixedBytes, '\0') {}

std::span<char> ProxyHeader::ReadArea() {
  return std::span<char>(bytes_).subspan(read_);
}

std::uint8_t ProxyHeader::Byte(std::size_t at) const {
  return static_cast<std::uint8_t>(bytes_[at]);
}

std::size_t ProxyHeader::Number(std::size_t at) const {
  return std::size_t{Byte(at)} << 8U | Byte(at + 1);
}

std::span<const std::uint8_t> ProxyHeader::Bytes(std::size_t at,
                                                 std::size_t size) const {
  return {reinterpret_cast<const std::uint8_t*>(bytes_.data()) + at, size};
}

bool ProxyHeader::is_local() const {
  return Byte(kCommandAt) == kLocal || Byte(kFamilyAt) == kUnspecified;
}

ProxyHeader::Step ProxyHeader::Commit(std::size_t size) {
  read_ += size;
  // Not only once it is all there: who speaks another protocol may wait for
  // an answer.
  const std::size_t signature = std::min(read_, kSignature.size());
  const std::string_view begun(bytes_.data(), signature);
  if (!kSignature.starts_with(begun)) {
    return Step::kMalformed;
  }
  if (read_ < bytes_.size()) return Step::kNeedMore;
  if (read_ == kFixedBytes) {
    const Step step = EndFixedPart();
    if (step != Step::kNeedMore || read_ < bytes_.size()) return step;
  }
  return EndHeader();
}

ProxyHeader::Step ProxyHeader::EndFixedPart() {
  if (Byte(kCommandAt) != kLocal && Byte(kCommandAt) != kProxy) {
    return Step::kMalformed;
  }
  const std::size_t rest = Number(kSizeAt);
  if (kFixedBytes + rest > kBytesMax) return Step::kMalformed;
  if (!is_local()) {
    const Family* const family = FamilyOf(Byte(kFamilyAt));
    if (family == nullptr || rest < family->block_bytes) {
      return Step::kMalformed;
    }
  }
  bytes_.resize(kFixedBytes + rest);
  return Step::kNeedMore;
}

ProxyHeader::Step ProxyHeader::EndHeader() {
  if (is_local()) return Step::kComplete;
  const Family& family = *FamilyOf(Byte(kFamilyAt));
  if (!HasWholeFields(kFixedBytes + family.block_bytes)) {
    return Step::kMalformed;
  }
  source_ = family.number == kUnixFamily
                ? "unix"
                : IpAddress::FromBytes(Bytes(kFixedBytes, family.address_bytes))
                      .ToString();
  return Step::kComplete;
}

bool ProxyHeader::HasWholeFields(std::size_t at) const {
  while (at < bytes_.size()) {
    const std::size_t left = bytes_.size() - at;
    if (left < kFieldHeadBytes) return false;
    const std::size_t size = Number(at + 1);
    if (left - kFieldHeadBytes < size) return false;
    if (Byte(at) == kChecksumType &&
        (size != kChecksumBytes || !IsChecksumRight(at + kFieldHeadBytes))) {
      return false;
    }
    at += kFieldHeadBytes + size;
  }
  return true;
}

// CRC-32C of the header, with zeros in the place of the checksum itself.
bool ProxyHeader::IsChecksumRight(std::size_t at) const {
  std::string without = bytes_;
  std::memset(&without[at], 0, kChecksumBytes);
  const std::uint32_t stated = static_cast<std::uint32_t>(Number(at)) << 16U |
                               static_cast<std::uint32_t>(Number(at + 2));
  return ExtendCrc32c(0, without) == stated;
}

}  // namespace tuco::http
