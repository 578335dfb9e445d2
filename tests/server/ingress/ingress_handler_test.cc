#include "server/ingress/ingress_handler.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/log/event_log.h"
#include "tests/server/base/fake_clock.h"

namespace tuco::ingress {
namespace {

class IngressHandlerTest : public ::testing::Test {
 protected:
  IngressHandlerTest()
      : log_(log::MakeMemoryLog(clock_)),
        endpoints_(receiver::Endpoints::Create(
                       {{.name = "tuco",
                         .secrets = {{"main", "whsec_0123456789abcdef"}},
                         .workspaces = {}}})
                       .value()),
        committer_(log::Committer::Start(*log_, {}, [](auto) {})),
        quarantine_(receiver::Quarantine::Create(endpoints_, *log_, *committer_,
                                                 clock_, metrics_)),
        receiver_(endpoints_, *committer_, *quarantine_, clock_, metrics_,
                  1024),
        handler_(receiver_, metrics_) {}

  // The status of the refusal, 0 when the request is let in.
  int Admit(std::string_view method, std::string_view path,
            std::vector<http::Header> headers = {}) {
    http::RequestHead head;
    head.method = method;
    head.path = path;
    head.headers = headers;
    refusal_ = handler_.Admit(head);
    return refusal_.has_value() ? refusal_->status : 0;
  }

  base::FakeClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<log::EventLog> log_;
  receiver::CurrentEndpoints endpoints_;
  std::unique_ptr<log::Committer> committer_;
  std::unique_ptr<receiver::Quarantine> quarantine_;
  receiver::Receiver receiver_;
  IngressHandler handler_;
  std::optional<http::Response> refusal_;
};

TEST_F(IngressHandlerTest, LetsDeliveriesAndHealthChecksIn) {
  EXPECT_EQ(Admit("POST", "/webhooks/tuco"), 0);
  EXPECT_EQ(Admit("GET", "/healthz"), 0);
  EXPECT_EQ(Admit("HEAD", "/healthz"), 0);
}

TEST_F(IngressHandlerTest, KnowsNoOtherPath) {
  for (const std::string_view path :
       {"/", "/webhooks", "/webhooks/", "/webhooks/nobody", "/webhooks/tuco/",
        "/webhooks/tuco/x", "/WEBHOOKS/tuco", "//webhooks/tuco", "*"}) {
    EXPECT_EQ(Admit("POST", path), 404) << path;
  }
}

TEST_F(IngressHandlerTest, SaysWhichMethodIsAllowed) {
  EXPECT_EQ(Admit("GET", "/webhooks/tuco"), 405);
  ASSERT_EQ(refusal_->headers.size(), 1);
  EXPECT_EQ(refusal_->headers[0].name, "Allow");
  EXPECT_EQ(refusal_->headers[0].value, "POST");
  EXPECT_EQ(Admit("POST", "/healthz"), 405);
  EXPECT_EQ(refusal_->headers[0].value, "GET, HEAD");
}

TEST_F(IngressHandlerTest, TakesEverySpellingOfIdentity) {
  for (const std::string_view codings :
       {"identity", "Identity", "", "identity, IDENTITY", "identity,,"}) {
    EXPECT_EQ(Admit("POST", "/webhooks/tuco", {{"content-encoding", codings}}),
              0)
        << codings;
  }
}

TEST_F(IngressHandlerTest, RefusesEncodedBodies) {
  EXPECT_EQ(
      Admit("POST", "/webhooks/tuco", {{"content-encoding", "identity, gzip"}}),
      415);
  EXPECT_EQ(Admit("POST", "/webhooks/tuco", {{"content-encoding", "gzip"}}),
            415);
  EXPECT_EQ(
      Admit("POST", "/webhooks/tuco",
            {{"content-encoding", "identity"}, {"content-encoding", "br"}}),
      415);
}

TEST_F(IngressHandlerTest, CountsWhatItRefuses) {
  Admit("POST", "/");
  Admit("POST", "/");
  handler_.OnRefused(408);
  handler_.OnRefused(599);
  const std::string metrics = metrics_.Scrape();
  const auto has = [&metrics](const std::string& line) {
    return metrics.find("tuco_http_responses_total{" + line) !=
           std::string::npos;
  };
  EXPECT_TRUE(has("code=\"404\",listener=\"http\"} 2")) << metrics;
  EXPECT_TRUE(has("code=\"408\",listener=\"http\"} 1"));
  EXPECT_TRUE(has("code=\"other\",listener=\"http\"} 1"));
}

}  // namespace
}  // namespace tuco::ingress
