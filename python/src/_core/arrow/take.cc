#include "_core/arrow/take.h"

#include <cstddef>
#include <memory>
#include <utility>

#include "_core/arrow/buffer.h"

namespace tuco::python::arrow {
namespace {

using Ranges = std::span<const Range>;

std::int64_t LengthOf(Ranges ranges) {
  std::int64_t length = 0;
  for (const Range& range : ranges) length += range.length;
  return length;
}

// The bits in `ranges`, each at `offset` behind its number.
BufferPtr TakeBits(const Buffer& bits, std::int64_t offset, Ranges ranges) {
  Buffer taken =
      Buffer::Zeros(static_cast<std::size_t>(LengthOf(ranges) / 8 + 1));
  auto* const to = taken.as<std::uint8_t>();
  const auto* const from = bits.as<std::uint8_t>();
  std::int64_t at = 0;
  for (const Range& range : ranges) {
    const std::int64_t begin = offset + range.begin;
    for (std::int64_t i = begin; i < begin + range.length; ++i, ++at) {
      const int bit = from[i / 8] >> (i % 8) & 1;
      to[at / 8] = static_cast<std::uint8_t>(to[at / 8] | bit << (at % 8));
    }
  }
  return taken.Freeze();
}

BufferPtr TakeFixed(const Buffer& values, std::size_t width,
                    std::int64_t offset, Ranges ranges) {
  Buffer taken;
  for (const Range& range : ranges) {
    taken.Append(
        values.data() + static_cast<std::size_t>(offset + range.begin) * width,
        static_cast<std::size_t>(range.length) * width);
  }
  return taken.Freeze();
}

// Offsets of what is taken, and which ranges of the values that is.
struct TakenOffsets {
  BufferPtr offsets;
  std::vector<Range> values;
};

TakenOffsets TakeOffsets(const Buffer& offsets, std::int64_t offset,
                         Ranges ranges) {
  const auto* const from = offsets.as<std::int32_t>();
  TakenOffsets taken;
  Buffer to;
  std::int32_t end = 0;
  to.Append(end);
  for (const Range& range : ranges) {
    const std::int32_t* const first = from + offset + range.begin;
    for (std::int64_t i = 0; i < range.length; ++i) {
      end += first[i + 1] - first[i];
      to.Append(end);
    }
    taken.values.push_back({*first, first[range.length] - *first});
  }
  taken.offsets = to.Freeze();
  return taken;
}

ArrayPtr TakeArray(const Field& field, const ArrayData& array, Ranges ranges);

// Adds what is taken of the buffers behind the validity, and of the children.
void TakeValues(const Field& field, const ArrayData& array, Ranges ranges,
                ArrayData& taken) {
  const std::int64_t offset = array.offset;
  if (field.format == kStruct) {
    std::vector<Range> moved(ranges.begin(), ranges.end());
    for (Range& range : moved) range.begin += offset;
    for (std::size_t i = 0; i < field.children.size(); ++i) {
      taken.children.push_back(
          TakeArray(field.children[i], *array.children[i], moved));
    }
  } else if (field.format == kBool) {
    taken.buffers.push_back(TakeBits(*array.buffers[1], offset, ranges));
  } else if (field.format == kUtf8 || field.format == kBinary) {
    auto [offsets, bytes] = TakeOffsets(*array.buffers[1], offset, ranges);
    taken.buffers.push_back(std::move(offsets));
    taken.buffers.push_back(TakeFixed(*array.buffers[2], 1, 0, bytes));
  } else if (field.format == kList) {
    auto [offsets, items] = TakeOffsets(*array.buffers[1], offset, ranges);
    taken.buffers.push_back(std::move(offsets));
    taken.children.push_back(
        TakeArray(field.children[0], *array.children[0], items));
  } else {
    const std::size_t width =
        field.format == kInt32 ? sizeof(std::int32_t) : sizeof(std::int64_t);
    taken.buffers.push_back(
        TakeFixed(*array.buffers[1], width, offset, ranges));
  }
}

ArrayPtr TakeArray(const Field& field, const ArrayData& array, Ranges ranges) {
  auto taken = std::make_shared<ArrayData>();
  taken->length = LengthOf(ranges);
  taken->dictionary = array.dictionary;
  taken->buffers.emplace_back();
  if (array.null_count != 0) {
    taken->buffers[0] = TakeBits(*array.buffers[0], array.offset, ranges);
    for (std::int64_t i = 0; i < taken->length; ++i) {
      taken->null_count += IsNull(*taken, i) ? 1 : 0;
    }
  }
  TakeValues(field, array, ranges, *taken);
  return taken;
}

}  // namespace

RecordBatch Take(const std::vector<Field>& schema, const RecordBatch& batch,
                 Ranges ranges) {
  RecordBatch taken;
  taken.rows = LengthOf(ranges);
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const ArrayPtr& column = batch.columns[i];
    taken.columns.push_back(
        ranges.size() == 1
            ? Slice(column, ranges.front().begin, ranges.front().length)
            : TakeArray(schema[i], *column, ranges));
  }
  return taken;
}

}  // namespace tuco::python::arrow
