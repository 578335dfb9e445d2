"""Which members each field comes from: the table of docs/events.md.

Its precedences are those of the contract. Fields stand in the proto's order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .values import (
    PARENTS,
    RECENT_REPLIES,
    Read,
    boolean,
    count,
    literal_true,
    text,
    texts,
    time,
)

Path = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """A field, its type, and the members that may give it, the first first."""

    name: str
    read: Read
    sources: tuple[Path, ...]


def _field(name: str, read: Read, sources: str) -> Field:
    return Field(name, read, tuple(map(_path, sources.split())))


def _path(written: str) -> Path:
    return tuple(written.split("."))


TEST = _field("test", literal_true, "testMode data.testMode data.test")
MESSAGE_ID = _field(
    "message.id",
    text,
    "messageId message._id message.messageId data.messageId data.message_id",
)

_FIELDS = [
    TEST,
    _field("type_name", text, "event"),
    _field(
        "workspace_id",
        text,
        "workspaceId data.workspaceId message.workspaceId lead.workspaceId",
    ),
    _field("occurred_at", time, "timestamp"),
    MESSAGE_ID,
    _field("message.text", text, "message message.message data.message data.body"),
    _field("message.status", text, "message.status data.status status"),
    _field("message.channel", text, "message.messageType messageType data.messageType"),
    _field("message.direction", text, "message.direction"),
    _field(
        "message.line_id",
        text,
        "data.lineId fromLineId message.fromLineId data.line_id",
    ),
    _field("message.line_phone", text, "message.fromLinePhone fromLinePhone"),
    _field("message.line_email", text, "message.fromLineEmail fromLineEmail"),
    _field("message.batch_id", text, "message.batchId batchId data.batchId"),
    _field("message.step_index", count, "message.stepIndex stepIndex data.stepIndex"),
    _field(
        "message.scheduled_at",
        time,
        "message.scheduledDate scheduledDate data.scheduledDate",
    ),
    _field(
        "message.sent_at",
        time,
        "message.sentAt sentAt data.sentAt message.messageSentAtUTC repliedAtUtc"
        " data.repliedAtUtc message.respondedAtUtc data.reply.respondedAtUtc",
    ),
    _field(
        "message.delivered_at",
        time,
        "message.deliveredAt deliveredAt data.deliveredAt",
    ),
    _field("message.read_at", time, "message.readAt data.readAt readAt"),
    _field("message.created_at", time, "message.createdAt createdAt data.createdAt"),
    _field("message.updated_at", time, "message.updatedAt updatedAt data.updatedAt"),
    _field(
        "message.created_by_user_id", text, "message.createdByUserId createdByUserId"
    ),
    _field(
        "message.external_message_id",
        text,
        "message.externalMessageId externalMessageId data.externalMessageId",
    ),
    _field("message.error", text, "message.errorMessage data.error errorMessage"),
    _field("message.reason", text, "data.reason message.reason reason"),
    _field(
        "message.checked_addresses",
        texts,
        "data.checkedAddresses message.checkedAddresses checkedAddresses",
    ),
    _field(
        "message.attachment_urls",
        texts,
        "data.attachmentUrls message.attachmentUrls attachmentUrls",
    ),
    _field(
        "message.attachment_names",
        texts,
        "data.attachmentNames message.attachmentNames attachmentNames",
    ),
    _field(
        "message.send_fallback_sms_on_failed",
        boolean,
        "message.sendFallbackSmsOnFailed sendFallbackSmsOnFailed"
        " data.sendFallbackSmsOnFailed",
    ),
    _field(
        "message.in_reply_to",
        text,
        "originalMessageId message.originalMessageId data.originalMessageId",
    ),
    _field("message.original_text", text, "originalMessage.message"),
    _field(
        "message.parents",
        PARENTS,
        "parentMessages message.parentMessages data.parentMessages"
        " data.reply.parentMessages",
    ),
    _field(
        "message.recent_replies",
        RECENT_REPLIES,
        "data.reply.recentReplies recentReplies message.recentReplies"
        " data.recentReplies",
    ),
    _field("contact.lead_id", text, "leadId message.leadId data.reply.leadId lead._id"),
    _field("contact.first_name", text, "lead.firstName firstName data.firstName"),
    _field("contact.last_name", text, "lead.lastName lastName data.lastName"),
    _field(
        "contact.display_name",
        text,
        "message.recipientName recipientName data.recipientName message.name"
        " data.reply.name",
    ),
    _field(
        "contact.phone",
        text,
        "data.recipientPhone message.recipientPhone data.reply.recipientPhone"
        " recipientPhone phone lead.phone",
    ),
    _field(
        "contact.email",
        text,
        "data.recipientEmail message.recipientEmail data.reply.recipientEmail"
        " recipientEmail email lead.email",
    ),
    _field("contact.list_id", text, "lead.listId listId data.listId"),
    _field("contact.owner_email", text, "contactOwnerEmail data.contactOwnerEmail"),
    _field("contact.source", text, "lead.source"),
    _field(
        "campaign.id",
        text,
        "campaignId message.campaignId data.campaignId data.campaign_id",
    ),
    _field(
        "campaign.name", text, "campaignName message.campaignName data.campaignName"
    ),
    _field("crm.ghl_contact_id", text, "ghlContactId data.ghlContactId"),
    _field("crm.ghl_location_id", text, "ghlLocationId data.ghlLocationId"),
    _field(
        "crm.ghl_conversation_message_id",
        text,
        "ghlConversationMessageId data.ghlConversationMessageId",
    ),
    _field("crm.hs_portal_id", text, "hsPortalId data.hsPortalId"),
    _field("crm.hs_contact_id", text, "hsContactId data.hsContactId"),
]

OBJECTS = frozenset(map(_path, ["data", "message", "lead", "originalMessage"])) | {
    ("data", "reply")
}
"""The objects that are looked into."""

REPEATED_ID = ("data", "reply", "messageId")
"""Repeats the message id, and is no source of it."""


def fields_of(snake_case: bool, reply: bool) -> list[Field]:
    """The table, with what S6 puts before the phones' other members."""
    if not snake_case:
        return _FIELDS
    contact, line = ("from", "to") if reply else ("to", "from")
    first = {"contact.phone": contact, "message.line_phone": line}
    return [
        replace(field, sources=(("data", first[field.name]), *field.sources))
        if field.name in first
        else field
        for field in _FIELDS
    ]
