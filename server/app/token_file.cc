#include "server/app/token_file.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "server/app/toml_table.h"
#include "server/base/logging.h"
#include "tuco/digest.h"
#include "tuco/strings.h"
#include "tuco/timestamp.h"

namespace tuco::app {
namespace {

constexpr std::size_t kTokensMax = 1'000;
constexpr std::size_t kNameBytesMax = 100;

void ReadName(TomlTable& table, rpc::Token& token) {
  std::optional<std::string> name;
  table.Read("name", name);
  token.name = name.value_or("");
  if (token.name.empty() || token.name.size() > kNameBytesMax) {
    table.Complain("name", Concat({"expected 1 to ",
                                   std::to_string(kNameBytesMax), " bytes"}));
  }
}

void ReadHash(TomlTable& table, rpc::Token& token) {
  std::optional<std::string> hex;
  table.Read("sha256", hex);
  const std::optional<Digest> digest = DigestFromHex(hex.value_or(""));
  if (digest.has_value()) {
    token.sha256 = *digest;
  } else {
    table.Complain("sha256",
                   "expected the token's SHA-256, 64 hexadecimal digits");
  }
}

void ReadScopes(TomlTable& table, rpc::Token& token) {
  std::vector<std::string> names;
  table.Read("scopes", names);
  for (const std::string& name : names) {
    if (const std::optional<rpc::Scope> scope = rpc::ScopeFromName(name)) {
      token.scopes.set(static_cast<std::size_t>(*scope));
    } else {
      names.clear();
      break;
    }
  }
  if (names.empty()) {
    table.Complain("scopes",
                   R"(expected some of "read", "consume" and "admin")");
  }
}

// A list that is there and empty could be meant as nothing, or as everything.
void ReadLimit(TomlTable& table, std::string_view key,
               std::vector<std::string>& limit) {
  std::optional<std::vector<std::string>> list;
  table.Read(key, list);
  if (!list.has_value()) return;
  limit = *std::move(list);
  if (limit.empty()) {
    table.Complain(key, "expected some; without the key there is no limit");
  }
}

rpc::Token ReadToken(TomlTable& table) {
  rpc::Token token;
  ReadName(table, token);
  ReadHash(table, token);
  ReadScopes(table, token);
  ReadLimit(table, "endpoints", token.reach.endpoints);
  ReadLimit(table, "workspaces", token.reach.workspaces);
  table.Read("expires", token.expires_at);
  return token;
}

absl::Status CheckMode(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(
        Concat({"cannot read the token file ", path, ": no such file"}));
  }
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::InvalidArgumentError(
        Concat({"the token file ", path,
                " can be written by others than its owner: chmod go-w"}));
  }
  if ((found.st_mode & S_IROTH) != 0) {
    base::Log(base::Severity::kWarning,
              "the token file can be read by every user of this machine",
              {{"file", path}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<rpc::Token>> ParseTokens(std::string_view text,
                                                    const std::string& name) {
  ConfigErrors errors(name);
  std::vector<rpc::Token> tokens;
  try {
    const toml::table root = toml::parse(text, name);
    TomlTable table(root, "", errors);
    table.ReadTables("token", [&tokens](TomlTable& token) {
      tokens.push_back(ReadToken(token));
    });
    if (tokens.empty() || tokens.size() > kTokensMax) {
      table.Complain("token",
                     Concat({"expected 1 to ", std::to_string(kTokensMax),
                             " [[token]] tables"}));
    }
    table.Finish();
  } catch (const toml::parse_error& error) {
    // toml++ has no other way to say so where exceptions are on.
    errors.Add(error.source(), error.description());
  }
  if (!errors.status().ok()) return errors.status();
  return tokens;
}

absl::StatusOr<std::vector<rpc::Token>> LoadTokenFile(const std::string& path) {
  if (const absl::Status status = CheckMode(path); !status.ok()) return status;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    return absl::InvalidArgumentError(
        Concat({"cannot read the token file ", path}));
  }
  const std::string text((std::istreambuf_iterator<char>(file)),
                         std::istreambuf_iterator<char>());
  return ParseTokens(text, path);
}

}  // namespace tuco::app
