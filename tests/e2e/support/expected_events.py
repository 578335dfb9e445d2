"""What the sixteen samples mean, written by hand from Tuco's own pages.

The fields are those of tuco.events.v1.Event as protobuf's JSON spells them,
with the proto's names: 64-bit integers are strings. Left out is what every
sample has in common (COMMON) or what only the server knows.
"""

from support.expected_parts import (
    DELIVERED,
    DOCUMENT,
    DOCUMENT_EVENT,
    FAILED,
    FALLBACK,
    JANE,
    LATE,
    LEAD,
    LEGACY_CONTACT,
    LEGACY_EVENT,
    LEGACY_MESSAGE,
    NO_IMESSAGE,
    OPENED,
    PARENTS,
    REPLY_EVENT,
    SENT,
    TEST,
    WORKSPACE,
    Fields,
)

COMMON: Fields = {
    "epoch": "1",
    "endpoint": "tuco",
    "verified_form": "VERIFIED_FORM_RAW",
    "secret_name": "main",
    "origin": "ORIGIN_LIVE",
}

EXPECTED: dict[str, Fields] = {
    "guide reply": REPLY_EVENT
    | {
        "shape": "SHAPE_S1",
        "idempotency_key": "msg_xyz789/message.reply",
        "occurred_at": "2026-04-15T12:00:00Z",
        "message": {
            "id": "msg_xyz789",
            "text": "Yes, I'm interested! Can you tell me more?",
            "status": "received",
            "line_id": "line_001",
        },
        "contact": JANE,
    },
    "guide reply, attachments and emoji": REPLY_EVENT
    | {
        "shape": "SHAPE_S1",
        "idempotency_key": "msg_a1/message.reply",
        "occurred_at": "2026-04-15T12:03:11.042Z",
        "message": {
            "id": "msg_a1",
            "text": "Voilà 🎉 – see the photo",
            "status": "received",
            "line_id": "line_002",
            "attachment_urls": ["https://files.example.com/a/1.heic"],
            "attachment_names": ["IMG_0001.heic"],
        },
        "contact": {"first_name": "Zoë", "phone": "+14155550100"},
    },
    "guide sent": SENT
    | WORKSPACE
    | LATE
    | {
        "shape": "SHAPE_S1",
        "idempotency_key": "msg_s1/message.sent",
        "occurred_at": "2026-04-15T11:59:00Z",
        "message": {
            "id": "msg_s1",
            "text": "Hi Jane",
            "status": "sent",
            "line_id": "line_001",
        },
        "contact": JANE,
    },
    "sent": SENT
    | DOCUMENT_EVENT
    | {
        "idempotency_key": "69b340dd6dae1d942ece4d09/message.sent",
        "occurred_at": "2026-04-15T12:00:01.500Z",
        "message": DOCUMENT
        | {
            "sent_at": "2026-04-15T12:00:01Z",
            "batch_id": "campaign_674a1b2c3d4e5f6789012345_0",
            "step_index": "0",
        },
    },
    "failed": FAILED
    | DOCUMENT_EVENT
    | {
        "idempotency_key": "69b340dd6dae1d942ece4d09/message.failed",
        "occurred_at": "2026-04-15T12:00:02Z",
        "message": DOCUMENT | {"status": "failed", "error": "Device offline"},
    },
    "fallback": FALLBACK
    | DOCUMENT_EVENT
    | {
        "idempotency_key": "69b340dd6dae1d942ece4d09/message.fallback",
        "occurred_at": "2026-04-15T12:00:03Z",
        "message": DOCUMENT
        | {
            "status": "fallback",
            "error": NO_IMESSAGE,
            "reason": NO_IMESSAGE,
            "checked_addresses": ["+19042956129", "jane@example.com"],
        },
    },
    "opened": OPENED
    | DOCUMENT_EVENT
    | {
        "idempotency_key": "69b340dd6dae1d942ece4d09/message.opened",
        "occurred_at": "2026-04-15T12:05:00Z",
        "message": DOCUMENT | {"channel": "email", "read_at": "2026-04-15T12:04:58Z"},
    },
    "flat reply with lead": REPLY_EVENT
    | {
        "shape": "SHAPE_S3",
        "idempotency_key": "69b340dd6dae1d942ece4d10/message.reply",
        "occurred_at": "2026-04-15T12:06:00Z",
        "message": {
            "id": "69b340dd6dae1d942ece4d10",
            "text": "Call me tomorrow",
            "line_id": "507f1f77bcf86cd799439011",
            "sent_at": "2026-04-15T12:05:59Z",
            "in_reply_to": "69b340dd6dae1d942ece4d01",
            "parents": PARENTS,
            "recent_replies": [
                {
                    "message_id": "69b340dd6dae1d942ece4d10",
                    "text": "Call me tomorrow",
                    "received_at": "2026-04-15T12:05:59Z",
                }
            ],
        },
        "contact": {
            "lead_id": LEAD,
            "first_name": "Jane",
            "last_name": "Smith",
            "display_name": "Jane Smith",
            "phone": "+19042956129",
            "email": "jane@example.com",
            "list_id": "69ab444ac1feb77d7f46462f",
        },
        "campaign": {"id": "674a1b2c3d4e5f6789012345", "name": "Spring launch"},
    },
    "flat reply, no lead, opt-out": REPLY_EVENT
    | {
        "shape": "SHAPE_S3",
        "idempotency_key": "69b340dd6dae1d942ece4d11/message.reply",
        "occurred_at": "2026-04-15T12:07:00Z",
        "opt_out": True,
        "message": {
            "id": "69b340dd6dae1d942ece4d11",
            "text": "STOP",
            "sent_at": "2026-04-15T12:06:59Z",
        },
        "contact": {"phone": "+14155550123"},
    },
    "reply document": REPLY_EVENT
    | {
        "shape": "SHAPE_S4",
        "idempotency_key": "69b340dd6dae1d942ece4d12/message.reply",
        "occurred_at": "2026-04-15T12:07:30Z",
        "message": {
            "id": "69b340dd6dae1d942ece4d12",
            "text": "Got it, thanks!",
            "direction": "received",
            "sent_at": "2026-04-15T12:07:29Z",
            "in_reply_to": "69b340dd6dae1d942ece4d01",
            "original_text": "Hi Jane, quick question",
            "parents": PARENTS,
        },
        "contact": {
            "lead_id": LEAD,
            "first_name": "Jane",
            "last_name": "Smith",
            "display_name": "Jane Smith",
            "email": "jane@example.com",
        },
        # No field is known for it, so it survives as it was spelt.
        "extra_json": '{"originalMessage":{"batchId":null}}',
    },
    "legacy delivered": DELIVERED
    | LEGACY_EVENT
    | {
        "idempotency_key": "690d1c95984d3cdcac76e9ff/message.delivered",
        "occurred_at": "2026-04-15T11:50:05Z",
        "message": LEGACY_MESSAGE
        | {
            "id": "690d1c95984d3cdcac76e9ff",
            "status": "delivered",
            "sent_at": "2026-04-15T11:50:00Z",
        },
        "contact": LEGACY_CONTACT,
    },
    "legacy fallback": FALLBACK
    | LEGACY_EVENT
    | {
        "idempotency_key": "690d1c95984d3cdcac76ea00/message.fallback",
        "occurred_at": "2026-04-15T11:51:05.864Z",
        "message": LEGACY_MESSAGE
        | {
            "id": "690d1c95984d3cdcac76ea00",
            "status": "fallback",
            "reason": "No iMessage on +12025550134, jane@example.com",
            "checked_addresses": ["+12025550134", "jane@example.com"],
        },
        "contact": LEGACY_CONTACT | {"email": "jane@example.com"},
    },
    "snake case replied": LATE
    | {
        "type": "EVENT_TYPE_MESSAGE_REPLY",
        "type_name": "message.replied",
        "shape": "SHAPE_S6",
        "opt_out": False,
        "idempotency_key": "msg_abc123/message.replied",
        "occurred_at": "2026-04-15T10:30:00Z",
        "message": {
            "id": "msg_abc123",
            "text": "When can we talk?",
            "line_id": "line_xyz789",
            "line_phone": "+15550123456",
        },
        "contact": {"phone": "+19042956129"},
        "campaign": {"id": "camp_def456"},
    },
    "dashboard test": REPLY_EVENT
    | TEST
    | {
        "shape": "SHAPE_S1",
        "idempotency_key": "msg_test/message.reply",
        "occurred_at": "2026-04-15T12:08:00Z",
        "message": {
            "id": "msg_test",
            "text": "This is a test",
            "status": "received",
            "line_id": "line_001",
        },
        "contact": {
            "first_name": "Test",
            "last_name": "User",
            "phone": "+15555550100",
        },
    },
    # No message id: the event's own id is the key.
    "API health check": SENT
    | WORKSPACE
    | TEST
    | {
        "shape": "SHAPE_TEST",
        "occurred_at": "2026-04-12T12:00:00Z",
        "message": {"text": "Health check"},
    },
    "unknown event": DOCUMENT_EVENT
    | {
        "type_name": "lead.updated",
        "idempotency_key": "69b340dd6dae1d942ece4d09/lead.updated",
        "occurred_at": "2026-04-15T12:09:00Z",
        "message": DOCUMENT,
        "extra_json": '{"somethingNew":{"deep":[1,2.5,{"x":null}]}}',
    },
}
