// Properties over random bodies.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "sample_deliveries.h"
#include "tuco/event_parser.h"
#include "tuco/internal/json_reader.h"
#include "tuco/internal/utf8.h"

namespace tuco {
namespace {

using internal::JsonKind;
using internal::JsonReader;

bool IsText(const std::optional<std::string>& text) {
  return !text.has_value() || internal::IsWellFormedUtf8(*text);
}

// What holds for any event of any bytes.
void CheckEvent(const Event& event) {
  const Message& message = event.message;
  for (const auto* text :
       {&message.id, &message.text, &message.status, &message.line_id,
        &event.contact.phone, &event.contact.first_name, &event.campaign.name,
        &event.crm.hs_portal_id, &event.workspace_id, &event.extra_json}) {
    ASSERT_TRUE(IsText(*text));
  }
  ASSERT_TRUE(IsText(event.type_name) && IsText(event.idempotency_key));
  ASSERT_EQ(event.occurred_at.has_value(),
            !event.flags.Has(Flag::kNoTimestamp));
  if (!event.extra_json) return;
  JsonReader extra;
  ASSERT_TRUE(extra.Parse(*event.extra_json)) << *event.extra_json;
  ASSERT_EQ(extra[0].kind, JsonKind::kObject);
  ASSERT_GT(extra.size(), 1u);
}

TEST(EventParserRandomTest, SurvivesMutatedSamples) {
  std::mt19937 random(2026);
  const auto samples = ReadSampleDeliveries();
  for (int round = 0; round < 30000; ++round) {
    std::string body = samples[random() % samples.size()].body;
    for (unsigned edits = random() % 6; edits > 0; --edits) {
      const std::size_t at = random() % body.size();
      switch (random() % 3) {
        case 0:
          body[at] = static_cast<char>(random());
          break;
        case 1:
          body.erase(at, random() % 4);
          break;
        default:
          body.insert(at, body.substr(random() % body.size(), 20));
      }
      if (body.empty()) body = "{}";
    }
    ASSERT_NO_FATAL_FAILURE(CheckEvent(ParseUnverified(body))) << body;
  }
}

// Makes bodies out of known objects, known keys with values of any type, and
// unknown keys that are unique.
class BodyMaker {
 public:
  explicit BodyMaker(std::uint32_t seed) : random_(seed) {}

  std::string Make() { return Object("", 0); }
  // Paths and values of the unknown members, as `/data/u1` and `[1]`.
  const std::vector<std::pair<std::string, std::string>>& unknown() const {
    return unknown_;
  }

 private:
  const char* Pick(const std::vector<const char*>& list) {
    return list[random_() % list.size()];
  }

  std::string Value() {
    return Pick({"null", "true", "7", "\"x\"", "\"y\"", "[]", "[\"a\"]", "{}",
                 "\"2026-01-01T00:00:00Z\"", "[{\"messageId\":\"p\"}]",
                 "[{\"q\":1}]", "1.0e0", "\"\\ud83d\"", "{ \"z\" : [ 1 ] }"});
  }

  std::string Object(const std::string& path, int depth) {
    std::string members;
    const auto add = [&](const std::string& key, const std::string& value) {
      members += (members.empty() ? "\"" : ",\"") + key + "\":" + value;
    };
    for (const char* key :
         {"messageId", "message", "_id", "status", "sentAt", "stepIndex",
          "phone", "parentMessages", "attachmentUrls", "testMode", "to"}) {
      if (random_() % 3 == 0) add(key, Value());
    }
    for (unsigned count = random_() % 4; count > 0; --count) {
      const std::string key = "u" + std::to_string(unknown_.size());
      const std::string value = Value();
      unknown_.emplace_back(path, value);
      unknown_.back().first.append("/").append(key);
      add(key, value);
    }
    if (depth == 0) {
      for (const char* key : {"data", "lead", "originalMessage"}) {
        if (random_() % 2) add(key, Object(path + "/" + key, 1));
      }
    }
    if (path == "/data" && random_() % 2) {
      add("reply", Object("/data/reply", 2));
    }
    return "{" + members + "}";
  }

  std::mt19937 random_;
  std::vector<std::pair<std::string, std::string>> unknown_;
};

// The value at a path like `/data/u1`, as spelt; empty when it is not there.
std::string At(const JsonReader& json, std::string_view path) {
  std::uint32_t node = 0;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view key = path.substr(0, path.find('/'));
    path.remove_prefix(key.size());
    std::uint32_t i = node + 1;
    while (i < json[node].next && json.Key(json[i]) != key) i = json[i].next;
    if (i >= json[node].next) return {};
    node = i;
  }
  return std::string(json.Raw(json[node]));
}

TEST(EventParserRandomTest, KeepsEveryUnknownMemberInItsPlace) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    BodyMaker maker(seed);
    const std::string body = maker.Make();
    const Event event = ParseUnverified(body);
    ASSERT_FALSE(event.flags.Has(Flag::kParseError)) << body;
    ASSERT_NO_FATAL_FAILURE(CheckEvent(event)) << body;
    const std::string extra_json = event.extra_json.value_or("{}");
    JsonReader extra;
    ASSERT_TRUE(extra.Parse(extra_json));
    for (const auto& [path, value] : maker.unknown()) {
      ASSERT_EQ(At(extra, path), value) << path << " of " << body;
    }
  }
}

// What is in extra_json is in the body, at the same place and spelt alike.
TEST(EventParserRandomTest, InventsNothing) {
  for (std::uint32_t seed = 0; seed < 5000; ++seed) {
    const std::string body = BodyMaker(seed).Make();
    const Event event = ParseUnverified(body);
    if (!event.extra_json) continue;
    JsonReader source;
    JsonReader extra;
    ASSERT_TRUE(source.Parse(body) && extra.Parse(*event.extra_json));
    for (std::uint32_t i = 1; i < extra[0].next; i = extra[i].next) {
      const std::string path = "/" + std::string(extra.Key(extra[i]));
      const bool known_object = path == "/data" || path == "/message" ||
                                path == "/lead" || path == "/originalMessage";
      if (known_object) continue;
      ASSERT_EQ(At(source, path), extra.Raw(extra[i])) << body;
    }
  }
}

}  // namespace
}  // namespace tuco
