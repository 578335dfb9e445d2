"""What a careful customer's handler in Python does with a delivery.

It verifies the bytes as received, then reads the event from them.

    python3 verify_and_parse.py BODY_FILE

For each line on stdin, a number of events, it does so that often and prints
the nanoseconds that one event took.
"""

from __future__ import annotations

import hmac
import json
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

SECRET = b"whsec_sample_5f0c2a7e9d41"
COPIES = 64


@dataclass(slots=True)
class Event:
    """What a handler wants of a delivery."""

    type: str
    occurred_at: datetime
    workspace_id: str | None
    message_id: str | None
    phone: str | None
    text: str | None
    status: str | None
    line_id: str | None
    first_name: str | None
    last_name: str | None
    attachment_urls: list[str]
    attachment_names: list[str]
    idempotency_key: str


def read(body: dict[str, Any]) -> Event:
    """The event in the members of a body."""
    data = body.get("data", {})
    return Event(
        body["event"],
        datetime.fromisoformat(body["timestamp"]),
        body.get("workspaceId"),
        data.get("messageId"),
        data.get("recipientPhone"),
        data.get("message"),
        data.get("status"),
        data.get("lineId"),
        data.get("firstName"),
        data.get("lastName"),
        data.get("attachmentUrls", []),
        data.get("attachmentNames", []),
        f"{data.get('messageId')}/{body['event']}",
    )


def verify_and_parse(body: bytes, signature: str) -> Event:
    """The event in a genuine body; ValueError for any other."""
    expected = hmac.digest(SECRET, body, "sha256")
    if not hmac.compare_digest(expected, bytes.fromhex(signature)):
        raise ValueError("mismatch")
    return read(json.loads(body))


def main() -> None:
    """Does as it is told on stdin."""
    bodies = [Path(sys.argv[1]).read_bytes() for _ in range(COPIES)]
    signature = hmac.digest(SECRET, bodies[0], "sha256").hex()
    for line in sys.stdin:
        events = int(line)
        begin = time.perf_counter_ns()
        for i in range(events):
            event = verify_and_parse(bodies[i % COPIES], signature)
            if event.type != "message.reply":
                raise ValueError("not the sample")
        print((time.perf_counter_ns() - begin) / events, flush=True)


if __name__ == "__main__":
    main()
