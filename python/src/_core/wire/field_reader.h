// Reads the fields of serialized messages, and knows where it is.

#ifndef TUCO_PYTHON_CORE_WIRE_FIELD_READER_H_
#define TUCO_PYTHON_CORE_WIRE_FIELD_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "_core/wire/event_view.h"
#include "absl/status/status.h"
#include "tuco/event.h"
#include "tuco/timestamp.h"

namespace tuco::python::wire {

// What protozero has no word for.
class Malformed : public std::exception {
 public:
  explicit Malformed(const char* what) : what_(what) {}
  const char* what() const noexcept override { return what_; }

 private:
  const char* what_;
};

// Walks through one outermost message. Read skips a field whose wire type is
// another one, and puts what stands twice together as protobuf does. What is
// malformed is thrown: Malformed, or an exception of protozero's.
class FieldReader {
 public:
  // Refers to the bytes.
  explicit FieldReader(std::string_view bytes)
      : begin_(bytes.data()), at_(bytes.data()) {}

  // Calls `visit` with each field.
  template <typename Visit>
  void Each(protozero::pbf_reader& in, const Visit& visit);
  // The field at hand is a message, whose fields `visit` gets.
  template <typename Visit>
  void ReadMessage(protozero::pbf_reader& in, const Visit& visit);
  // The enumerator with the number, or the first one where it is above `last`.
  template <typename Enum>
  void ReadEnum(protozero::pbf_reader& in, Enum last, Enum& value);

  // Texts are well-formed UTF-8.
  void Read(protozero::pbf_reader& in, Text& text);
  void Read(protozero::pbf_reader& in, std::string& text);
  void Read(protozero::pbf_reader& in, std::optional<std::string>& text);
  template <typename String>
  void Read(protozero::pbf_reader& in, std::vector<String>& texts);
  void Read(protozero::pbf_reader& in, std::optional<std::int64_t>& number);
  void Read(protozero::pbf_reader& in, std::optional<std::uint64_t>& number);
  void Read(protozero::pbf_reader& in, std::optional<bool>& value);
  void Read(protozero::pbf_reader& in, std::uint64_t& number);
  // Those that this version knows.
  void Read(protozero::pbf_reader& in, Flags& flags);
  void ReadBytes(protozero::pbf_reader& in, Text& bytes);
  void ReadBytes(protozero::pbf_reader& in, std::optional<std::string>& bytes);
  void ReadTime(protozero::pbf_reader& in, std::int64_t& time);
  void ReadTime(protozero::pbf_reader& in, std::optional<Timestamp>& time);

  // `what` with the field and the byte at which it was found.
  absl::Status At(const char* what) const;

 private:
  // An event within a response has parents within a message with times.
  static constexpr std::size_t kDepthMax = 5;

  const char* begin_;
  const char* at_;
  std::array<std::uint32_t, kDepthMax> path_{};
  std::size_t depth_ = 0;
};

inline bool Is(const protozero::pbf_reader& in, protozero::pbf_wire_type type) {
  return in.wire_type() == type;
}

template <typename Visit>
void FieldReader::Each(protozero::pbf_reader& in, const Visit& visit) {
  std::uint32_t& number = path_[depth_++];
  while (true) {
    number = 0;
    at_ = in.data().data();
    if (!in.next()) break;
    number = in.tag();
    visit(in);
  }
  --depth_;
}

template <typename Visit>
void FieldReader::ReadMessage(protozero::pbf_reader& in, const Visit& visit) {
  if (!Is(in, protozero::pbf_wire_type::length_delimited)) return in.skip();
  protozero::pbf_reader message = in.get_message();
  Each(message, visit);
}

template <typename String>
void FieldReader::Read(protozero::pbf_reader& in, std::vector<String>& texts) {
  if (!Is(in, protozero::pbf_wire_type::length_delimited)) return in.skip();
  Read(in, texts.emplace_back());
}

template <typename Enum>
void FieldReader::ReadEnum(protozero::pbf_reader& in, Enum last, Enum& value) {
  if (!Is(in, protozero::pbf_wire_type::varint)) return in.skip();
  const std::int32_t number = in.get_enum();
  value = number > 0 && number <= static_cast<std::int32_t>(last)
              ? static_cast<Enum>(number)
              : Enum::kUnspecified;
}

}  // namespace tuco::python::wire

#endif  // TUCO_PYTHON_CORE_WIRE_FIELD_READER_H_
