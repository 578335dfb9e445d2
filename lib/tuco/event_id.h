// The identity of an event: which deliveries are the same one.
//
// Pure functions, safe for concurrent use.

#ifndef TUCO_EVENT_ID_H_
#define TUCO_EVENT_ID_H_

#include <span>
#include <string>
#include <string_view>

#include "tuco/digest.h"

namespace tuco {

// The endpoint that is meant where none is named.
inline constexpr std::string_view kDefaultEndpoint = "tuco";

// SHA-256 over the endpoint's name, a zero byte and the signed bytes. Two
// deliveries with the same key are one event, whichever secret signed them.
Digest DuplicateKey(std::string_view endpoint, std::string_view signed_bytes);

// Makes keys[i] the duplicate key of signed_bytes[i]; where the machine has SHA
// instructions, in about half the time from four on. Requires as many keys as
// signed bytes.
void DuplicateKeys(std::string_view endpoint,
                   std::span<const std::string_view> signed_bytes,
                   std::span<Digest> keys);

// What DuplicateKey hashes before the signed bytes.
std::string DuplicateKeyPrefix(std::string_view endpoint);

// `evt_` and the first 16 bytes of the key in lower-case hexadecimal.
std::string EventId(const Digest& duplicate_key);

}  // namespace tuco

#endif  // TUCO_EVENT_ID_H_
