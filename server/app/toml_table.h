// A TOML table that is read key by key and complains about what is left over.
//
//   TomlTable table(node, "http", errors);
//   table.Read("listen", value);          // leaves `value` where absent
//   table.Finish();                       // unknown keys are errors

#ifndef TUCO_SERVER_APP_TOML_TABLE_H_
#define TUCO_SERVER_APP_TOML_TABLE_H_

#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tuco/timestamp.h"

namespace tuco::app {

// Keeps the first complaint about a file.
class ConfigErrors {
 public:
  explicit ConfigErrors(std::string file) : file_(std::move(file)) {}

  // Says what is wrong at `where`, unless something was wrong before.
  void Add(const toml::source_region& where, std::string_view message);
  const absl::Status& status() const { return status_; }

 private:
  const std::string file_;
  absl::Status status_;
};

class TomlTable {
 public:
  // `path` is how messages call the table, empty for the whole file. Both
  // references must outlive it.
  TomlTable(const toml::table& table, std::string path, ConfigErrors& errors);

  // Each leaves `value` alone where the key is absent, and complains when it
  // is of another type.
  void Read(std::string_view key, std::optional<std::string>& value);
  void Read(std::string_view key, std::optional<bool>& value);
  void Read(std::string_view key, std::vector<std::string>& value);
  void Read(std::string_view key,
            std::optional<std::vector<std::string>>& value);
  // A date and time with its offset from UTC.
  void Read(std::string_view key, std::optional<Timestamp>& value);
  // Complains outside `min` to `max` too.
  void Read(std::string_view key, std::int64_t min, std::int64_t max,
            std::optional<std::int64_t>& value);

  // Calls `read` for the table under `key`, if there is one.
  void ReadTable(std::string_view key,
                 const std::function<void(TomlTable&)>& read);
  // Calls `read` for each table of the array of tables under `key`.
  void ReadTables(std::string_view key,
                  const std::function<void(TomlTable&)>& read);

  // Complains about every key that was not asked for.
  void Finish();

  // Complains about the value of `key`, or about the table where it is absent.
  void Complain(std::string_view key, std::string_view message);

 private:
  const toml::node* Take(std::string_view key);
  void ExpectType(const toml::node& node, std::string_view key,
                  std::string_view type);
  std::string Name(std::string_view key) const;

  const toml::table& table_;
  const std::string path_;
  ConfigErrors& errors_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_TOML_TABLE_H_
