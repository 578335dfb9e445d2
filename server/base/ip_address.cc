#include "server/base/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "absl/status/status.h"
#include "tuco/strings.h"

namespace tuco::base {
namespace {

constexpr int kV4Bits = 32;
constexpr int kV6Bits = 128;
constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                        0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

// Whether the two agree in so many bits.
bool SamePrefix(const IpAddress& a, const IpAddress& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + whole, b.bytes.begin())) {
    return false;
  }
  const int rest = bits % 8;
  if (rest == 0) return true;
  return (a.bytes.at(whole) ^ b.bytes.at(whole)) >> (8 - rest) == 0;
}

IpAddress WithoutHostBits(IpAddress address, int bits) {
  for (int bit = bits; bit < kV6Bits; ++bit) {
    address.bytes.at(static_cast<std::size_t>(bit / 8)) &=
        static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  return address;
}

std::optional<int> ParseBits(std::string_view text, int bits_max) {
  int bits = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, bits);
  const bool whole = error == std::errc() && rest == end && !text.empty();
  if (!whole || bits < 0 || bits > bits_max) return std::nullopt;
  return bits;
}

absl::Status Bad(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      Concat({"'", text, "' is no range of addresses: ", why,
              " (expected one such as 10.0.0.0/8, 2001:db8::/32 or ::1)"}));
}

}  // namespace

IpAddress IpAddress::FromBytes(std::span<const std::uint8_t> bytes) {
  IpAddress address;
  address.v6 = bytes.size() == kV6Bytes;
  if (address.v6 &&
      std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
    return FromBytes(bytes.subspan(kMappedPrefix.size()));
  }
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

std::string IpAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
  return text.data();
}

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::copy(text.begin(), text.end(), copy.begin());
  std::array<std::uint8_t, IpAddress::kV6Bytes> bytes{};
  if (::inet_pton(AF_INET, copy.data(), bytes.data()) == 1) {
    return IpAddress::FromBytes(std::span(bytes).first(IpAddress::kV4Bytes));
  }
  if (::inet_pton(AF_INET6, copy.data(), bytes.data()) == 1) {
    return IpAddress::FromBytes(bytes);
  }
  return std::nullopt;
}

bool IpRange::Contains(const IpAddress& address) const {
  return address.v6 == first.v6 && SamePrefix(address, first, prefix_bits);
}

std::string IpRange::ToString() const {
  const bool single = prefix_bits == (first.v6 ? kV6Bits : kV4Bits);
  if (single) return first.ToString();
  return Concat({first.ToString(), "/", std::to_string(prefix_bits)});
}

absl::StatusOr<IpRange> ParseIpRange(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const std::optional<IpAddress> address = ParseIpAddress(host);
  if (!address) return Bad(text, "no IP address");
  const bool written_v6 = host.find(':') != std::string_view::npos;
  const int bits_max = written_v6 ? kV6Bits : kV4Bits;
  int bits = bits_max;
  if (slash != std::string_view::npos) {
    const auto parsed = ParseBits(text.substr(slash + 1), bits_max);
    if (!parsed) {
      return Bad(text, Concat({"behind the slash there is no number from 0 to ",
                               std::to_string(bits_max)}));
    }
    bits = *parsed;
  }
  if (written_v6 && !address->v6) {  // `::ffff:a.b.c.d`
    if (bits < kMappedBits) return Bad(text, "it mixes IPv4 and IPv6");
    bits -= kMappedBits;
  }
  const IpRange range{WithoutHostBits(*address, bits), bits};
  if (range.first == *address) return range;
  return Bad(text, Concat({"it has bits behind its prefix; is ",
                           range.ToString(), " meant?"}));
}

}  // namespace tuco::base
