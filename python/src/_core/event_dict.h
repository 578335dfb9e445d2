// An event's structs as Python dictionaries: for readers, with datetimes and
// enums; and for pickles, with nothing but plain values, so that a pickle can
// be read by another version, whose fields may be more or fewer.
//
// Everything here needs the GIL.

#ifndef TUCO_PYTHON_CORE_EVENT_DICT_H_
#define TUCO_PYTHON_CORE_EVENT_DICT_H_

#include <pybind11/pybind11.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "_core/event_fields.h"
#include "_core/python_values.h"
#include "tuco/event.h"

namespace tuco::python {

enum class DictForm { kReadable, kPickled };

template <DictForm Form, typename Struct>
pybind11::dict ToDict(const Struct& value);

template <DictForm Form, typename T>
pybind11::object ToDictValue(const T& value) {
  constexpr bool kPickled = Form == DictForm::kPickled;
  if constexpr (kHasFields<T>) {
    return ToDict<Form>(value);
  } else if constexpr (kPickled && std::is_same_v<T, Timestamp>) {
    return pybind11::int_(value.time_since_epoch().count());
  } else if constexpr (kPickled && std::is_enum_v<T>) {
    return pybind11::int_(static_cast<int>(value));
  } else {
    return ToPython(value);
  }
}

template <DictForm Form, typename T>
pybind11::object ToDictValue(const std::optional<T>& value) {
  if (!value.has_value()) return pybind11::none();
  return ToDictValue<Form>(*value);
}

template <DictForm Form, typename T>
pybind11::object ToDictValue(const std::vector<T>& values) {
  pybind11::list list;
  for (const T& value : values) list.append(ToDictValue<Form>(value));
  return list;
}

template <DictForm Form>
pybind11::object ToDictValue(const Flags& flags) {
  return ToDictValue<Form>(EachFlag(flags));
}

// Every field under its name, None where it is absent.
template <DictForm Form, typename Struct>
pybind11::dict ToDict(const Struct& value) {
  pybind11::dict dict;
  ForEachField<Struct>([&](const char* name, auto member) {
    if constexpr (std::is_same_v<decltype(member), BytesMember<Struct>>) {
      const std::optional<std::string>& bytes = value.*member.member;
      dict[name] = bytes ? pybind11::object(pybind11::bytes(*bytes))
                         : pybind11::object(pybind11::none());
    } else {
      dict[name] = ToDictValue<Form>(value.*member);
    }
  });
  return dict;
}

template <typename Struct>
Struct FromPickled(const pybind11::dict& dict);

template <typename T>
void ReadPickled(pybind11::handle from, T& value) {
  if constexpr (kHasFields<T>) {
    value = FromPickled<T>(from.cast<pybind11::dict>());
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    value = Timestamp(std::chrono::microseconds(from.cast<std::int64_t>()));
  } else if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(from.cast<std::uint8_t>());
  } else {
    value = from.cast<T>();
  }
}

template <typename T>
void ReadPickled(pybind11::handle from, std::optional<T>& value) {
  if (!from.is_none()) ReadPickled(from, value.emplace());
}

template <typename T>
void ReadPickled(pybind11::handle from, std::vector<T>& values) {
  for (const pybind11::handle item : from.cast<pybind11::list>()) {
    ReadPickled(item, values.emplace_back());
  }
}

inline void ReadPickled(pybind11::handle from, Flags& flags) {
  std::vector<Flag> each;
  ReadPickled(from, each);
  for (const Flag flag : each) flags.Add(flag);
}

// The struct that ToDict<kPickled> wrote down; a field that is not in there is
// absent.
template <typename Struct>
Struct FromPickled(const pybind11::dict& dict) {
  Struct value;
  ForEachField<Struct>([&](const char* name, auto member) {
    if (!dict.contains(name)) return;
    const pybind11::object from = dict[name];
    if constexpr (std::is_same_v<decltype(member), BytesMember<Struct>>) {
      if (!from.is_none()) value.*member.member = from.cast<std::string>();
    } else {
      ReadPickled(from, value.*member);
    }
  });
  return value;
}

}  // namespace tuco::python

#endif  // TUCO_PYTHON_CORE_EVENT_DICT_H_
