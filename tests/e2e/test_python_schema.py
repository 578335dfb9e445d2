"""The Python package's declarations of messages are those of proto/.

It has a codec of its own; here protobuf says whether that is right.
"""

import dataclasses
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

import pytest

pytest.importorskip("tuco_events", reason="tools/test_python_client has the package")

from google.protobuf.descriptor import FieldDescriptor as Field
from google.protobuf.message_factory import GetMessageClass
from tuco_events.client import _messages, _rpc_messages
from tuco_events.client import _status_messages as details
from tuco_events.client._calls import SERVICE
from tuco_events.client._wire import Declared, Message, decode, encode, schema

from support.protos import event, rpc, service, status

# One dataclass that is several messages with the same fields, or has a name of its
# own.
NAMES = {
    "CreateSubscriptionResponse": _rpc_messages.SubscriptionResponse,
    "UpdateSubscriptionResponse": _rpc_messages.SubscriptionResponse,
    "GetSubscriptionResponse": _rpc_messages.SubscriptionResponse,
    "SeekSubscriptionResponse": _rpc_messages.SubscriptionResponse,
    "GetSubscriptionRequest": _rpc_messages.SubscriptionName,
    "DeleteSubscriptionRequest": _rpc_messages.SubscriptionName,
    "DeleteSubscriptionResponse": _rpc_messages.Empty,
    "GetStatusRequest": _rpc_messages.Empty,
    "ReleaseQuarantinedRequest": _rpc_messages.QuarantineIds,
    "PurgeQuarantineRequest": _rpc_messages.QuarantineIds,
    "ReleaseQuarantinedResponse": _rpc_messages.QuarantineResults,
    "HoldQuarantinedResponse": _rpc_messages.QuarantineResults,
    "PurgeQuarantineResponse": _rpc_messages.QuarantineResults,
    "Nack": _rpc_messages.NackVerdict,
}
# Read in C++, by the same numbers as the log's.
IN_CPP = {
    "Event",
    "Message",
    "Contact",
    "Campaign",
    "Crm",
    "ParentMessage",
    "RecentReply",
}
KINDS = {
    Field.TYPE_UINT64: {"uint"},
    Field.TYPE_UINT32: {"uint"},
    Field.TYPE_INT32: {"int32"},
    Field.TYPE_BOOL: {"bool"},
    Field.TYPE_DOUBLE: {"double"},
    Field.TYPE_STRING: {"string"},
    Field.TYPE_BYTES: {"bytes"},
}


def descriptors() -> dict[str, Any]:
    """Every message of the schema, by name."""
    from support.protos import service as main

    files = [main.DESCRIPTOR, *main.DESCRIPTOR.dependencies]
    return {
        name: message
        for file in files
        if file.package == "tuco.events.v1"
        for name, message in file.message_types_by_name.items()
    }


OURS = {**vars(_messages), **vars(_rpc_messages)}
MESSAGES = {name: found for name, found in descriptors().items() if name not in IN_CPP}


def declared(name: str) -> type[Message]:
    """What the package has for a message."""
    found: type[Message] = NAMES.get(name) or OURS[name]
    return found


def check_field(field: Any, mine: Declared) -> None:
    """The same name, number, type and presence."""
    assert mine.name == field.name
    assert mine.many == field.is_repeated, field.full_name
    if field.type == Field.TYPE_MESSAGE:
        assert mine.kind.name == declared_name(field.message_type.name)
        return
    if field.type == Field.TYPE_ENUM:
        check_enum(field.enum_type, mine.kind.of)
    else:
        assert mine.kind.name in KINDS[field.type], field.full_name
    if not mine.many:
        assert mine.explicit == field.has_presence, field.full_name


def declared_name(name: str) -> str:
    """Of a message, what the package calls its kind."""
    if name in IN_CPP or name in ("Timestamp", "Duration"):
        return name
    return NAMES[name].__name__ if name in NAMES else name


def check_enum(descriptor: Any, mine: type[IntEnum]) -> None:
    """The same names, without their prefix, and numbers."""
    theirs = {value.name: value.number for value in descriptor.values}
    prefix = next(iter(theirs)).removesuffix("UNSPECIFIED")
    named = {name.removeprefix(prefix): number for name, number in theirs.items()}
    # Flag has no zero: it is never set.
    named = {
        name: number for name, number in named.items() if number or 0 in list(mine)
    }
    assert {value.name: value.value for value in mine} == named


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_is_declared_as_in_the_schema(name: str) -> None:
    mine = schema(declared(name))
    theirs = {field.number: field for field in MESSAGES[name].fields}
    assert mine.keys() == theirs.keys()
    for number, field in theirs.items():
        check_field(field, mine[number])


def test_the_details_of_errors_are_declared_as_googles() -> None:
    pairs = [
        (details.RpcStatus, rpc.Status),
        (details.ErrorInfo, rpc.ErrorInfo),
        (details.BadRequest, rpc.BadRequest),
        (details.FieldViolation, rpc.BadRequest.FieldViolation),
    ]
    for mine, theirs in pairs:
        names = {field.number: field.name for field in theirs.DESCRIPTOR.fields}
        assert {
            n: each.name for n, each in schema(mine).items()
        }.items() <= names.items()


def test_every_method_has_a_method() -> None:
    from tuco_events import AsyncClient, Client

    assert (
        f"/{service.DESCRIPTOR.services_by_name['EventService'].full_name}/" == SERVICE
    )
    streams = {"StreamEvents": "stream", "Consume": "consume"}
    for method in service.DESCRIPTOR.services_by_name["EventService"].methods:
        words = "".join(f"_{c.lower()}" if c.isupper() else c for c in method.name)
        name = streams.get(method.name, words.lstrip("_"))
        assert hasattr(Client, name), method.name
        assert hasattr(AsyncClient, name), method.name


def random_value(kind: Any, chance: random.Random, depth: int) -> Any:
    """A value of a kind."""
    if isinstance(kind.of, type) and issubclass(kind.of, Message):
        return random_message(kind.of, chance, depth + 1)
    if kind.of is not None:
        return chance.choice(list(kind.of))
    values: dict[str, Callable[[], Any]] = {
        "uint": lambda: chance.choice([0, 1, 127, 128, 2**32 - 1]),
        "int32": lambda: chance.choice([-(2**31), -1, 0, 2**31 - 1]),
        "bool": lambda: chance.random() < 0.5,
        "double": lambda: chance.choice([0.0, -1.5, 1e300]),
        "string": lambda: chance.choice(["", "a", "\0", "é漢字🎉", "x" * 300]),
        "bytes": lambda: chance.randbytes(chance.choice([0, 1, 200])),
        "Timestamp": lambda: (
            datetime.fromtimestamp(chance.randrange(-(10**9), 10**9), UTC)
            + timedelta(microseconds=chance.randrange(10**6))
        ),
        "Duration": lambda: timedelta(
            seconds=chance.randrange(-100, 100), microseconds=chance.randrange(10**6)
        ),
    }
    return values[kind.name]()


def random_message(of: type[Message], chance: random.Random, depth: int = 0) -> Any:
    """A message with some of its fields set; no Event, which is never sent."""
    values: dict[str, Any] = {}
    for each in schema(of).values():
        if each.kind.name == "Event" or chance.random() < 0.3 or depth > 3:
            continue
        if each.many:
            count = chance.choice([0, 1, 3])
            values[each.name] = tuple(
                random_value(each.kind, chance, depth) for _ in range(count)
            )
        else:
            values[each.name] = random_value(each.kind, chance, depth)
    return of(**values)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_protobuf_reads_what_we_write_and_writes_what_we_read(name: str) -> None:
    chance = random.Random(name)
    protobuf = GetMessageClass(MESSAGES[name])
    oneofs = [
        [field.name for field in oneof.fields]
        for oneof in MESSAGES[name].oneofs
        if len(oneof.fields) > 1
    ]
    for _ in range(50):
        made = random_message(declared(name), chance)
        for names in oneofs:
            kept = chance.choice(names)
            others = {each: None for each in names if each != kept}
            made = dataclasses.replace(made, **others)
        data = encode(made)
        theirs = protobuf.FromString(data)
        # Protobuf packs numbers that repeat, and we do not; both are read.
        again = decode(declared(name), theirs.SerializeToString())
        assert protobuf.FromString(encode(again)) == theirs


def test_the_schema_was_looked_at() -> None:
    assert len(MESSAGES) > 60
    assert event.DESCRIPTOR.package == status.DESCRIPTOR.package
