#include "server/app/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tuco/strings.h"

namespace tuco::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kWhole[] = R"(
[http]
listen = "127.0.0.1:8081"
body_bytes_max = 1048576
tls_cert = "/etc/tuco/cert.pem"
tls_key = "/etc/tuco/key.pem"
trusted_peers = ["10.0.0.0/8", "::1", "unix"]
proxy_protocol = true

[grpc]
listen = "unix:/run/tuco/grpc.sock"
insecure_bind = true
tls_cert = "server.pem"
tls_key = "server.key"
tls_client_ca = "ca.pem"
token_file = "tokens.toml"

[admin]
listen = "off"

[log]
url = "sqlite:/var/lib/tuco"
spool_dir = "/mnt/spool"
spool_bytes_max = 16777216
reserve_bytes = 0
retention.max_age_days = 400
retention.max_bytes = 67108864

[duplicates]
window_days = 7

[quarantine]
entries_max = 1000
bytes_max = 1048576
verified_entries_max = 5

[[endpoint]]
name = "tuco"
tolerance_s = 60
mode = "raw"
workspaces = ["org_1", "org_2"]
body_bytes_max = 4096
allow_short_secret = true

[[endpoint.secret]]
name = "new"
env = "NEW_SECRET"

[[endpoint.secret]]
name = "old"
file = "/etc/tuco/old"
state = "revoked"

[[endpoint]]
name = "other"
[[endpoint.secret]]
name = "main"
file = "/etc/tuco/other"
)";

// What is said about a file that is wrong.
std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Settings> settings = ParseConfig(text, "tuco.toml");
  EXPECT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument)
      << text;
  return std::string(FromAbsl(settings.status().message()));
}

TEST(ConfigFileTest, ReadsEveryKey) {
  const absl::StatusOr<Settings> settings = ParseConfig(kWhole, "tuco.toml");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->http->ToString(), "127.0.0.1:8081");
  EXPECT_EQ(settings->body_bytes_max, 1'048'576);
  EXPECT_EQ(settings->http_tls_cert, "/etc/tuco/cert.pem");
  EXPECT_EQ(settings->http_tls_key, "/etc/tuco/key.pem");
  EXPECT_THAT(settings->trusted_peers->ToStrings(),
              ElementsAre("10.0.0.0/8", "::1", "unix"));
  EXPECT_EQ(settings->proxy_protocol, true);
  EXPECT_EQ(settings->grpc->ToString(), "unix:/run/tuco/grpc.sock");
  EXPECT_EQ(settings->grpc_insecure_bind, true);
  EXPECT_EQ(settings->grpc_tls_cert, "server.pem");
  EXPECT_EQ(settings->grpc_tls_key, "server.key");
  EXPECT_EQ(settings->grpc_tls_client_ca, "ca.pem");
  EXPECT_EQ(settings->grpc_token_file, "tokens.toml");
  EXPECT_TRUE(settings->admin->off());
  EXPECT_EQ(settings->log_url, "sqlite:/var/lib/tuco");
  EXPECT_EQ(settings->spool_dir, "/mnt/spool");
  EXPECT_EQ(settings->spool_bytes_max, 16'777'216);
  EXPECT_EQ(settings->reserve_bytes, 0);
  EXPECT_EQ(settings->max_age_days, 400);
  EXPECT_EQ(settings->log_bytes_max, 67'108'864);
  EXPECT_EQ(settings->window_days, 7);
  EXPECT_EQ(settings->quarantine_entries_max, 1'000);
  EXPECT_EQ(settings->quarantine_bytes_max, 1'048'576);
  EXPECT_EQ(settings->verified_entries_max, 5);
  ASSERT_EQ(settings->endpoints.size(), 2);
  const EndpointSettings& tuco = settings->endpoints[0];
  EXPECT_EQ(tuco.name, "tuco");
  EXPECT_EQ(tuco.tolerance, std::chrono::seconds(60));
  EXPECT_EQ(tuco.mode, VerifyMode::kRaw);
  EXPECT_THAT(tuco.workspaces, ElementsAre("org_1", "org_2"));
  EXPECT_EQ(tuco.body_bytes_max, 4'096);
  EXPECT_TRUE(tuco.allow_short_secret);
  ASSERT_EQ(tuco.secrets.size(), 2);
  EXPECT_EQ(tuco.secrets[0].env, "NEW_SECRET");
  EXPECT_TRUE(tuco.secrets[0].active);
  EXPECT_EQ(tuco.secrets[1].file, "/etc/tuco/old");
  EXPECT_FALSE(tuco.secrets[1].active);
  EXPECT_EQ(settings->endpoints[1].tolerance, std::chrono::seconds(300));
  EXPECT_EQ(settings->endpoints[1].mode, VerifyMode::kAuto);
  EXPECT_EQ(settings->endpoints[1].body_bytes_max, std::nullopt);
}

TEST(ConfigFileTest, AnEmptyFileSaysNothing) {
  const absl::StatusOr<Settings> settings = ParseConfig("", "tuco.toml");
  ASSERT_TRUE(settings.ok());
  EXPECT_FALSE(settings->http.has_value());
  EXPECT_TRUE(settings->endpoints.empty());
}

TEST(ConfigFileTest, PointsAtAnUnknownKeyAndNamesTheKnownOnes) {
  const std::string error = ErrorOf("[http]\nlisten = \"off\"\n  bogus = 1\n");
  EXPECT_THAT(error, HasSubstr("tuco.toml:3:3: unknown key \"http.bogus\""));
  EXPECT_THAT(error, HasSubstr("body_bytes_max, listen"));
}

TEST(ConfigFileTest, PointsAtAnUnknownTable) {
  EXPECT_THAT(ErrorOf("\n[htttp]\n"), HasSubstr("tuco.toml:2:"));
}

TEST(ConfigFileTest, PointsAtWhatIsNoToml) {
  EXPECT_THAT(ErrorOf("[http]\nlisten = \n"), HasSubstr("tuco.toml:2:"));
}

TEST(ConfigFileTest, RefusesValuesOfAnotherType) {
  EXPECT_THAT(ErrorOf("[http]\nlisten = 1\n"),
              HasSubstr("http.listen: expected a string"));
  EXPECT_THAT(ErrorOf("[grpc]\ninsecure_bind = \"yes\"\n"),
              HasSubstr("grpc.insecure_bind: expected true or false"));
  EXPECT_THAT(ErrorOf("http = 1\n"), HasSubstr("http: expected a table"));
  EXPECT_THAT(ErrorOf("endpoint = 1\n"), HasSubstr("[[endpoint]]"));
  EXPECT_THAT(ErrorOf("[[endpoint]]\nname = \"a\"\nworkspaces = [1]\n"),
              HasSubstr("endpoint.workspaces: expected an array of strings"));
}

TEST(ConfigFileTest, RefusesNumbersOneOutsideTheirRange) {
  for (const char* bytes : {"1023", "1048577", "-1"}) {
    EXPECT_THAT(ErrorOf(Concat({"[http]\nbody_bytes_max = ", bytes})),
                HasSubstr("a whole number from 1024 to 1048576"));
  }
  EXPECT_TRUE(ParseConfig("[http]\nbody_bytes_max = 1024", "f").ok());
}

TEST(ConfigFileTest, RefusesAnAddressThatIsNone) {
  EXPECT_THAT(ErrorOf("[http]\nlisten = \"nowhere\"\n"),
              HasSubstr("tuco.toml:2:10: http.listen: "));
}

TEST(ConfigFileTest, ACertificateNeedsItsKeyAndAKeyItsCertificate) {
  EXPECT_THAT(ErrorOf("[http]\ntls_cert = 'a'\n"),
              HasSubstr("tuco.toml:2:12: http.tls_cert: expected tls_cert and "
                        "tls_key, or neither"));
  EXPECT_THAT(ErrorOf("[http]\ntls_key = 'a'\n"),
              HasSubstr("tuco.toml:2:11: http.tls_key: "));
}

TEST(ConfigFileTest, RefusesPeersThatAreNone) {
  EXPECT_THAT(ErrorOf("[http]\ntrusted_peers = ['10.0.0.1/8']\n"),
              HasSubstr("tuco.toml:2:17: http.trusted_peers: '10.0.0.1/8' is "
                        "no range of addresses"));
}

TEST(ConfigFileTest, TheProxyProtocolNeedsPeersThatMayUseIt) {
  EXPECT_THAT(ErrorOf("[http]\nproxy_protocol = true\n"),
              HasSubstr("tuco.toml:2:18: http.proxy_protocol: expected "
                        "trusted_peers"));
  EXPECT_THAT(ErrorOf("[http]\ntrusted_peers = []\nproxy_protocol = true\n"),
              HasSubstr("tuco.toml:3:18: http.proxy_protocol: "));
  EXPECT_TRUE(ParseConfig("[http]\nproxy_protocol = false\n", "a").ok());
}

TEST(ConfigFileTest, AnEndpointNeedsANameAndASecret) {
  EXPECT_THAT(ErrorOf("[[endpoint]]\nname = \"a\"\n"),
              HasSubstr("endpoint.secret: is missing"));
  EXPECT_THAT(ErrorOf("[[endpoint]]\n[[endpoint.secret]]\nname = \"m\"\n"
                      "env = \"E\"\n"),
              HasSubstr("endpoint.name: is missing"));
}

TEST(ConfigFileTest, ASecretIsInOnePlaceAndOneState) {
  const auto error = [](const std::string& secret) {
    return ErrorOf(
        Concat({"[[endpoint]]\nname = \"a\"\n[[endpoint.secret]]\n", secret}));
  };
  EXPECT_THAT(error("name = \"m\""),
              HasSubstr("exactly one of file, env and credential"));
  EXPECT_THAT(error("name = \"m\"\nfile = \"f\"\nenv = \"E\""),
              HasSubstr("exactly one of file, env and credential"));
  EXPECT_THAT(error("name = \"m\"\nenv = \"E\"\ncredential = \"c\""),
              HasSubstr("exactly one of file, env and credential"));
  for (const char* name : {"", "..", "a/b"}) {
    EXPECT_THAT(
        error(std::string("name = \"m\"\ncredential = \"") + name + "\""),
        HasSubstr("endpoint.secret.credential: expected the name"));
  }
  EXPECT_THAT(error("file = \"f\""), HasSubstr("endpoint.secret.name"));
  EXPECT_THAT(error("name = \"m\"\nfile = \"f\"\nstate = \"old\""),
              HasSubstr("\"active\" or \"revoked\""));
}

TEST(ConfigFileTest, SaysWhichFileCannotBeRead) {
  const absl::StatusOr<Settings> settings = LoadConfigFile("/nowhere/x.toml");
  EXPECT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(FromAbsl(settings.status().message())),
              HasSubstr("/nowhere/x.toml"));
  EXPECT_FALSE(LoadConfigFile("/").ok());
}

}  // namespace
}  // namespace tuco::app
