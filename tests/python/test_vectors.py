"""Every vector gives here what it gives at every other door."""

import subprocess
import sys
from pathlib import Path

import pytest
import tuco_events

from conftest import Vector, read_vectors
from protobuf_json import printed

VECTORS = read_vectors()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_the_verdict_is_the_vectors(vector: Vector) -> None:
    genuine = tuco_events.verify(vector.body, vector.signature, vector.secret)
    assert genuine == vector.result["genuine"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_the_event_or_the_reason_is_the_vectors(vector: Vector) -> None:
    arguments = (vector.body, vector.signature, vector.secret)
    if vector.result["genuine"]:
        event = tuco_events.verify_and_parse(*arguments)
        assert event.to_json() == printed(vector.result["event"])
        assert event.verified_form.name == vector.result["verifiedForm"]
    else:
        with pytest.raises(tuco_events.SignatureError) as caught:
            tuco_events.verify_and_parse(*arguments)
        assert caught.value.reason.name == vector.result["reason"]


def test_many_at_once_have_the_same_verdicts() -> None:
    for secret in {vector.secret for vector in VECTORS}:
        vectors = [vector for vector in VECTORS if vector.secret == secret]
        verdicts = tuco_events.verify_many(
            [vector.body for vector in vectors],
            [vector.signature for vector in vectors],
            secret,
        )
        assert verdicts == [vector.result["genuine"] for vector in vectors]


def test_every_shape_and_every_type_is_among_the_vectors() -> None:
    events = [vector.result["event"] or {} for vector in VECTORS]
    shapes = {event.get("shape", "SHAPE_UNSPECIFIED") for event in events}
    types = {event.get("type", "EVENT_TYPE_UNSPECIFIED") for event in events}
    assert shapes == {f"SHAPE_{shape.name}" for shape in tuco_events.Shape}
    assert types == {f"EVENT_TYPE_{type_.name}" for type_ in tuco_events.EventType}


def test_the_files_are_what_make_vectors_computes() -> None:
    script = Path(__file__).parents[2] / "tools" / "make_vectors"
    subprocess.run([sys.executable, script, "--check"], check=True)
