// The two ways to compute CRC32C, apart so that tests can hold one against the
// other. Everybody else calls ExtendCrc32c.

#ifndef TUCO_INTERNAL_CRC32C_PATHS_H_
#define TUCO_INTERNAL_CRC32C_PATHS_H_

#include <cstdint>
#include <string_view>

namespace tuco::internal {

// By table, a byte at a time, on any machine.
std::uint32_t ExtendCrc32cByTable(std::uint32_t crc, std::string_view bytes);

// Whether this machine has the instruction, and that for multiplying without
// carry.
bool HasCrc32cInstruction();

// By instruction, eight bytes at a time in each of three lanes. Requires
// HasCrc32cInstruction().
std::uint32_t ExtendCrc32cByInstruction(std::uint32_t crc,
                                        std::string_view bytes);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_CRC32C_PATHS_H_
