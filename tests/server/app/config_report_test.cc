#include "server/app/config_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/app/config_file.h"
#include "server/app/serve_config.h"

namespace tuco::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kWhole[] = R"(
admin.listen = "unix:/run/a \"b\".sock"
duplicates.window_days = 40
quarantine = { entries_max = 7, bytes_max = 2097152, verified_entries_max = 8 }
[grpc]
listen = "0.0.0.0:7"
insecure_bind = true
tls_cert = "server.pem"
tls_key = "server.key"
tls_client_ca = "ca.pem"
token_file = "tokens.toml"
[http]
listen = "off"
body_bytes_max = 2048
tls_cert = "c"
tls_key = "k"
trusted_peers = ["unix", "10.0.0.0/8"]
proxy_protocol = true
[log]
url = "sqlite:/var/lib/tuco"
spool_dir = "/spool"
spool_bytes_max = 16777216
reserve_bytes = 0
retention = { max_age_days = 3, max_bytes = 67108864 }
[[endpoint]]
name = "tuco"
tolerance_s = 60
body_bytes_max = 2048
mode = "raw"
workspaces = ["org_a", "org_b"]
allow_short_secret = true
[[endpoint.secret]]
name = "new"
file = "/etc/tuco/secret"
[[endpoint.secret]]
name = "old"
env = "OLD"
state = "revoked"
[[endpoint]]
name = "second"
[[endpoint.secret]]
name = "main"
env = "SECOND"
)";

// The flags, the environment and the file.
std::vector<Settings> Sources(std::string_view file) {
  return {{}, {}, ParseConfig(file, "file").value()};
}

std::string Toml(const std::vector<Settings>& sources) {
  return ConfigAsToml(Resolve(sources).value(), sources);
}

std::map<std::string_view, ReportedSetting> ByKey(
    const std::vector<Settings>& sources) {
  std::map<std::string_view, ReportedSetting> settings;
  for (const ReportedSetting& setting :
       ListSettings(Resolve(sources).value(), sources)) {
    settings.emplace(setting.key, setting);
  }
  return settings;
}

TEST(ConfigReportTest, IsAFileThatSaysTheSame) {
  const std::string once = Toml(Sources(kWhole));
  EXPECT_THAT(once, StartsWith("http.listen = \"off\"  # file\n"));
  EXPECT_EQ(Toml(Sources(once)), once);
  for (const char* const line :
       {"http.tls_cert = \"c\"  # file\n", "http.tls_key = \"k\"  # file\n",
        "http.trusted_peers = [\"10.0.0.0/8\", \"unix\"]  # file\n",
        "http.proxy_protocol = true  # file\n",
        "admin.listen = \"unix:/run/a \\\"b\\\".sock\"  # file\n",
        "log.reserve_bytes = 0  # file\n",
        "log.retention.max_age_days = 3  # file\n",
        "duplicates.window_days = 40  # file\n", "mode = \"raw\"\n",
        "workspaces = [\"org_a\", \"org_b\"]\n", "state = \"revoked\"\n"}) {
    EXPECT_THAT(once, HasSubstr(line));
  }
}

TEST(ConfigReportTest, SaysThatASettingIsNotSet) {
  const std::vector<Settings> sources = {{}, {}};
  EXPECT_THAT(Toml(sources), HasSubstr("# log.spool_dir is not set\n"));
  EXPECT_THAT(
      ConfigAsJson(Resolve(sources).value(), sources),
      HasSubstr(R"("log.spool_dir":{"value":null,"source":"default"})"));
}

TEST(ConfigReportTest, NamesTheSourceOfEverySetting) {
  std::vector<Settings> sources =
      Sources("http.listen = 'off'\ngrpc.listen = 'off'\nadmin.listen = 'off'");
  sources[0].http = base::NetAddress{};
  sources[1].grpc = base::NetAddress{};
  const auto settings = ByKey(sources);
  EXPECT_EQ(settings.at("http.listen").source, "flag");
  EXPECT_EQ(settings.at("grpc.listen").source, "environment");
  EXPECT_EQ(settings.at("admin.listen").source, "file");
  EXPECT_EQ(settings.at("quarantine.entries_max").source, "default");
}

TEST(ConfigReportTest, TheLogIsWhereTheDataIsUnlessItIsNamed) {
  std::vector<Settings> sources = {{}, {}};
  EXPECT_EQ(ByKey(sources).at("log.url").source, "default");
  sources[1].data = "d";
  EXPECT_EQ(ByKey(sources).at("log.url").value, "\"sqlite:d\"");
  EXPECT_EQ(ByKey(sources).at("log.url").source, "environment");
  sources[0].log_url = "sqlite:e";
  EXPECT_EQ(ByKey(sources).at("log.url").source, "flag");
}

TEST(ConfigReportTest, WritesEndpointsAsJson) {
  const std::vector<Settings> sources = Sources(kWhole);
  EXPECT_THAT(
      ConfigAsJson(Resolve(sources).value(), sources),
      HasSubstr(R"("endpoints":[{"name":"tuco","tolerance_s":60,"mode":"raw",)"
                R"("body_bytes_max":2048,)"
                R"("workspaces":["org_a", "org_b"],"allow_short_secret":true,)"
                R"("secrets":[{"name":"new","file":"/etc/tuco/secret",)"
                R"("state":"active"},{"name":"old","env":"OLD",)"
                R"("state":"revoked"}]},{"name":"second",)"));
}

}  // namespace
}  // namespace tuco::app
