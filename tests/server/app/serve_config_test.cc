#include "server/app/serve_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "tuco/strings.h"

namespace tuco::app {
namespace {

using ::testing::HasSubstr;

cli::Environment Variables(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](
             const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

Settings WithHttp(const std::string& address) {
  Settings settings;
  settings.http = base::ParseNetAddress(address).value();
  return settings;
}

TEST(ServeConfigTest, HasTheDocumentedDefaults) {
  const absl::StatusOr<ServeConfig> config = Resolve({});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->http.ToString(), "0.0.0.0:8080");
  EXPECT_EQ(config->grpc.ToString(), "127.0.0.1:50051");
  EXPECT_EQ(config->admin.ToString(), "127.0.0.1:9464");
  EXPECT_EQ(config->data, "./data");
  EXPECT_EQ(config->log_directory, "./data");
  EXPECT_EQ(config->body_bytes_max, 262'144);
  EXPECT_EQ(config->upkeep.duplicate_window, std::chrono::days(30));
  EXPECT_FALSE(config->upkeep.age_max.has_value());
  EXPECT_FALSE(config->upkeep.bytes_max.has_value());
  EXPECT_EQ(config->quarantine.unverified_max, 100'000u);
  EXPECT_EQ(config->quarantine.unverified_bytes_max, 268'435'456u);
  EXPECT_EQ(config->quarantine.verified_max, 10'000u);
}

TEST(ServeConfigTest, TheFirstSourceThatSaysItWins) {
  const absl::StatusOr<ServeConfig> config =
      Resolve({Settings(), WithHttp("127.0.0.1:1"), WithHttp("127.0.0.1:2")});
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->http.ToString(), "127.0.0.1:1");
}

TEST(ServeConfigTest, ReadsTheEnvironment) {
  const absl::StatusOr<Settings> settings =
      SettingsFromEnvironment(Variables({{"TUCO_EVENTS_HTTP", "off"},
                                         {"TUCO_EVENTS_GRPC", "[::1]:7"},
                                         {"TUCO_EVENTS_ADMIN", "unix:/a"},
                                         {"TUCO_EVENTS_DATA", "/data"},
                                         {"TUCO_EVENTS_LOG", "sqlite:/log"},
                                         {"TUCO_WEBHOOK_SECRET", "s3cret"}}));
  ASSERT_TRUE(settings.ok()) << settings.status();
  const absl::StatusOr<ServeConfig> config = Resolve({*settings});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->http.off());
  EXPECT_EQ(config->grpc.ToString(), "[::1]:7");
  EXPECT_EQ(config->admin.ToString(), "unix:/a");
  EXPECT_EQ(config->data, "/data");
  EXPECT_EQ(config->log_directory, "/log");
  ASSERT_EQ(config->endpoints.size(), 1);
  EXPECT_EQ(config->endpoints[0].name, "tuco");
  EXPECT_EQ(config->endpoints[0].secrets[0].env, "TUCO_WEBHOOK_SECRET");
}

TEST(ServeConfigTest, NamesTheVariableThatIsWrong) {
  const auto settings =
      SettingsFromEnvironment(Variables({{"TUCO_EVENTS_GRPC", "nowhere"}}));
  EXPECT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(FromAbsl(settings.status().message())),
              HasSubstr("TUCO_EVENTS_GRPC"));
}

TEST(ServeConfigTest, TheFilesEndpointsAreTheWholeTruth) {
  const absl::StatusOr<Settings> environment = SettingsFromEnvironment(
      Variables({{"TUCO_WEBHOOK_SECRET_FILE", "/secret"}}));
  ASSERT_TRUE(environment.ok());
  Settings file;
  file.endpoints.push_back({.name = "other", .workspaces = {}, .secrets = {}});
  const absl::StatusOr<ServeConfig> config =
      Resolve({Settings(), *environment, file});
  ASSERT_TRUE(config.ok());
  ASSERT_EQ(config->endpoints.size(), 1);
  EXPECT_EQ(config->endpoints[0].name, "other");
}

TEST(ServeConfigTest, KnowsOneKindOfLogOnly) {
  for (const char* url : {"postgres:x", "sqlite:", "data", ""}) {
    Settings settings;
    settings.log_url = url;
    EXPECT_EQ(Resolve({settings}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << url;
  }
}

TEST(ServeConfigTest, GrpcForOtherMachinesMustBeAskedFor) {
  for (const char* address : {"0.0.0.0:50051", "[::]:1", "10.1.2.3:1"}) {
    Settings settings;
    settings.grpc = base::ParseNetAddress(address).value();
    EXPECT_EQ(Resolve({settings}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << address;
    settings.grpc_insecure_bind = true;
    EXPECT_TRUE(Resolve({settings}).ok()) << address;
  }
}

TEST(ServeConfigTest, OpensGrpcToClientsWithACertificate) {
  Settings settings;
  settings.grpc = base::ParseNetAddress("0.0.0.0:1").value();
  settings.grpc_tls_cert = "server.pem";
  settings.grpc_tls_key = "server.key";
  // Strangers could shake hands and then be as costly as without TLS.
  EXPECT_EQ(Resolve({settings}).status().code(),
            absl::StatusCode::kInvalidArgument);
  settings.grpc_tls_client_ca = "ca.pem";
  const absl::StatusOr<ServeConfig> config = Resolve({settings});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->grpc_tls, (base::TlsPaths{.certificate = "server.pem",
                                              .key = "server.key",
                                              .authorities = "ca.pem"}));
}

TEST(ServeConfigTest, RefusesPartsOfACertificate) {
  Settings certificate;
  certificate.grpc_tls_cert = "server.pem";
  Settings key;
  key.grpc_tls_key = "server.key";
  Settings authorities;
  authorities.grpc_tls_client_ca = "ca.pem";
  for (const Settings& settings : {certificate, key, authorities}) {
    EXPECT_EQ(Resolve({settings}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tuco::app
