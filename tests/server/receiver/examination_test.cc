#include "server/receiver/examination.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tuco/signature_verifier.h"

namespace tuco::receiver {
namespace {

constexpr char kFirst[] = "whsec_first_0123456789";
constexpr char kSecond[] = "whsec_second_012345678";
constexpr std::size_t kBodyBytesMax = 1024;

std::string Body(int number) {
  return R"({"event":"message.sent","data":{"messageId":"msg_)" +
         std::to_string(number) + R"("}})";
}

class ExaminationTest : public ::testing::Test {
 protected:
  using Results = std::vector<std::variant<Event, Reason>>;

  // Adds a delivery of `body` whose signature is that of `signed_text`.
  Candidate& Add(const std::string& body, const std::string& signed_text,
                 std::string_view secret,
                 std::optional<std::string_view> endpoint = std::nullopt) {
    Candidate& candidate = candidates_.emplace_back();
    candidate.delivery.body = texts_.emplace_back(body);
    candidate.delivery.signatures = 1;
    candidate.delivery.signature =
        texts_.emplace_back(Sign(signed_text, secret).value());
    candidate.endpoint = endpoint;
    return candidate;
  }
  Candidate& AddGenuine(
      const std::string& body, std::string_view secret = kFirst,
      std::optional<std::string_view> endpoint = std::nullopt) {
    return Add(body, body, secret, endpoint);
  }

  Results ExamineAll() const {
    return Examine(candidates_, endpoints_, kBodyBytesMax);
  }
  Results ExamineOneByOne() const {
    Results results;
    for (const Candidate& candidate : candidates_) {
      results.push_back(
          Examine({&candidate, 1}, endpoints_, kBodyBytesMax).front());
    }
    return results;
  }

  static std::string EndpointOf(const std::variant<Event, Reason>& result) {
    const Event* const event = std::get_if<Event>(&result);
    return event == nullptr ? "rejected" : event->endpoint;
  }

  const Endpoints endpoints_ =
      Endpoints::Create(
          {{.name = "one", .secrets = {{"main", kFirst}}},
           {.name = "two", .secrets = {{"a", kSecond}, {"b", kFirst}}},
           {.name = "raw",
            .secrets = {{"main", kSecond}},
            .mode = VerifyMode::kRaw}})
          .value();
  std::deque<std::string> texts_;  // What the candidates refer to.
  std::vector<Candidate> candidates_;
};

TEST_F(ExaminationTest, NothingIsAnsweredWithNothing) {
  EXPECT_TRUE(ExamineAll().empty());
}

TEST_F(ExaminationTest, AnswersInOrder) {
  for (int i = 0; i < 200; ++i) {
    AddGenuine(Body(i), i % 3 == 0 ? kSecond : kFirst);
  }
  const Results results = ExamineAll();
  ASSERT_EQ(results.size(), 200);
  for (int i = 0; i < 200; ++i) {
    const Event* const event = std::get_if<Event>(&results[i]);
    ASSERT_NE(event, nullptr) << i;
    EXPECT_EQ(event->message.id, "msg_" + std::to_string(i));
    EXPECT_EQ(event->endpoint, i % 3 == 0 ? "two" : "one");
  }
}

TEST_F(ExaminationTest, AnEndpointTriesItsOwnSecretsOnly) {
  AddGenuine(Body(1), kFirst, "one");
  AddGenuine(Body(1), kFirst, "two");
  AddGenuine(Body(1), kFirst, "raw");
  AddGenuine(Body(1), kSecond, "one");
  AddGenuine(Body(1), kSecond, "raw");
  AddGenuine(Body(1), kFirst, "none");
  const Results results = ExamineAll();
  EXPECT_EQ(EndpointOf(results[0]), "one");
  EXPECT_EQ(EndpointOf(results[1]), "two");
  EXPECT_EQ(std::get<Event>(results[1]).secret_name, "b");
  EXPECT_EQ(std::get<Reason>(results[2]), Reason::kSignatureMismatch);
  EXPECT_EQ(std::get<Reason>(results[3]), Reason::kSignatureMismatch);
  EXPECT_EQ(EndpointOf(results[4]), "raw");
  EXPECT_EQ(std::get<Reason>(results[5]), Reason::kEndpointUnknown);
}

TEST_F(ExaminationTest, TheFirstEndpointThatMatchesIsNamed) {
  AddGenuine(Body(1), kFirst);
  AddGenuine(Body(1), kSecond);
  const Results results = ExamineAll();
  EXPECT_EQ(EndpointOf(results[0]), "one");
  EXPECT_EQ(EndpointOf(results[1]), "two");
}

TEST_F(ExaminationTest, EveryEndpointHasItsMode) {
  Add(Body(1) + " ", Body(1), kSecond, "two");
  Add(Body(1) + " ", Body(1), kSecond, "raw");
  const Results results = ExamineAll();
  EXPECT_EQ(std::get<Event>(results[0]).verified_form,
            VerifiedForm::kCanonical);
  EXPECT_EQ(std::get<Reason>(results[1]), Reason::kSignatureMismatch);
}

TEST_F(ExaminationTest, EveryEndpointHasItsLimit) {
  const std::string body = Body(1) + std::string(200, ' ');
  AddGenuine(body, kSecond, "small");
  AddGenuine(body, kSecond);
  const Endpoints endpoints =
      Endpoints::Create({{.name = "small",
                          .secrets = {{"main", kSecond}},
                          .body_bytes_max = body.size() - 1},
                         {.name = "large", .secrets = {{"main", kSecond}}}})
          .value();
  const Results results = Examine(candidates_, endpoints, kBodyBytesMax);
  EXPECT_EQ(std::get<Reason>(results[0]), Reason::kBodyTooLarge);
  EXPECT_EQ(EndpointOf(results[1]), "large");
}

TEST_F(ExaminationTest, SaysWhyNot) {
  Add(Body(1), "another", kFirst);
  AddGenuine(Body(2)).delivery.signatures = 0;
  AddGenuine(Body(3)).delivery.signatures = 2;
  AddGenuine(Body(4)).delivery.signature = "abc";
  AddGenuine(std::string(kBodyBytesMax + 1, ' '));
  AddGenuine(std::string(kBodyBytesMax, ' '));
  const Results results = ExamineAll();
  EXPECT_EQ(std::get<Reason>(results[0]), Reason::kSignatureMismatch);
  EXPECT_EQ(std::get<Reason>(results[1]), Reason::kSignatureMissing);
  EXPECT_EQ(std::get<Reason>(results[2]), Reason::kSignatureRepeated);
  EXPECT_EQ(std::get<Reason>(results[3]), Reason::kSignatureMalformed);
  EXPECT_EQ(std::get<Reason>(results[4]), Reason::kBodyTooLarge);
  EXPECT_EQ(EndpointOf(results[5]), "one");
}

TEST_F(ExaminationTest, NeighboursChangeNoAnswer) {
  const std::vector<std::optional<std::string_view>> endpoints = {
      std::nullopt, "one", "two", "raw", "none"};
  for (int i = 0; i < 300; ++i) {
    const std::string_view secret = i % 2 == 0 ? kFirst : kSecond;
    const auto endpoint = endpoints[i % endpoints.size()];
    const std::string body = Body(i) + std::string(i % 5 == 0 ? i : 0, '\n');
    Candidate& candidate = i % 7 == 0 ? Add(body, Body(i), secret, endpoint)
                                      : AddGenuine(body, secret, endpoint);
    if (i % 11 == 0) candidate.delivery.signatures = i % 3;
    if (i % 13 == 0) candidate.delivery.signature = "no signature";
    if (i % 3 == 0) candidate.delivery.event_header = "message.reply";
    if (i % 17 == 0) candidate.delivery.timestamp_header = "yesterday";
  }
  AddGenuine(std::string(kBodyBytesMax + 1, ' '));
  EXPECT_EQ(ExamineAll(), ExamineOneByOne());
}

}  // namespace
}  // namespace tuco::receiver
