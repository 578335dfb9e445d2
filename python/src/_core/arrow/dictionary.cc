#include "_core/arrow/dictionary.h"

#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>

namespace tuco::python::arrow {
namespace {

constexpr std::size_t kFirstSlots = 32;

// Chosen when the process starts to need it.
const std::array<std::uint64_t, 3>& HashKey() {
  static const auto key = [] {
    std::random_device random;
    std::array<std::uint64_t, 3> words{};
    for (std::uint64_t& word : words) {
      word = std::uint64_t{random()} << 32 | random() | 1;
    }
    return words;
  }();
  return key;
}

std::uint64_t Mixed(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^
         static_cast<std::uint64_t>(product >> 64);
}

template <typename T>
std::uint64_t Load(const char* at) {
  T value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// Of 16 bytes at most: every one of them is in the first or the second word.
std::uint64_t MixedTail(std::string_view tail, std::uint64_t state) {
  const auto& key = HashKey();
  const char* const begin = tail.data();
  const char* const end = begin + tail.size();
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  if (tail.size() >= 8) {
    first = Load<std::uint64_t>(begin);
    second = Load<std::uint64_t>(end - 8);
  } else if (tail.size() >= 4) {
    first = Load<std::uint32_t>(begin);
    second = Load<std::uint32_t>(end - 4);
  } else if (!tail.empty()) {
    first = Load<std::uint8_t>(begin) << 8 | Load<std::uint8_t>(end - 1);
    second = Load<std::uint8_t>(begin + tail.size() / 2);
  }
  return Mixed(first ^ key[1], second ^ state);
}

std::uint32_t Hash(std::string_view text) {
  const auto& key = HashKey();
  std::uint64_t state = key[0] ^ text.size();
  while (text.size() > 16) {
    state = MixedTail(text.substr(0, 16), state);
    text.remove_prefix(16);
  }
  return static_cast<std::uint32_t>(Mixed(MixedTail(text, state), key[2]) >>
                                    32);
}

}  // namespace

Dictionary::Dictionary() : slots_(kFirstSlots) {}

std::string_view Dictionary::operator[](std::int32_t index) const {
  const auto at = static_cast<std::size_t>(index);
  const std::int32_t begin = at == 0 ? 0 : ends_[at - 1];
  return {texts_.data() + begin, static_cast<std::size_t>(ends_[at] - begin)};
}

std::int32_t Dictionary::Index(std::string_view text) {
  if (last_ < 0 || (*this)[last_] != text) last_ = Find(text, Hash(text));
  return last_;
}

void Dictionary::IndexEach(std::span<const std::string_view> texts,
                           std::span<std::int32_t> numbers) {
  constexpr std::size_t kAtOnce = 32;
  std::array<std::uint32_t, kAtOnce> hashes;
  while (!texts.empty()) {
    const std::size_t count = texts.size() < kAtOnce ? texts.size() : kAtOnce;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < count; ++i) {
      hashes[i] = Hash(texts[i]);
      __builtin_prefetch(&slots_[hashes[i] & mask]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::int32_t likely = slots_[hashes[i] & mask].index;
      if (likely > 0) __builtin_prefetch(&ends_[likely - 1]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::int32_t likely = slots_[hashes[i] & mask].index;
      if (likely > 0) __builtin_prefetch(texts_.data() + ends_[likely - 1]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      numbers[i] = Find(texts[i], hashes[i]);
    }
    texts = texts.subspan(count);
    numbers = numbers.subspan(count);
  }
}

std::int32_t Dictionary::Find(std::string_view text, std::uint32_t hash) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at].index >= 0; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && (*this)[slots_[at].index] == text) {
      return slots_[at].index;
    }
  }
  const std::int32_t index = Add(text);
  slots_[at] = {index, hash};
  if (2 * ends_.size() > slots_.size()) Rehash();
  return index;
}

std::int32_t Dictionary::Add(std::string_view text) {
  constexpr std::size_t kMax = std::numeric_limits<std::int32_t>::max();
  if (text.size() > kMax - texts_.size() || ends_.size() >= kMax) {
    throw std::length_error("a column has more than 2 GiB of different texts");
  }
  texts_.Append(text.data(), text.size());
  ends_.push_back(static_cast<std::int32_t>(texts_.size()));
  return size() - 1;
}

void Dictionary::Rehash() {
  std::vector<Slot> old(2 * slots_.size());
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.index < 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].index >= 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

ArrayPtr Dictionary::ToArray() const {
  Buffer offsets;
  offsets.Append(std::int32_t{0});
  offsets.Append(ends_.data(), ends_.size() * sizeof(std::int32_t));
  Buffer texts;
  texts.Append(texts_.data(), texts_.size());
  auto array = std::make_shared<ArrayData>();
  array->length = size();
  array->buffers = {nullptr, offsets.Freeze(), texts.Freeze()};
  return array;
}

}  // namespace tuco::python::arrow
