#include "_core/event_classes.h"

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "_core/event_dict.h"
#include "_core/event_fields.h"
#include "_core/event_json.h"
#include "_core/python_values.h"
#include "tuco/event.h"

namespace tuco::python {
namespace {

namespace py = pybind11;

// A field as an attribute: immutable like the object that has it, so lists are
// tuples. What is in a tuple is a copy.
template <typename T>
py::object ToAttribute(const T& value) {
  if constexpr (kHasFields<T>) {
    return py::cast(value);
  } else {
    return ToPython(value);
  }
}

template <typename T>
py::object ToAttribute(const std::optional<T>& value) {
  if (!value.has_value()) return py::none();
  return ToAttribute(*value);
}

template <typename T>
py::object ToAttribute(const std::vector<T>& values) {
  py::tuple tuple(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    tuple[i] = ToAttribute(values[i]);
  }
  return tuple;
}

py::object ToAttribute(const Flags& flags) {
  return ToAttribute(EachFlag(flags));
}

template <typename Struct, typename T>
void AddAttribute(py::class_<Struct>& added, const char* name,
                  T Struct::*member) {
  if constexpr (kHasFields<T>) {
    added.def_readonly(name, member);  // A view that keeps its owner alive.
  } else {
    added.def_property_readonly(name, [member](const Struct& value) {
      return ToAttribute(value.*member);
    });
  }
}

template <typename Struct>
void AddAttribute(py::class_<Struct>& added, const char* name,
                  BytesMember<Struct> bytes) {
  added.def_property_readonly(name, [bytes](const Struct& value) -> py::object {
    const std::optional<std::string>& content = value.*bytes.member;
    if (!content.has_value()) return py::none();
    return py::bytes(*content);
  });
}

template <typename Struct>
py::class_<Struct> AddClass(py::module_& module, const char* name,
                            const char* doc) {
  py::class_<Struct> added(module, name, doc, py::is_final());
  added.attr("__module__") = kPackage;
  ForEachField<Struct>([&](const char* field, auto member) {
    AddAttribute(added, field, member);
  });
  added.def(
      "__eq__", [](const Struct& a, const Struct& b) { return a == b; },
      py::is_operator());
  added.def(py::pickle(
      [](const Struct& value) { return ToDict<DictForm::kPickled>(value); },
      [](const py::dict& state) { return FromPickled<Struct>(state); }));
  return added;
}

// Equal values have equal attributes.
template <typename Struct>
Py_ssize_t HashOfAttributes(const Struct& value) {
  py::list attributes;
  ForEachField<Struct>([&](const char*, auto member) {
    attributes.append(ToAttribute(value.*member));
  });
  return py::hash(py::tuple(attributes));
}

std::string Spelt(const std::optional<std::string>& text) {
  return py::repr(ToAttribute(text)).template cast<std::string>();
}

// A part of an event, whose one id is all that may show in logs.
template <typename Struct>
void AddPart(py::module_& module, const char* name, const char* doc,
             const char* id_name, std::optional<std::string> Struct::*id) {
  AddClass<Struct>(module, name, doc)
      .def("__hash__", &HashOfAttributes<Struct>)
      .def("__repr__", [=](const Struct& value) {
        return std::string("<") + name + " " + id_name + "=" +
               Spelt(value.*id) + ">";
      });
}

std::string EventRepr(const Event& event) {
  std::string text = "<Event " + event.event_id;
  text += " " + py::str(py::cast(event.type).attr("name")).cast<std::string>();
  text += " message.id=" + Spelt(event.message.id);
  if (!event.flags.Empty()) text += " flags=";
  std::string separator;
  for (const Flag flag : EachFlag(event.flags)) {
    text += separator + std::string(FlagName(flag));
    separator = "|";
  }
  return text + ">";
}

void AddEvent(py::module_& module) {
  AddClass<Event>(module, "Event", "What a delivery means.")
      .def("__hash__",
           [](const Event& event) { return py::hash(py::str(event.event_id)); })
      .def("__repr__", &EventRepr)
      .def(
          "to_dict", &ToDict<DictForm::kReadable, Event>,
          "Every field under its name, None where it is absent.\n\n"
          "Times are aware datetimes, enums stay enums, messages are dicts and "
          "what repeats is a list.\n\n"
          "Returns:\n    A new dict that the caller owns.")
      .def("to_json", &ToJson,
           "The event in proto3 JSON, as protobuf's own printer gives it.\n\n"
           "Names in lowerCamelCase, 64-bit integers as strings, enums by full "
           "name,\nfields that are not set left out.\n\n"
           "Returns:\n    One line without its end.");
}

}  // namespace

void AddEventClasses(py::module_& module) {
  AddPart<ParentMessage>(module, "ParentMessage",
                         "A message that a reply answers.", "message_id",
                         &ParentMessage::message_id);
  AddPart<RecentReply>(module, "RecentReply",
                       "One of the latest replies of the same contact.",
                       "message_id", &RecentReply::message_id);
  AddPart<Message>(
      module, "Message",
      "The message that the event is about; of a reply, the reply.", "id",
      &Message::id);
  AddPart<Contact>(module, "Contact", "The person on the other side.",
                   "lead_id", &Contact::lead_id);
  AddPart<Campaign>(module, "Campaign", "The campaign that sent the message.",
                    "id", &Campaign::id);
  AddPart<Crm>(module, "Crm",
               "The contact's ids in customer relationship systems.",
               "ghl_contact_id", &Crm::ghl_contact_id);
  AddEvent(module);
}

}  // namespace tuco::python
