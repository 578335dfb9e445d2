// CRC32C (Castagnoli), with the processor's instruction where there is one.

#ifndef TUCO_CRC32C_H_
#define TUCO_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace tuco {

// The checksum of the bytes that gave `crc` followed by `bytes`; start at 0.
std::uint32_t ExtendCrc32c(std::uint32_t crc, std::string_view bytes);

}  // namespace tuco

#endif  // TUCO_CRC32C_H_
