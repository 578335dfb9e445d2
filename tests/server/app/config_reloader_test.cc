#include "server/app/config_reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "server/app/config_file.h"
#include "server/base/metrics.h"
#include "tests/server/base/fake_clock.h"
#include "tests/server/base/temporary_directory.h"

namespace tuco::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kEndpoint[] = R"(
[[endpoint]]
name = "tuco"
[[endpoint.secret]]
name = "main"
env = "SECRET"
)";

ServeConfig Configured(const std::string& text) {
  return Resolve({{}, {}, ParseConfig(text + kEndpoint, "file").value()})
      .value();
}

// A server that is told by a file of one line, and takes or refuses it.
class ConfigReloaderTest : public ::testing::Test {
 protected:
  ConfigReloaderTest() { Write(""); }

  void Write(const std::string& line) { std::ofstream(path_) << line; }

  absl::StatusOr<ServePlan> Read(base::FileWatch& watch) {
    watch.Add(path_);
    std::ifstream file(path_);
    std::string line;
    std::getline(file, line);
    if (line == "bad") return absl::InvalidArgumentError("a bad file");
    return ServePlan{
        Configured(line),
        {{},
         receiver::Endpoints::Create(
             {{.name = "tuco", .secrets = {{"main", "whsec_0123456789abc"}}}})
             .value()}};
  }

  ConfigReloader Start() {
    base::FileWatch watch;
    ServeConfig config = Read(watch)->config;
    return ConfigReloader(
        std::move(config), std::move(watch),
        [this](base::FileWatch& files) { return Read(files); },
        [this](const ServeConfig& taken, const receiver::Endpoints&) {
          if (refusal_.ok()) body_bytes_max_.push_back(taken.body_bytes_max);
          return refusal_;
        },
        clock_, metrics_);
  }

  // Polls until what was written has settled.
  static void Settle(ConfigReloader& reloader) {
    reloader.Poll();
    reloader.Poll();
  }

  const base::TemporaryDirectory folder_;
  const std::string path_ = folder_ / "file";
  base::FakeClock clock_;
  base::Metrics metrics_;
  absl::Status refusal_;
  std::vector<std::size_t> body_bytes_max_;  // What the server has taken.
};

TEST_F(ConfigReloaderTest, ServerTakesWhatChanged) {
  ConfigReloader reloader = Start();
  Write("http.body_bytes_max = 2048");
  EXPECT_TRUE(reloader.Reload("SIGHUP").ok());
  EXPECT_THAT(body_bytes_max_, ElementsAre(2048));
}

TEST_F(ConfigReloaderTest, ReloadsOnceWhenAFileHasChanged) {
  ConfigReloader reloader = Start();
  Settle(reloader);
  EXPECT_THAT(body_bytes_max_, IsEmpty());
  Write("http.body_bytes_max = 2048");
  Settle(reloader);
  Settle(reloader);
  EXPECT_THAT(body_bytes_max_, ElementsAre(2048));
}

TEST_F(ConfigReloaderTest, ABadFileChangesNothingAndIsTriedAgainWhenItChanges) {
  ConfigReloader reloader = Start();
  Write("bad");
  Settle(reloader);
  EXPECT_THAT(body_bytes_max_, IsEmpty());
  EXPECT_THAT(metrics_.Scrape(), HasSubstr("\ntuco_config_reload_success 0\n"));
  Settle(reloader);
  EXPECT_THAT(metrics_.Scrape(),
              HasSubstr("tuco_config_reloads_total{result=\"failed\"} 1"));
  Write("http.body_bytes_max = 4096");
  Settle(reloader);
  EXPECT_THAT(body_bytes_max_, ElementsAre(4096));
  EXPECT_THAT(metrics_.Scrape(), HasSubstr("\ntuco_config_reload_success 1\n"));
}

TEST_F(ConfigReloaderTest, WhatThePartsRefuseIsAFailure) {
  ConfigReloader reloader = Start();
  refusal_ = absl::InvalidArgumentError("a certificate that is none");
  Write("http.body_bytes_max = 2048");
  EXPECT_EQ(reloader.Reload("SIGHUP"), refusal_);
  EXPECT_THAT(metrics_.Scrape(), HasSubstr("\ntuco_config_reload_success 0\n"));
}

TEST_F(ConfigReloaderTest, TellsWhenWhatIsInForceWasPutThere) {
  clock_.Set(Timestamp(std::chrono::seconds(1'000)));
  ConfigReloader reloader = Start();
  const std::string name = "\ntuco_config_reload_timestamp_seconds ";
  EXPECT_THAT(metrics_.Scrape(), HasSubstr(name + "1000\n"));
  clock_.Advance(std::chrono::seconds(60));
  Write("bad");
  EXPECT_FALSE(reloader.Reload("SIGHUP").ok());
  EXPECT_THAT(metrics_.Scrape(), HasSubstr(name + "1000\n"));
  Write("");
  EXPECT_TRUE(reloader.Reload("SIGHUP").ok());
  EXPECT_THAT(metrics_.Scrape(), HasSubstr(name + "1060\n"));
}

TEST(SettingsThatNeedARestart, AreThoseThatDifferButForWhatIsTaken) {
  const ServeConfig before = Configured("http.body_bytes_max = 2048");
  EXPECT_THAT(SettingsThatNeedARestart(before, before), IsEmpty());
  EXPECT_THAT(SettingsThatNeedARestart(
                  before, Configured("grpc.listen = \"off\"\n"
                                     "duplicates.window_days = 7\n"
                                     "http.body_bytes_max = 4096")),
              ElementsAre("grpc.listen", "duplicates.window_days"));
}

}  // namespace
}  // namespace tuco::app
