"""What several samples have in common; see expected_events.py."""

from typing import Any

Fields = dict[str, Any]

WORKSPACE = {"workspace_id": "org_abc123"}
# All are of April 2026 and arrive later than that.
LATE = {"flags": ["FLAG_LATE"]}
TEST = {"flags": ["FLAG_TEST", "FLAG_LATE"]}

REPLY = {"type": "EVENT_TYPE_MESSAGE_REPLY", "type_name": "message.reply"}
SENT = {"type": "EVENT_TYPE_MESSAGE_SENT", "type_name": "message.sent"}
FAILED = {"type": "EVENT_TYPE_MESSAGE_FAILED", "type_name": "message.failed"}
FALLBACK = {"type": "EVENT_TYPE_MESSAGE_FALLBACK", "type_name": "message.fallback"}
OPENED = {"type": "EVENT_TYPE_MESSAGE_OPENED", "type_name": "message.opened"}
DELIVERED = {"type": "EVENT_TYPE_MESSAGE_DELIVERED", "type_name": "message.delivered"}

REPLY_EVENT: Fields = REPLY | WORKSPACE | LATE | {"opt_out": False}

LEAD = "69b2c41d352a78479d2c623b"
NO_IMESSAGE = "No iMessage on +19042956129"

JANE = {"first_name": "Jane", "last_name": "Smith", "phone": "+19042956129"}

# The message document of S2 as all its samples have it.
DOCUMENT: Fields = {
    "id": "69b340dd6dae1d942ece4d09",
    "text": "Hi Jane, quick question",
    "status": "sent",
    "channel": "imessage",
    "line_id": "507f1f77bcf86cd799439011",
    "created_at": "2026-04-15T11:58:00Z",
    "updated_at": "2026-04-15T12:00:00Z",
    "created_by_user_id": "user_7",
}
DOCUMENT_EVENT: Fields = (
    WORKSPACE
    | LATE
    | {
        "shape": "SHAPE_S2",
        "contact": {
            "lead_id": LEAD,
            "first_name": "Jane",
            "last_name": "Smith",
            "display_name": "Jane Smith",
            "phone": "+19042956129",
            "email": "jane@example.com",
            "list_id": "69ab444ac1feb77d7f46462f",
            "source": "csv",
        },
        "campaign": {"id": "674a1b2c3d4e5f6789012345", "name": "Spring launch"},
        "crm": {"ghl_contact_id": "aMUQ0u0Z7cw0", "ghl_location_id": "eL7DD22BdZ0r"},
    }
)

PARENTS = [
    {
        "message_id": "69b340dd6dae1d942ece4d01",
        "text": "Hi Jane, quick question",
        "sent_at": "2026-04-15T11:58:30Z",
        "batch_id": "campaign_674a1b2c3d4e5f6789012345_0",
        "step_index": "0",
    }
]

LEGACY_EVENT: Fields = WORKSPACE | LATE | {"shape": "SHAPE_S5"}
LEGACY_MESSAGE: Fields = {
    "text": "Hello 👋",
    "channel": "imessage",
    "created_by_user_id": "user_7",
}
LEGACY_CONTACT: Fields = {
    "lead_id": LEAD,
    "display_name": "Jane Smith",
    "phone": "+12025550134",
}
