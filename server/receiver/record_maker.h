// From an event to the record that the log keeps.

#ifndef TUCO_SERVER_RECEIVER_RECORD_MAKER_H_
#define TUCO_SERVER_RECEIVER_RECORD_MAKER_H_

#include <memory>

#include "server/log/record.h"
#include "tuco/event.h"
#include "tuco/signature_verifier.h"

namespace tuco::receiver {

// The record of `event`, which was read from `verified` and has a time of
// arrival; with what is news in it, which nothing in an archive is. Takes the
// event apart.
std::shared_ptr<log::Record> MakeRecord(Event event,
                                        const VerifiedDelivery& verified);

// Makes of a record that was spooled before it came into the log what it is
// there: late, and by way of the spool. What is news in it, the spool does not
// keep: it is found once more.
void MarkSpooled(log::Record& record);

}  // namespace tuco::receiver

#endif  // TUCO_SERVER_RECEIVER_RECORD_MAKER_H_
