#include "server/cli/stats_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using testing::HasSubstr;
using testing::Not;

// A status as protobuf's text format has it.
pb::ServerStatus Status(const std::string& text) {
  pb::ServerStatus status;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &status));
  return status;
}

TEST(StatsText, HasARowForEachThingToKnow) {
  EXPECT_EQ(StatusText(Status(R"(
      version: "0.1.0"
      started_at { seconds: 1776254400 }
      intake { state: INTAKE_STATE_TAKING queued: 1 }
      log {
        epoch: 2 head_sequence: 1048577 earliest_sequence: 3
        gaps { from_sequence: 5 to_sequence: 1048575 }
        database_bytes: 8192 wal_bytes: 100 free_bytes: 5368709120
        duplicate_keys: 6
        dedup_horizon { seconds: 1776254401 }
      }
      quarantine {
        verified: 1 verified_bytes: 300
        unverified: 2 unverified_bytes: 2048 settled: 3
      }
      spool { records: 4 bytes: 5000 losses: 2 }
      open_streams: 7
      endpoints {
        name: "tuco" secret_names: "main" secret_names: "next"
        revoked_secret_names: "old"
        last_received_at { seconds: 1776254402 } last_sequence: 1048577
        secrets {
          name: "main" state: SECRET_STATE_ACTIVE
          last_used_at { seconds: 1776254402 }
          verified_raw: 5 verified_canonical: 2
        }
        secrets { name: "next" state: SECRET_STATE_ACTIVE }
        secrets {
          name: "old" state: SECRET_STATE_REVOKED
          last_used_at { seconds: 1776254401 } verified_raw: 1
        }
      }
      endpoints { name: "other" secret_names: "main" }
      drift_names {
        kind: DRIFT_KIND_UNKNOWN_FIELD name: "data.newField"
        first_seen_at { seconds: 1776254403 }
      }
      drift_names {
        kind: DRIFT_KIND_NO_OBJECT first_seen_at { seconds: 1776254404 }
      })")),
            R"(version      0.1.0
started      2026-04-15T12:00:00.000Z
intake       TAKING
waiting      1 event
events       3 to 1048577, epoch 2
gap          5 to 1048575
disk         database 8.0 KiB, write-ahead log 100 B, free 5.0 GiB
duplicates   6 keys, forgotten through 2026-04-15T12:00:01.000Z
quarantine   1 verified (300 B), 2 unverified (2.0 KiB), 3 settled
spool        4 events, 4.9 KiB, 2 damaged places
streams      7
endpoint     tuco, secrets main next old (revoked), last event 1048577 at 2026-04-15T12:00:02.000Z
secret       tuco/main, last used 2026-04-15T12:00:02.000Z, 7 verified (2 canonical)
secret       tuco/next, not used
secret       tuco/old (revoked), last used 2026-04-15T12:00:01.000Z, 1 verified
endpoint     other, secrets main, no event
news         unknown field data.newField, first at 2026-04-15T12:00:03.000Z
news         no object, first at 2026-04-15T12:00:04.000Z
)");
}

TEST(StatsText, SaysWhatIsNotKnownYet) {
  EXPECT_EQ(StatusText(Status(R"(
      version: "0.1.0"
      started_at { seconds: 1776254400 }
      intake { state: INTAKE_STATE_READING_LOG reason: "keys are being read" }
      log { epoch: 1 earliest_sequence: 1 })")),
            R"(version      0.1.0
started      2026-04-15T12:00:00.000Z
intake       READING_LOG: keys are being read
waiting      0 events
events       none, epoch 1
duplicates   being read
streams      0
)");
}

TEST(StatsText, ShowsWhatItDoesNotKnowByItsNumber) {
  pb::ServerStatus status;
  status.mutable_intake()->set_state(static_cast<pb::IntakeState>(77));
  status.add_drift_names()->set_kind(static_cast<pb::DriftKind>(88));
  EXPECT_THAT(StatusText(status), HasSubstr("intake       77\n"));
  EXPECT_THAT(StatusText(status), HasSubstr("news         unknown kind, "));
}

TEST(StatsText, ARowCannotBeFaked) {
  pb::ServerStatus status;
  status.mutable_intake()->set_reason("a\nintake  TAKING\x1b[2J");
  status.add_drift_names()->set_name("b\nnews");
  status.add_endpoints()->set_name("c\nendpoint");
  for (const char* const line :
       {"\nintake  TAKING", "\nnews,", "\nendpoint,", "\x1b"}) {
    EXPECT_THAT(StatusText(status), Not(HasSubstr(line)));
  }
}

TEST(StatsText, BytesHaveTheUnitThatFits) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(1'023), "1023 B");
  EXPECT_EQ(BytesText(1'024), "1.0 KiB");
  EXPECT_EQ(BytesText(1'536), "1.5 KiB");
  EXPECT_EQ(BytesText(std::uint64_t{1} << 40), "1.0 TiB");
  EXPECT_EQ(BytesText(UINT64_MAX), "16.0 EiB");
}

}  // namespace
}  // namespace tuco::cli
