// Keeps what docs/log_format.md says of the spool true.

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/base/posix_file_system.h"
#include "server/log/high_water_mark.h"
#include "server/log/spool.h"
#include "tests/server/base/temporary_directory.h"
#include "tests/server/log/spool_samples.h"

namespace tuco::log {
namespace {

using ::testing::ElementsAre;

// The lines of the example, without their offsets.
constexpr char kExample[] =
    "5455434f53504f4c0100000000000000"
    "00000000000000009100000066d27e6a"
    "e03c9c8301000102030405060708090a"
    "0b0c0d0e0f101112131415161718191a"
    "1b1c1d1e1fababababababababababab"
    "abababababababababababababababab"
    "abababababa0768c747e4f060010948b"
    "747e4f06000200000004000000747563"
    "6f0c0000006d6573736167652e73656e"
    "74020000007731ffffffffffffffffff"
    "ffffffffffffffffffffff0000000002"
    "0000007b7d";

Record ExampleRecord() {
  Record record;
  for (std::size_t i = 0; i < record.duplicate_key.size(); ++i) {
    record.duplicate_key[i] = static_cast<std::uint8_t>(i);
  }
  record.signature.fill(0xab);
  record.received_at =
      Timestamp(std::chrono::microseconds(1'776'254'400'100'000));
  record.occurred_at =
      Timestamp(std::chrono::microseconds(1'776'254'400'042'000));
  record.flags = {Flag::kTest};
  record.endpoint = "tuco";
  record.type_name = "message.sent";
  record.workspace_id = "w1";
  record.body = "{}";
  return record;
}

std::string BytesOf(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class SpoolFormatTest : public ::testing::Test {
 protected:
  std::unique_ptr<Spool> Open() {
    return Spool::Open({.directory = parent_ / "spool", .files = files_})
        .value();
  }
  std::string Bytes(const std::string& name) {
    return BytesOf(parent_ / "spool/" + name);
  }

  base::TemporaryDirectory parent_;
  base::PosixFileSystem files_;
};

TEST_F(SpoolFormatTest, ExampleHasTheDocumentedBytes) {
  const auto spool = Open();
  ASSERT_TRUE(Append(*spool, {ExampleRecord()}).ok());
  EXPECT_EQ(absl::BytesToHexString(Bytes("000000000000001.spool")), kExample);
}

TEST_F(SpoolFormatTest, DocumentedBytesAreTheExample) {
  Open();
  std::ofstream(parent_ / "spool/000000000000001.spool", std::ios::binary)
      << absl::HexStringToBytes(kExample);
  EXPECT_THAT(ReadAll(*Open()).value().records, ElementsAre(ExampleRecord()));
}

TEST_F(SpoolFormatTest, MarkSaysWhatWasAcknowledgedAndWhatWasMerged) {
  const auto spool = Open();
  ASSERT_TRUE(Append(*spool, Samples(1, 7)).ok());
  ASSERT_TRUE(ReadAll(*spool).ok());
  ASSERT_TRUE(spool->Discard(3).ok());
  EXPECT_EQ(DecodeMark(Bytes("mark")), (Mark{.epoch = 7, .sequence = 3}));
  EXPECT_EQ(Bytes("mark").size(), 1'024u);
}

TEST_F(SpoolFormatTest, EachFrameSaysWhatHadBeenAcknowledged) {
  const auto spool = Open();
  ASSERT_TRUE(Append(*spool, Samples(1, 2)).ok());
  ASSERT_TRUE(Append(*spool, Samples(3, 2)).ok());
  const std::string bytes = Bytes("000000000000001.spool");
  std::vector<std::pair<int, int>> found;
  for (std::size_t at = bytes.find("TUCOSPOL"); at != std::string::npos;
       at = bytes.find("TUCOSPOL", at + 1)) {
    found.emplace_back(bytes[at + 8], bytes[at + 16]);
  }
  EXPECT_THAT(found, ElementsAre(std::pair(1, 0), std::pair(2, 0),
                                 std::pair(3, 2), std::pair(4, 2)));
}

}  // namespace
}  // namespace tuco::log
