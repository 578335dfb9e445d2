"""The event: attributes, dictionaries, JSON, and how it behaves as a value."""

import copy
import json
import pickle
from datetime import datetime, timezone
from typing import Any

import pytest
import tuco_events
from tuco_events import EventType, Flag, Origin, Shape, VerifiedForm

from conftest import SECRET, signature_of

PARTS = ["message", "contact", "campaign", "crm"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def restored(state: dict[str, Any]) -> tuco_events.Event:
    """An event with fields that no parser sets, by way of a pickle's state."""
    event = tuco_events.Event.__new__(tuco_events.Event)
    event.__setstate__(state)
    return event


def test_the_attributes_have_the_protos_names_and_types(reply: bytes) -> None:
    event = tuco_events.verify_and_parse(reply, signature_of(reply), SECRET)
    assert event.type is EventType.MESSAGE_REPLY
    assert event.type_name == "message.reply"
    assert event.shape is Shape.S3
    assert event.verified_form is VerifiedForm.RAW
    assert event.origin is Origin.UNSPECIFIED
    assert event.flags == ()
    assert event.occurred_at == at("2026-04-15T12:06:00")
    assert event.occurred_at.tzinfo is timezone.utc
    assert event.opt_out is False
    assert event.sequence == 0
    assert event.recorded_at is None
    assert event.extra_json is None
    assert event.message.text == "Call me tomorrow"
    assert event.message.attachment_urls == ()
    [parent] = event.message.parents
    assert parent.step_index == 0
    assert parent.sent_at == at("2026-04-15T11:58:30")
    assert event.message.recent_replies[0].text == "Call me tomorrow"
    assert event.contact.display_name == "Jane Smith"
    assert event.campaign.name == "Spring launch"
    assert event.crm.hs_portal_id is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"1", b"null", b"\0"])
def test_no_content_raises(body: bytes) -> None:
    event = tuco_events.parse(body)
    assert Flag.PARSE_ERROR in event.flags
    assert event.verified_form is VerifiedForm.UNSPECIFIED
    assert event.idempotency_key == event.event_id


def test_an_event_and_its_parts_cannot_be_made_or_changed(reply: bytes) -> None:
    event = tuco_events.parse(reply)
    for value in [event, event.message, *event.message.parents]:
        name = "endpoint" if value is event else "text"
        with pytest.raises(AttributeError):
            setattr(value, name, "x")
        with pytest.raises(AttributeError):
            delattr(value, name)
        with pytest.raises(AttributeError):
            value.new = 1  # type: ignore[attr-defined]
        with pytest.raises(TypeError):
            type(value)()
        with pytest.raises(TypeError):
            type("Derived", (type(value),), {})


def test_a_part_outlives_its_event(reply: bytes) -> None:
    message = tuco_events.parse(reply).message
    [parent] = message.parents
    del message
    assert parent.text == "Hi Jane, quick question"


def test_equal_events_are_equal_and_have_one_hash(reply: bytes) -> None:
    a, b = tuco_events.parse(reply), tuco_events.parse(reply)
    other = tuco_events.parse(reply.replace(b"tomorrow", b"today"))
    assert a == b
    assert a != other
    assert a != "event"
    assert len({a, b, other}) == 2
    for part in PARTS:
        assert getattr(a, part) == getattr(b, part)
        assert hash(getattr(a, part)) == hash(getattr(b, part))
    assert a.message != other.message
    assert hash(a.message) != hash(other.message)
    assert a.message != a.contact


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_and_copies_are_equal(reply: bytes, protocol: int) -> None:
    event = tuco_events.verify_and_parse(reply, signature_of(reply), SECRET)
    values = [event, *event.message.parents, *event.message.recent_replies]
    values += [getattr(event, part) for part in PARTS]
    for value in values:
        assert pickle.loads(pickle.dumps(value, protocol)) == value
        assert copy.copy(value) == value
        assert copy.deepcopy(value) == value


def test_a_pickle_of_another_version_can_be_read(reply: bytes) -> None:
    state = tuco_events.parse(reply).__getstate__()
    del state["opt_out"]
    event = restored({**state, "a_field_to_come": 1})
    assert event.opt_out is None
    assert event.message == tuco_events.parse(reply).message


def test_a_repr_has_ids_and_no_personal_data(reply: bytes) -> None:
    event = tuco_events.parse(reply)
    assert repr(event) == (
        f"<Event {event.event_id} MESSAGE_REPLY message.id='69b340dd6dae1d942ece4d10'>"
    )
    assert repr(event.message) == "<Message id='69b340dd6dae1d942ece4d10'>"
    assert repr(event.contact) == "<Contact lead_id='69b2c41d352a78479d2c623b'>"
    assert repr(tuco_events.parse(b"").campaign) == "<Campaign id=None>"
    assert repr(tuco_events.parse(b"")).endswith("flags=NO_TIMESTAMP|PARSE_ERROR>")
    values = [event, *event.message.parents, *event.message.recent_replies]
    values += [getattr(event, part) for part in PARTS]
    text = "".join(map(repr, values))
    for personal in ("Jane", "Call", "+1904", "@", "Spring"):
        assert personal not in text


def test_to_dict_has_every_field_under_the_protos_name(reply: bytes) -> None:
    event = tuco_events.verify_and_parse(reply, signature_of(reply), SECRET)
    event_dict = event.to_dict()
    assert list(event_dict)[:4] == ["sequence", "epoch", "event_id", "idempotency_key"]
    assert event_dict["type"] is EventType.MESSAGE_REPLY
    assert event_dict["occurred_at"] == event.occurred_at
    assert event_dict["flags"] == []
    assert event_dict["workspace_id"] == "org_abc123"
    assert event_dict["recorded_at"] is None
    assert event_dict["message"]["parents"] == [
        {
            "message_id": "69b340dd6dae1d942ece4d01",
            "text": "Hi Jane, quick question",
            "sent_at": at("2026-04-15T11:58:30"),
            "batch_id": "campaign_674a1b2c3d4e5f6789012345_0",
            "step_index": 0,
        }
    ]
    for part in PARTS:
        for name, value in event_dict[part].items():
            attribute = getattr(getattr(event, part), name)
            if not isinstance(attribute, tuple):
                assert attribute == value


def test_to_json_prints_what_only_a_log_sets() -> None:
    event = restored(
        {
            "sequence": 2**64 - 1,
            "epoch": 1,
            "event_id": "evt_1",
            "recorded_at": 1_776_254_400_000_042,
            "received_at": -1,
            "flags": [1, 11],
            "origin": 3,
            "verified_form": 2,
            "suspected_duplicate_of": 0,
            "opt_out": False,
            "message": {"text": "", "step_index": -5, "parents": [{}]},
            "body": b"\xfb\xff\xfe\x00",
            "signature": "",
        }
    )
    assert json.loads(event.to_json()) == {
        "sequence": "18446744073709551615",
        "epoch": "1",
        "eventId": "evt_1",
        "receivedAt": "1969-12-31T23:59:59.999999Z",
        "recordedAt": "2026-04-15T12:00:00.000042Z",
        "flags": ["FLAG_TEST", "FLAG_WORKSPACE_MISMATCH"],
        "verifiedForm": "VERIFIED_FORM_CANONICAL",
        "origin": "ORIGIN_SPOOL",
        "suspectedDuplicateOf": "0",
        "optOut": False,
        "message": {"text": "", "stepIndex": "-5", "parents": [{}]},
        "body": "+//+AA==",
        "signature": "",
    }
    assert event.body == b"\xfb\xff\xfe\x00"
    assert event.received_at == datetime(
        1969, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc
    )


@pytest.mark.parametrize("size", range(7))
def test_to_json_spells_bytes_in_base64(size: int) -> None:
    import base64

    body = b"\x00\xff\x10\x83abc"[:size]
    printed = json.loads(restored({"body": body}).to_json())
    assert printed["body"] == base64.b64encode(body).decode()


def test_times_reach_from_year_1_to_year_9999() -> None:
    body = b'{"messageId":"m","message":"a","sentAt":"0001-01-01T00:00:00Z",'
    body += b'"readAt":"9999-12-31T23:59:59.999999Z"}'
    message = tuco_events.parse(body).message
    assert message.sent_at == datetime.min.replace(tzinfo=timezone.utc)
    assert message.read_at == datetime.max.replace(tzinfo=timezone.utc)


def test_the_enums_have_the_protos_numbers() -> None:
    proto = (tuco_events.EventType, tuco_events.Flag, tuco_events.Shape)
    assert [len(enum) for enum in proto] == [7, 11, 8]
    assert tuco_events.EventType.MESSAGE_DELIVERED.value == 6
    assert tuco_events.Flag.WORKSPACE_MISMATCH.value == 11
    assert tuco_events.Reason.REPLAY_BOUNDS.value == 9
    for enum in (*proto, tuco_events.Reason, tuco_events.Origin, VerifiedForm):
        for member in enum:
            assert pickle.loads(pickle.dumps(member)) is member


def test_exceptions_pickle_with_what_they_say() -> None:
    error = tuco_events.SignatureError(tuco_events.Reason.SIGNATURE_MISMATCH)
    again = pickle.loads(pickle.dumps(error))
    assert again.reason is error.reason
    assert str(again) == "the delivery is not genuine: SIGNATURE_MISMATCH"
    broken = tuco_events.FormatError("no JSON", "a.ndjson", 3, 7)
    assert str(pickle.loads(pickle.dumps(broken))) == "a.ndjson:3:7: no JSON"
    assert str(tuco_events.FormatError("no JSON")) == "no JSON"
    assert isinstance(broken, tuco_events.TucoError)
