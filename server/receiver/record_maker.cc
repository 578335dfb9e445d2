#include "server/receiver/record_maker.h"

#include <utility>

#include "proto/event_codec.h"
#include "proto/event_writer.h"
#include "tuco/drift.h"
#include "tuco/events/v1/event.pb.h"

namespace tuco::receiver {

std::shared_ptr<log::Record> MakeRecord(Event event,
                                        const VerifiedDelivery& verified) {
  auto record = std::make_shared<log::Record>();
  record->event = proto::SerializeForLog(event);
  if (event.origin != Origin::kBackfill) record->drift = DriftOf(event);
  record->duplicate_key = verified.duplicate_key();
  record->endpoint = std::move(event.endpoint);
  record->type_name = std::move(event.type_name);
  record->workspace_id = std::move(event.workspace_id);
  record->line_id = std::move(event.message.line_id);
  record->campaign_id = std::move(event.campaign.id);
  record->message_id = std::move(event.message.id);
  record->lead_id = std::move(event.contact.lead_id);
  record->phone = std::move(event.contact.phone);
  record->occurred_at = event.occurred_at;
  record->received_at = event.received_at.value();
  record->flags = event.flags;
  record->body = verified.signed_bytes();
  record->signature = verified.signature();
  return record;
}

void MarkSpooled(log::Record& record) {
  events::v1::Event message;
  // The spool has checked the bytes; they are ours.
  if (!message.ParseFromString(record.event)) return;
  Event event = proto::FromProto(message);
  event.origin = Origin::kSpool;
  event.flags.Add(Flag::kLate);
  record.event = proto::SerializeForLog(event);
  record.drift = DriftOf(event);
  record.flags.Add(Flag::kLate);
}

}  // namespace tuco::receiver
