"""What the tests share: sample deliveries and vectors."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parent.parent / "data"
SECRET = "whsec_sample_5f0c2a7e9d41"


def signature_of(body: bytes, secret: bytes = SECRET.encode()) -> str:
    """What Tuco sends with the body, by Python's own means."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Vector:
    """A delivery and what every door says of it."""

    name: str
    body: bytes
    signature: str
    secret: str
    result: dict[str, Any]


def read_vectors() -> list[Vector]:
    """All of tests/data/vectors."""
    vectors = []
    for path in sorted((DATA / "vectors").glob("*.json")):
        for read in json.loads(path.read_text("utf-8")):
            delivery = read["delivery"]
            body = (
                delivery["body"].encode()
                if "body" in delivery
                else base64.b64decode(delivery["bodyBase64"])
            )
            vectors.append(
                Vector(
                    f"{path.stem}: {delivery['name']}",
                    body,
                    delivery["headers"]["x-tuco-signature"],
                    delivery["secret"],
                    read["result"],
                )
            )
    return vectors


@pytest.fixture
def reply() -> bytes:
    """A body with parents, recent replies and most other fields."""
    for vector in read_vectors():
        if vector.name == "samples: flat reply with lead":
            return vector.body
    raise AssertionError("no such sample")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of ten events."""
    # Here, for it imports this file.
    from made_logs import Log, numbered_bodies, rows_for

    return Log(rows_for(numbered_bodies(10))).write(tmp_path)
