// The distinct texts of a column, each with a number.

#ifndef TUCO_PYTHON_CORE_ARROW_DICTIONARY_H_
#define TUCO_PYTHON_CORE_ARROW_DICTIONARY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "_core/arrow/array.h"
#include "_core/arrow/buffer.h"

namespace tuco::python::arrow {

// One thread at a time. Texts that somebody chose so that their hashes are the
// same cannot slow it down: the hash has a key that nobody knows.
class Dictionary {
 public:
  Dictionary();

  // The number of `text`, from 0 in the order in which they first came. Throws
  // std::length_error for more than 2^31 - 1 bytes or texts.
  std::int32_t Index(std::string_view text);

  // The same for many texts, as many as `numbers` has places, and faster: what
  // one needs from memory is on its way while another is looked at.
  void IndexEach(std::span<const std::string_view> texts,
                 std::span<std::int32_t> numbers);

  std::int32_t size() const { return static_cast<std::int32_t>(ends_.size()); }
  std::string_view operator[](std::int32_t index) const;

  // The texts so far, as an array of Arrow's utf8.
  ArrayPtr ToArray() const;

 private:
  // A place in the table: which text, and some bits of its hash.
  struct Slot {
    std::int32_t index = -1;
    std::uint32_t hash = 0;
  };

  std::int32_t Add(std::string_view text);
  std::int32_t Find(std::string_view text, std::uint32_t hash);
  void Rehash();

  Buffer texts_;
  std::vector<std::int32_t> ends_;
  std::vector<Slot> slots_;  // A power of two of them.
  std::int32_t last_ = -1;   // What was asked for last, often the next one too.
};

}  // namespace tuco::python::arrow

#endif  // TUCO_PYTHON_CORE_ARROW_DICTIONARY_H_
