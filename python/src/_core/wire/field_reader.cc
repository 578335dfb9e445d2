#include "_core/wire/field_reader.h"

#include <chrono>

#include "_core/wire/field_numbers.h"
#include "tuco/internal/utf8.h"
#include "tuco/strings.h"

namespace tuco::python::wire {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kNanosPerMicro = 1'000;
constexpr std::int64_t kNanosEnd = 1'000'000'000;
// The years 0001 to 9999, which is all that a Timestamp may hold.
constexpr std::int64_t kSecondsMin = -62'135'596'800;
constexpr std::int64_t kSecondsMax = 253'402'300'799;

void AddFlag(std::int32_t number, Flags& flags) {
  if (number <= 0) return;
  if (number > static_cast<std::int32_t>(Flag::kWorkspaceMismatch)) return;
  flags.Add(static_cast<Flag>(number));
}

}  // namespace

void FieldReader::ReadBytes(pbf_reader& in, Text& bytes) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  const protozero::data_view view = in.get_view();
  bytes = {view.data(), view.size()};
}

void FieldReader::ReadBytes(pbf_reader& in, std::optional<std::string>& bytes) {
  Text view;
  ReadBytes(in, view);
  if (view.data() != nullptr) bytes = view;
}

void FieldReader::Read(pbf_reader& in, Text& text) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  ReadBytes(in, text);
  if (!internal::IsWellFormedUtf8(text)) throw Malformed("it is not UTF-8");
}

void FieldReader::Read(pbf_reader& in, std::string& text) {
  Text view;
  Read(in, view);
  if (view.data() != nullptr) text = view;
}

void FieldReader::Read(pbf_reader& in, std::optional<std::string>& text) {
  Text view;
  Read(in, view);
  if (view.data() != nullptr) text = view;
}

void FieldReader::Read(pbf_reader& in, std::optional<std::int64_t>& number) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  number = in.get_int64();
}

void FieldReader::Read(pbf_reader& in, std::optional<std::uint64_t>& number) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  number = in.get_uint64();
}

void FieldReader::Read(pbf_reader& in, std::optional<bool>& value) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  value = in.get_uint64() != 0;
}

void FieldReader::Read(pbf_reader& in, std::uint64_t& number) {
  if (!Is(in, pbf_wire_type::varint)) return in.skip();
  number = in.get_uint64();
}

void FieldReader::Read(pbf_reader& in, Flags& flags) {
  if (Is(in, pbf_wire_type::varint)) {
    AddFlag(in.get_enum(), flags);
  } else if (Is(in, pbf_wire_type::length_delimited)) {
    for (const std::int32_t number : in.get_packed_enum()) {
      AddFlag(number, flags);
    }
  } else {
    in.skip();
  }
}

// One that stands twice is merged as well: each of its two numbers is the last
// one that was given.
void FieldReader::ReadTime(pbf_reader& in, std::int64_t& time) {
  if (!Is(in, pbf_wire_type::length_delimited)) return in.skip();
  const std::int64_t known = time == kNoTime ? 0 : time;
  std::int64_t nanos = known % kMicrosPerSecond * kNanosPerMicro;
  std::int64_t seconds = known / kMicrosPerSecond;
  if (nanos < 0) {
    nanos += kNanosEnd;
    --seconds;
  }
  ReadMessage(in, [&](pbf_reader& field) {
    const auto number = static_cast<TimestampField>(field.tag());
    if (!Is(field, pbf_wire_type::varint)) return field.skip();
    if (number == TimestampField::kSeconds) {
      seconds = field.get_int64();
    } else if (number == TimestampField::kNanos) {
      nanos = field.get_int32();
    } else {
      field.skip();
    }
  });
  if (seconds < kSecondsMin || seconds > kSecondsMax || nanos < 0 ||
      nanos >= kNanosEnd) {
    throw Malformed("it is no time in the years 1 to 9999");
  }
  time = seconds * kMicrosPerSecond + nanos / kNanosPerMicro;
}

void FieldReader::ReadTime(pbf_reader& in, std::optional<Timestamp>& time) {
  std::int64_t micros = time ? time->time_since_epoch().count() : kNoTime;
  ReadTime(in, micros);
  if (micros != kNoTime) time = Timestamp(std::chrono::microseconds(micros));
}

absl::Status FieldReader::At(const char* what) const {
  std::string place;
  for (std::size_t i = 0; i < depth_ && path_[i] != 0; ++i) {
    place += (i == 0 ? " in field " : ".") + std::to_string(path_[i]);
  }
  return absl::InvalidArgumentError(
      ToAbsl(Concat({"byte ", std::to_string(at_ - begin_), place,
                     " of the serialized message: ", what})));
}

}  // namespace tuco::python::wire
