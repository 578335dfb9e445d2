// Every vector in tests/data/vectors gives here what it gives in Python
// (tests/python/test_vectors.py): the same verdict, and the same event in
// protobuf's own JSON.

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "proto/event_codec.h"
#include "tuco/event_parser.h"
#include "tuco/signature_verifier.h"

namespace tuco {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::util::JsonStringToMessage;

std::string ReadFile(const std::string& name) {
  const char* data = std::getenv("TUCO_TEST_DATA");
  std::ifstream file(std::string(data == nullptr ? "tests/data" : data) +
                     "/vectors/" + name);
  EXPECT_TRUE(file.good()) << name;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

const Struct& Member(const Struct& object, const std::string& name) {
  return object.fields().at(name).struct_value();
}

std::string Text(const Struct& object, const std::string& name) {
  return object.fields().at(name).string_value();
}

// protobuf reads base64 itself, where a field is of bytes.
std::string FromBase64(const std::string& text) {
  events::v1::Event event;
  EXPECT_TRUE(JsonStringToMessage("{\"body\":\"" + text + "\"}", &event).ok());
  return event.body();
}

std::string Body(const Struct& delivery) {
  return delivery.fields().contains("body")
             ? Text(delivery, "body")
             : FromBase64(Text(delivery, "bodyBase64"));
}

std::string ExpectedEvent(const Struct& result) {
  events::v1::Event event;
  EXPECT_TRUE(
      JsonStringToMessage(proto::ToJson(Member(result, "event")), &event).ok());
  return proto::ToJson(event);
}

void ExpectResult(const Struct& delivery, const Struct& result) {
  const std::string body = Body(delivery);
  const auto verifier =
      SignatureVerifier::Create({{"main", Text(delivery, "secret")}}).value();
  const Verdict verdict = verifier.Verify(
      body, Text(Member(delivery, "headers"), "x-tuco-signature"));
  ASSERT_EQ(verdict.genuine(), result.fields().at("genuine").bool_value());
  if (verdict.genuine()) {
    const Event event = ParseEvent(verdict.delivery());
    EXPECT_EQ(proto::ToJson(proto::ToProto(event)), ExpectedEvent(result));
  } else {
    EXPECT_EQ(ReasonName(verdict.reason()), Text(result, "reason"));
  }
}

class VectorsTest : public testing::TestWithParam<const char*> {};

TEST_P(VectorsTest, VerdictAndEventAreTheVectors) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a Struct has other members under ThreadSanitizer, which the "
                  "distribution's Protobuf was built without";
#endif
  ListValue vectors;
  ASSERT_TRUE(JsonStringToMessage(ReadFile(GetParam()), &vectors).ok());
  ASSERT_GT(vectors.values_size(), 0);
  for (const auto& vector : vectors.values()) {
    const Struct& delivery = Member(vector.struct_value(), "delivery");
    SCOPED_TRACE(Text(delivery, "name"));
    ExpectResult(delivery, Member(vector.struct_value(), "result"));
  }
}

INSTANTIATE_TEST_SUITE_P(AllFiles, VectorsTest,
                         testing::Values("samples.json", "signatures.json",
                                         "bodies.json", "canonical.json",
                                         "shapes.json", "sources.json",
                                         "spellings.json"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace tuco
