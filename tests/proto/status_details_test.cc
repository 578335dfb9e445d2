#include "proto/status_details.h"

#include <gtest/gtest.h>

#include "google/rpc/status_details.pb.h"

namespace tuco::proto {
namespace {

google::rpc::Status Parse(const std::string& bytes) {
  google::rpc::Status status;
  EXPECT_TRUE(status.ParseFromString(bytes));
  return status;
}

TEST(StatusDetailsTest, AFieldViolationNamesTheField) {
  const absl::Status status = FieldViolation("max_batch_events", "expected 1");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const google::rpc::Status message = Parse(SerializeDetails(status));
  EXPECT_EQ(message.code(), 3);
  EXPECT_EQ(message.message(), "max_batch_events: expected 1");
  ASSERT_EQ(message.details_size(), 1);
  google::rpc::BadRequest bad_request;
  ASSERT_TRUE(message.details(0).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "max_batch_events");
  EXPECT_EQ(bad_request.field_violations(0).description(), "expected 1");
}

TEST(StatusDetailsTest, AnErrorInfoCarriesItsMetadata) {
  absl::Status status = absl::OutOfRangeError("past the head");
  AddErrorInfo("POSITION_OUT_OF_RANGE", {{"head", "7"}}, status);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(Parse(SerializeDetails(status)).details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "POSITION_OUT_OF_RANGE");
  EXPECT_EQ(info.domain(), "tuco.events.v1");
  EXPECT_EQ(info.metadata().at("head"), "7");
}

TEST(StatusDetailsTest, AStatusWithoutDetailsHasNoTrailer) {
  EXPECT_EQ(SerializeDetails(absl::DataLossError("x")), "");
}

}  // namespace
}  // namespace tuco::proto
