#include "_core/log/mark.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <string_view>

#include "tuco/crc32c.h"

namespace tuco::python::log {
namespace {

constexpr std::string_view kMagic = "TUCOMARK";
constexpr std::size_t kSequenceAt = 16;
constexpr std::size_t kCrcAt = 24;
constexpr std::size_t kMarkBytes = 28;
// One of two places is written while the other is on the disk.
constexpr std::array<std::streamoff, 2> kPlaces = {0, 512};

std::uint64_t LittleEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

std::uint64_t SequenceIn(std::string_view bytes) {
  const std::string_view covered = bytes.substr(0, kCrcAt);
  if (!bytes.starts_with(kMagic) ||
      LittleEndian(bytes.substr(kCrcAt)) != ExtendCrc32c(0, covered)) {
    return 0;
  }
  return LittleEndian(bytes.substr(kSequenceAt, sizeof(std::uint64_t)));
}

}  // namespace

std::uint64_t ReadMark(const std::string& path) {
  std::uint64_t newest = 0;
  for (const std::streamoff place : kPlaces) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, kMarkBytes> bytes{};
    if (!file.seekg(place) || !file.read(bytes.data(), bytes.size())) continue;
    newest = std::max(newest, SequenceIn({bytes.data(), bytes.size()}));
  }
  return newest;
}

}  // namespace tuco::python::log
