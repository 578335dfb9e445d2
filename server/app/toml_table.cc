#include "server/app/toml_table.h"

#include <chrono>
#include <utility>

#include "tuco/strings.h"

namespace tuco::app {
namespace {

// Of a time that has an offset.
Timestamp ToTimestamp(const toml::date_time& time) {
  const std::chrono::sys_days day = std::chrono::year(time.date.year) /
                                    std::chrono::month(time.date.month) /
                                    std::chrono::day(time.date.day);
  return std::chrono::time_point_cast<std::chrono::microseconds>(
      day + std::chrono::hours(time.time.hour) +
      std::chrono::minutes(time.time.minute) +
      std::chrono::seconds(time.time.second) -
      std::chrono::minutes(time.offset->minutes));
}

}  // namespace

void ConfigErrors::Add(const toml::source_region& where,
                       std::string_view message) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(
      Concat({file_, ":", std::to_string(where.begin.line), ":",
              std::to_string(where.begin.column), ": ", message}));
}

TomlTable::TomlTable(const toml::table& table, std::string path,
                     ConfigErrors& errors)
    : table_(table), path_(std::move(path)), errors_(errors) {}

std::string TomlTable::Name(std::string_view key) const {
  return path_.empty() ? std::string(key) : Concat({path_, ".", key});
}

const toml::node* TomlTable::Take(std::string_view key) {
  taken_.emplace(key);
  return table_.get(key);
}

void TomlTable::ExpectType(const toml::node& node, std::string_view key,
                           std::string_view type) {
  errors_.Add(node.source(), Concat({Name(key), ": expected ", type}));
}

void TomlTable::Complain(std::string_view key, std::string_view message) {
  const toml::node* const node = table_.get(key);
  errors_.Add(node != nullptr ? node->source() : table_.source(),
              Concat({Name(key), ": ", message}));
}

void TomlTable::Read(std::string_view key, std::optional<std::string>& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const auto* const text = node->as_string();
  if (text == nullptr) return ExpectType(*node, key, "a string");
  value = text->get();
}

void TomlTable::Read(std::string_view key, std::optional<bool>& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const auto* const boolean = node->as_boolean();
  if (boolean == nullptr) return ExpectType(*node, key, "true or false");
  value = boolean->get();
}

void TomlTable::Read(std::string_view key, std::vector<std::string>& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const toml::array* const array = node->as_array();
  if (array == nullptr) return ExpectType(*node, key, "an array of strings");
  for (const toml::node& entry : *array) {
    const auto* const text = entry.as_string();
    if (text == nullptr) return ExpectType(entry, key, "an array of strings");
    value.push_back(text->get());
  }
}

void TomlTable::Read(std::string_view key,
                     std::optional<std::vector<std::string>>& value) {
  if (table_.contains(key)) Read(key, value.emplace());
  taken_.emplace(key);
}

void TomlTable::Read(std::string_view key, std::optional<Timestamp>& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const auto* const time = node->as_date_time();
  if (time == nullptr || !time->get().offset.has_value()) {
    return ExpectType(*node, key, "a time such as 2027-01-31T00:00:00Z");
  }
  value = ToTimestamp(time->get());
}

void TomlTable::Read(std::string_view key, std::int64_t min, std::int64_t max,
                     std::optional<std::int64_t>& value) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const auto* const number = node->as_integer();
  if (number == nullptr || number->get() < min || number->get() > max) {
    return ExpectType(*node, key,
                      Concat({"a whole number from ", std::to_string(min),
                              " to ", std::to_string(max)}));
  }
  value = number->get();
}

void TomlTable::ReadTable(std::string_view key,
                          const std::function<void(TomlTable&)>& read) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const toml::table* const table = node->as_table();
  if (table == nullptr) return ExpectType(*node, key, "a table");
  TomlTable inner(*table, Name(key), errors_);
  read(inner);
  inner.Finish();
}

void TomlTable::ReadTables(std::string_view key,
                           const std::function<void(TomlTable&)>& read) {
  const toml::node* const node = Take(key);
  if (node == nullptr) return;
  const std::string expected = Concat({"[[", Name(key), "]] tables"});
  const toml::array* const array = node->as_array();
  if (array == nullptr) return ExpectType(*node, key, expected);
  for (const toml::node& entry : *array) {
    const toml::table* const table = entry.as_table();
    if (table == nullptr) return ExpectType(entry, key, expected);
    TomlTable inner(*table, Name(key), errors_);
    read(inner);
    inner.Finish();
  }
}

void TomlTable::Finish() {
  for (const auto& [key, node] : table_) {
    if (taken_.contains(key.str())) continue;
    std::string known;
    for (const std::string& name : taken_) {
      known = Concat({known, known.empty() ? "" : ", ", name});
    }
    errors_.Add(key.source(), Concat({"unknown key \"", Name(key.str()),
                                      "\"; known here: ", known}));
  }
}

}  // namespace tuco::app
