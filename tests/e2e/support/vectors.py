"""The vectors of tests/data: deliveries, and what every door says of them."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from support.deliveries import Delivery
from support.environment import DATA


@dataclass(frozen=True)
class Vector:
    """A delivery and what is to come of it."""

    name: str
    body: bytes
    signature: str
    secret: str
    genuine: bool
    reason: str | None
    # In protobuf's JSON; None where the delivery is not genuine.
    event: dict[str, Any] | None

    @property
    def delivery(self) -> Delivery:
        """What is posted; what is no ASCII goes as the bytes of UTF-8."""
        # http.client writes a header's characters as bytes.
        as_bytes = self.signature.encode().decode("latin-1")
        return Delivery(self.body, {"x-tuco-signature": as_bytes})


def vectors() -> list[Vector]:
    """All of them."""
    return [
        _vector(f"{path.stem}: {read['delivery']['name']}", **read)
        for path in sorted((DATA / "vectors").glob("*.json"))
        for read in json.loads(path.read_text("utf-8"))
    ]


def _vector(name: str, delivery: dict[str, Any], result: dict[str, Any]) -> Vector:
    body = (
        delivery["body"].encode()
        if "body" in delivery
        else base64.b64decode(delivery["bodyBase64"])
    )
    return Vector(
        name,
        body,
        delivery["headers"]["x-tuco-signature"],
        delivery["secret"],
        result["genuine"],
        result["reason"],
        result["event"],
    )
