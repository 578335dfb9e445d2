// The names of what can happen to a message, and the marks an event can bear.
//
// Enumerators have the numbers of the protobuf enums of the same name.

#ifndef TUCO_EVENT_TYPE_H_
#define TUCO_EVENT_TYPE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace tuco {

enum class EventType : std::uint8_t {
  kUnspecified = 0,  // Any name that this version does not know.
  kMessageSent = 1,
  kMessageFailed = 2,
  kMessageFallback = 3,
  kMessageReply = 4,  // `message.reply` and `message.replied`.
  kMessageOpened = 5,
  kMessageDelivered = 6,
};

inline constexpr std::size_t kEventTypes = 7;

// The type that Tuco's name stands for, kUnspecified for any other name.
EventType EventTypeFromName(std::string_view type_name);

// Which of Tuco's body shapes was recognised.
enum class Shape : std::uint8_t {
  kUnspecified = 0,
  kS1 = 1,    // Nested: everything in `data`.
  kS2 = 2,    // Message document: `message` is an object with `_id`.
  kS3 = 3,    // Flat reply: `message` is a string beside `data.reply`.
  kS4 = 4,    // Reply document: `message` is an object without `_id`.
  kS5 = 5,    // Legacy flat: everything at top level.
  kS6 = 6,    // Snake case: `data.message_id`.
  kTest = 7,  // Health check: `data.test` without a message id.
};

// The bytes that the signature covers.
enum class VerifiedForm : std::uint8_t {
  kUnspecified = 0,  // Not verified.
  kRaw = 1,          // The body as it arrived.
  kCanonical = 2,    // JSON.stringify(JSON.parse(body)).
};

enum class Origin : std::uint8_t {
  kUnspecified = 0,
  kLive = 1,        // Accepted when it arrived.
  kQuarantine = 2,  // Released from quarantine.
  kSpool = 3,       // Merged from the spool.
  kBackfill = 4,    // Imported from an archive.
};

// What a reader should know about an event before trusting it blindly.
enum class Flag : std::uint8_t {
  kTest = 1,
  kLate = 2,
  kEarly = 3,
  kNoTimestamp = 4,
  kDuplicateKeys = 5,
  kHeaderMismatch = 6,
  kParseError = 7,
  kTooDeep = 8,
  kIllFormedText = 9,
  kSuspectedDuplicate = 10,
  kWorkspaceMismatch = 11,
};

// A set of flags; bit n stands for the flag with number n, in memory and in
// the log's `flags` column alike.
class Flags {
 public:
  constexpr Flags() = default;
  constexpr Flags(std::initializer_list<Flag> flags) {
    for (const Flag flag : flags) Add(flag);
  }
  static constexpr Flags FromBits(std::uint32_t bits) {
    Flags flags;
    flags.bits_ = bits;
    return flags;
  }

  constexpr void Add(Flag flag) { bits_ |= Bit(flag); }
  constexpr bool Has(Flag flag) const { return (bits_ & Bit(flag)) != 0; }
  constexpr bool Empty() const { return bits_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }

  friend constexpr bool operator==(Flags, Flags) = default;

 private:
  static constexpr std::uint32_t Bit(Flag flag) {
    return std::uint32_t{1} << static_cast<unsigned>(flag);
  }
  std::uint32_t bits_ = 0;
};

// Why a delivery does not count as genuine.
enum class Reason : std::uint8_t {
  kUnspecified = 0,
  kSignatureMissing = 1,
  kSignatureRepeated = 2,
  kSignatureMalformed = 3,
  kSignatureMismatch = 4,
  kCanonicalDeferred = 5,
  kEndpointUnknown = 6,
  kBodyTooLarge = 7,
  kEncodingUnsupported = 8,
  kReplayBounds = 9,
};

// The name in the contract, such as `SIGNATURE_MISMATCH`.
std::string_view ReasonName(Reason reason);
std::string_view FlagName(Flag flag);
std::string_view ShapeName(Shape shape);

}  // namespace tuco

#endif  // TUCO_EVENT_TYPE_H_
