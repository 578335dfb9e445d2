#include "server/ingress/answer_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tuco::ingress {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = receiver::Answer::Kind;

receiver::Answer MakeAnswer(Kind kind) {
  receiver::Answer answer;
  answer.kind = kind;
  answer.event_id = "evt_00112233445566778899aabbccddeeff";
  answer.sequence = 42;
  return answer;
}

TEST(AnswerResponseTest, AcceptedIsTheDocumentedJson) {
  const http::Response response = ToResponse(MakeAnswer(Kind::kAccepted));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"status":"accepted","eventId":)"
            R"("evt_00112233445566778899aabbccddeeff","sequence":"42"})");
}

TEST(AnswerResponseTest, DuplicateIsTheDocumentedJson) {
  const http::Response response = ToResponse(MakeAnswer(Kind::kDuplicate));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"status":"duplicate","eventId":)"
            R"("evt_00112233445566778899aabbccddeeff","sequence":"42"})");
}

TEST(AnswerResponseTest, EveryForgeryGetsTheSameAnswer) {
  receiver::Answer answer = MakeAnswer(Kind::kRejected);
  answer.reason = Reason::kSignatureMismatch;
  const http::Response mismatch = ToResponse(answer);
  EXPECT_EQ(mismatch.status, 401);
  for (const Reason reason :
       {Reason::kSignatureMissing, Reason::kSignatureRepeated,
        Reason::kSignatureMalformed}) {
    answer.reason = reason;
    EXPECT_EQ(ToResponse(answer).status, 401);
    EXPECT_EQ(ToResponse(answer).body, mismatch.body);
  }
}

TEST(AnswerResponseTest, ASourceThatHadItsShareIsToldToSlowDown) {
  receiver::Answer answer = MakeAnswer(Kind::kRejected);
  answer.throttled = true;
  for (const Reason reason :
       {Reason::kSignatureMismatch, Reason::kEndpointUnknown,
        Reason::kEncodingUnsupported}) {
    answer.reason = reason;
    const http::Response response = ToResponse(answer);
    EXPECT_EQ(response.status, 429);
    ASSERT_EQ(response.headers.size(), 1);
    EXPECT_EQ(response.headers[0].name, "Retry-After");
  }
}

TEST(AnswerResponseTest, QuarantinedIsTheDocumentedJson) {
  receiver::Answer answer = MakeAnswer(Kind::kQuarantined);
  answer.quarantine_id = 7;
  const http::Response response = ToResponse(answer);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, R"({"status":"quarantined","quarantineId":"q_7"})");
}

TEST(AnswerResponseTest, WhatItsEndpointDoesNotTakeIsTooLarge) {
  receiver::Answer answer;
  answer.reason = Reason::kBodyTooLarge;
  EXPECT_EQ(ToResponse(answer).status, 413);
}

TEST(AnswerResponseTest, AnUnknownEndpointIsNotFound) {
  receiver::Answer answer = MakeAnswer(Kind::kRejected);
  answer.reason = Reason::kEndpointUnknown;
  EXPECT_EQ(ToResponse(answer).status, 404);
}

TEST(AnswerResponseTest, WhatIsNotKeptIsToBeSentAgain) {
  receiver::Answer answer = MakeAnswer(Kind::kUnavailable);
  answer.status = absl::ResourceExhaustedError("/var/lib/tuco is full");
  const http::Response response = ToResponse(answer);
  EXPECT_EQ(response.status, 503);
  ASSERT_EQ(response.headers.size(), 1);
  EXPECT_EQ(response.headers[0].name, "Retry-After");
  // Nothing about this machine leaves it.
  EXPECT_THAT(response.body, Not(HasSubstr("/var/lib")));
}

}  // namespace
}  // namespace tuco::ingress
