"""The library gives what the reference gives, for bodies that nobody chose."""

import json
import re
from pathlib import Path

import tuco_events

from protobuf_json import printed
from random_bodies import Bodies
from reference import event_of
from reference.fields import fields_of
from reference.opt_out import is_opt_out

DOCS = Path(__file__).resolve().parents[2] / "docs"

SEEDS = [f"2026-04-15/{number}" for number in range(3000)]


def disagreement(seed: str) -> str:
    """What to tell about the body of a seed; empty when both say the same."""
    body = Bodies(seed).body()
    expected = printed(event_of(body))
    got = tuco_events.parse(body).to_json()
    if got == expected:
        return ""
    return f"seed {seed}\nbody {body!r}\nreference {expected}\nlibrary   {got}"


def test_random_bodies_give_the_same_event() -> None:
    for seed in SEEDS:
        found = disagreement(seed)
        assert not found, found


def test_random_bodies_are_of_every_kind() -> None:
    events = [event_of(Bodies(seed).body()) for seed in SEEDS[:600]]
    shapes = {event.get("shape", "SHAPE_UNSPECIFIED") for event in events}
    types = {event.get("type", "EVENT_TYPE_UNSPECIFIED") for event in events}
    flags = {flag for event in events for flag in event.get("flags", [])}
    assert shapes == {f"SHAPE_{shape.name}" for shape in tuco_events.Shape}
    assert types == {f"EVENT_TYPE_{type_.name}" for type_ in tuco_events.EventType}
    assert flags == {
        "FLAG_TEST",
        "FLAG_NO_TIMESTAMP",
        "FLAG_DUPLICATE_KEYS",
        "FLAG_PARSE_ERROR",
        "FLAG_TOO_DEEP",
        "FLAG_ILL_FORMED_TEXT",
    }
    assert {event.get("optOut") for event in events} == {None, False, True}


def test_any_character_may_stand_around_an_opt_out_or_not() -> None:
    for code in [*range(0x20, 0x700), *range(0x1680, 0x2100), *range(0x3000, 0x3100)]:
        text = f"{chr(code)}STOP{chr(code)}"
        for spelt in (text, f"STOP{chr(code)}ALL"):
            body = json.dumps({"event": "message.reply", "message": spelt})
            event = tuco_events.parse(body.encode())
            assert event.opt_out == is_opt_out(spelt), ascii(spelt)


def test_the_reference_has_the_table_of_the_documentation() -> None:
    page = (DOCS / "events.md").read_text("utf-8")
    section = page.split("\n## Fields\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.*`.+?`.*) \| .+ \| (.+) \|$", section, re.MULTILINE)
    table = {
        re.findall("`(.+?)`", name)[0].lower(): re.findall("`([a-z].*?)`", sources)
        for name, sources in rows
    }
    plain = fields_of(snake_case=False, reply=False)
    assert table == {
        field.name: [".".join(path) for path in field.sources] for field in plain
    }
