// Records for tests that do not care what is in them.

#ifndef TUCO_TESTS_SERVER_STREAM_RECORDS_H_
#define TUCO_TESTS_SERVER_STREAM_RECORDS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/event_writer.h"
#include "server/log/event_log.h"
#include "server/log/record.h"
#include "tuco/event_id.h"

namespace tuco::testing {

// The `n`th of as many different records as one likes.
inline log::Record MakeRecord(std::uint64_t n,
                              const std::string& type_name = "message.sent",
                              const std::string& workspace = "org_1") {
  log::Record record;
  record.body = "body " + std::to_string(n);
  record.duplicate_key = DuplicateKey("tuco", record.body);
  record.endpoint = "tuco";
  record.type_name = type_name;
  record.workspace_id = workspace;
  Event event;
  event.event_id = EventId(record.duplicate_key);
  event.type = EventTypeFromName(type_name);
  event.type_name = type_name;
  event.endpoint = "tuco";
  event.workspace_id = workspace;
  record.event = proto::SerializeForLog(event);
  return record;
}

// Appends `record` as one batch; the record with its sequence.
inline log::RecordPtr AppendTo(log::EventLog& log, log::Record record) {
  auto appended = std::make_shared<log::Record>(std::move(record));
  log::Record* const batch[] = {appended.get()};
  EXPECT_TRUE(log.Append(batch).ok());
  return appended;
}

}  // namespace tuco::testing

#endif  // TUCO_TESTS_SERVER_STREAM_RECORDS_H_
