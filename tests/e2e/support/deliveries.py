"""Signed deliveries: Tuco's samples and ones that tests make up."""

import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from support.environment import DATA

# The secret that signed the samples.
SECRET = "whsec_sample_5f0c2a7e9d41"
OTHER_SECRET = "whsec_other_0b1946ac92492d23"

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Delivery:
    """What Tuco posts."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""

    @property
    def signature(self) -> str:
        """The value of X-Tuco-Signature."""
        return self.headers["x-tuco-signature"]

    def with_header(self, name: str, value: str) -> "Delivery":
        """A copy with one header replaced."""
        return replace(self, headers=self.headers | {name: value})

    def without_header(self, name: str) -> "Delivery":
        """A copy without one header."""
        headers = {key: self.headers[key] for key in self.headers if key != name}
        return replace(self, headers=headers)


def sign(body: bytes, secret: str = SECRET) -> str:
    """The signature as Tuco computes it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def event_id(body: bytes, endpoint: str = "tuco") -> str:
    """The event's id as the contract defines it."""
    digest = hashlib.sha256(endpoint.encode() + b"\0" + body).digest()
    return "evt_" + digest[:16].hex()


def time_text(age: timedelta = timedelta(0)) -> str:
    """A time that lies `age` back, as JavaScript prints it."""
    then = datetime.now(UTC) - age
    return then.strftime("%Y-%m-%dT%H:%M:%S.") + f"{then.microsecond // 1000:03d}Z"


def signed(body: bytes, secret: str = SECRET) -> Delivery:
    """`body` with the one header that counts."""
    headers = {
        "content-type": "application/json",
        "x-tuco-signature": sign(body, secret),
    }
    return Delivery(body, headers)


def reply(secret: str = SECRET, **data: Any) -> Delivery:
    """A fresh `message.reply` in shape S1; `data` adds to or replaces members.

    Every call makes another message id, so no two are duplicates.
    """
    at = data.pop("timestamp", time_text())
    payload = {
        "event": "message.reply",
        "timestamp": at,
        "workspaceId": "org_abc123",
        "data": {
            "messageId": f"msg_{next(_numbers)}",
            "recipientPhone": "+14155550100",
            "message": "Sounds good",
            "status": "received",
            "lineId": "line_001",
        }
        | data,
    }
    delivery = signed(json.dumps(payload, ensure_ascii=False).encode(), secret)
    return delivery.with_header("x-tuco-event", "message.reply").with_header(
        "x-tuco-timestamp", at
    )


def samples() -> list[Delivery]:
    """The sixteen deliveries of tests/data/deliveries.ndjson, in order."""
    lines = (DATA / "deliveries.ndjson").read_text("utf-8").splitlines()
    parsed = [json.loads(line) for line in lines]
    return [
        Delivery(line["body"].encode(), line["headers"], line["name"])
        for line in parsed
    ]
