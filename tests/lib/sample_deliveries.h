// The sample deliveries in tests/data, read with our own reader.

#ifndef TUCO_TESTS_LIB_SAMPLE_DELIVERIES_H_
#define TUCO_TESTS_LIB_SAMPLE_DELIVERIES_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tuco/internal/json_reader.h"

namespace tuco {

struct SampleDelivery {
  std::string name;
  std::string shape;
  std::string secret;
  std::string signature;
  std::string body;
};

// The text of member `key` of the object at `object`; empty when it is not
// there.
inline std::string TextMember(const internal::JsonReader& json,
                              std::uint32_t object, std::string_view key) {
  std::string scratch;
  for (std::uint32_t i = object + 1; i < json[object].next; i = json[i].next) {
    if (json.Key(json[i]) != key) continue;
    if (json[i].kind == internal::JsonKind::kString) {
      return std::string(json.Text(json[i], scratch));
    }
    // `headers` is the one object in a line; its signature is all we need.
    return TextMember(json, i, "x-tuco-signature");
  }
  return {};
}

inline std::vector<SampleDelivery> ReadSampleDeliveries() {
  const char* data = std::getenv("TUCO_TEST_DATA");
  std::ifstream file(std::string(data == nullptr ? "tests/data" : data) +
                     "/deliveries.ndjson");
  EXPECT_TRUE(file.good());
  std::vector<SampleDelivery> deliveries;
  internal::JsonReader json;
  std::string line;
  while (std::getline(file, line)) {
    EXPECT_TRUE(json.Parse(line));
    deliveries.push_back(
        {TextMember(json, 0, "name"), TextMember(json, 0, "shape"),
         TextMember(json, 0, "secret"), TextMember(json, 0, "headers"),
         TextMember(json, 0, "body")});
  }
  EXPECT_FALSE(deliveries.empty());
  return deliveries;
}

inline SampleDelivery ReadSampleDelivery(std::string_view name) {
  for (SampleDelivery& delivery : ReadSampleDeliveries()) {
    if (delivery.name == name) return delivery;
  }
  ADD_FAILURE() << "no sample delivery " << name;
  return {};
}

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_SAMPLE_DELIVERIES_H_
