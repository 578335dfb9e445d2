"""`stats` of the command: its numbers, and what it looks like."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
import tuco_events
from tuco_events._command import _parser, _stats

from commands import environment, run
from conftest import DATA
from made_logs import Log, numbered_bodies, rows_for

SAMPLES = DATA / "deliveries.ndjson"


def body(kind: str, number: int, **members: Any) -> bytes:
    """An event of a message, of one of two campaigns."""
    campaign = {"campaignId": f"c{number % 2}", "campaignName": f"Sale {number % 2}"}
    event = {
        "event": f"message.{kind}",
        "timestamp": f"2026-04-{10 + number % 3}T12:00:00Z",
        "messageId": f"m{number}",
        "leadId": f"lead{number}",
        "recipientPhone": f"+1904295{number:04}",
        "firstName": "Jane",
        "message": "Hello Jane",
        **campaign,
        **members,
    }
    return json.dumps(event).encode()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,200 messages sent, 60 of them opened, 100 failed."""
    path = tmp_path_factory.mktemp("stats") / "a.ndjson"
    bodies = [body("sent", n) for n in range(1200)]
    bodies += [body("opened", n) for n in range(60)]
    bodies += [body("failed", n) for n in range(1200, 1300)]
    path.write_bytes(b"\n".join(bodies))
    return path


def stats(*arguments: str | Path, **env: str) -> str:
    result = run("stats", *arguments, env=env)
    assert (result.code, result.errors) == (0, "")
    return result.text


def test_it_shows_counts_and_rates_with_what_they_are_of(archive: Path) -> None:
    text = stats(archive)
    assert text.startswith(
        "1,360 events, 2026-04-10 12:00 to 2026-04-12 12:00 UTC\n\nEvents\n"
    )
    assert re.search(r"^message\.sent    1,200  88\.2%  █{20,}\S$", text, re.M)
    assert re.search(r"^message\.failed    100   7\.4%  █+\S$", text, re.M)
    assert "Messages: 1,300 attempted\n" in text
    assert "delivery rate  92.3%  [90.7, 93.6]  of 1,300 attempted  █" in text
    assert "open rate       5.0%  [3.9, 6.4]    of 1,200 delivered  █" in text


def test_the_numbers_are_those_of_metrics(archive: Path) -> None:
    table = tuco_events.read_deliveries(archive)
    [expected] = tuco_events.metrics(table).to_dicts()
    read = json.loads(stats(archive, "--json", "--by=campaign", "--by=day,line"))
    assert read["events"] == 1360
    assert read["types"] == {
        "MESSAGE_FAILED": 100,
        "MESSAGE_OPENED": 60,
        "MESSAGE_SENT": 1200,
    }
    assert read["first"] == "2026-04-10T12:00:00Z"
    for name in ("attempted", "open_rate", "open_rate_low", "open_rate_high"):
        assert read["metrics"][name] == expected[name]
    assert read["metrics"]["open_rate_denominator"] == "delivered"
    assert read["metrics"]["time_to_reply_p50_s"] is None
    [campaigns, days] = read["groups"]
    assert campaigns["by"] == ["campaign"]
    assert [row["campaign"] for row in campaigns["metrics"]] == ["c0", "c1"]
    assert days["by"] == ["day", "line"]
    assert days["metrics"][0]["day"] == "2026-04-10"


def test_only_what_is_counted_is_read(archive: Path) -> None:
    by = [f"--by={name}" for name in _stats._BY]
    report = _stats._report(_parser().parse_args(["stats", str(archive), *by]))
    for personal in ("message_text", "contact_first_name", "extra_json"):
        assert personal not in report.table.columns
    whole = tuco_events.read_deliveries(archive)
    for [name], result in report.groups:
        assert result.to_dicts() == tuco_events.metrics(whole, by=name).to_dicts()


def test_durations_in_json_are_seconds(tmp_path: Path) -> None:
    sent = body("sent", 0)
    reply = body("reply", 1, timestamp="2026-04-10T12:01:30Z", originalMessageId="m0")
    (tmp_path / "a").write_bytes(sent + b"\n" + reply)
    read = json.loads(stats(tmp_path / "a", "--json"))
    assert read["metrics"]["time_to_reply_p50_s"] == 90
    assert "time to reply: median 1m 30s" in stats(tmp_path / "a")


def test_nothing_personal_is_shown(archive: Path) -> None:
    by = [f"--by={name}" for name in ("campaign", "line", "workspace", "step", "hour")]
    for more in ((), ("--json",)):
        text = stats(archive, *by, *more)
        for personal in ("Jane", "Hello", "+1904", "lead"):
            assert personal not in text


def test_groups_have_a_line_each(archive: Path) -> None:
    text = stats(archive, "--by", "campaign")
    head, first, second = text.split("By campaign\n")[1].splitlines()[:3]
    assert head.split()[:3] == ["attempted", "delivery", "rate"]
    assert first.startswith("Sale 0        650          92.3%  [")
    assert second.startswith("Sale 1        650          92.3%  [")


def test_a_name_that_comes_twice_is_refused_before_anything_is_read() -> None:
    result = run("stats", "missing", "--by=day,day")
    assert result.code == 2
    assert "expected each name once, found 'day,day'" in result.errors


def test_times_are_in_their_order_and_in_the_zone(archive: Path) -> None:
    text = stats(archive, "--by=day", "--tz=Pacific/Auckland")
    days = re.findall(r"^2026-04-\d\d(?= )", text.split("By day")[1], re.M)
    assert days == ["2026-04-11", "2026-04-12", "2026-04-13"]


def test_a_limit_leaves_the_largest_groups_or_the_latest_times(archive: Path) -> None:
    text = stats(archive, "--by=day", "--limit=1")
    assert "2026-04-12" in text.split("By day")[1]
    assert "… 2 more groups" in text
    text = stats(archive, "--by=campaign,day", "--limit=2", COLUMNS="60")
    rows = text.split("By campaign, day\n")[1].splitlines()[1:]
    latest = ["Sale 0 · 2026-04-12", "Sale 1 · 2026-04-12"]
    assert [row[:19] for row in rows[:2]] == latest
    assert rows[2:] == ["… 4 more groups"]


def test_of_one_time_a_limit_leaves_the_largest_groups(tmp_path: Path) -> None:
    days = {"c1": ["2026-04-10"], "c2": ["2026-04-11"] * 2, "c3": ["2026-04-11"]}
    lines = [
        body("sent", n, campaignId=campaign, timestamp=f"{day}T12:00:00Z")
        for n, (campaign, day) in enumerate(
            (campaign, day) for campaign, each in days.items() for day in each
        )
    ]
    (tmp_path / "a").write_bytes(b"\n".join(lines))
    text = stats(tmp_path / "a", "--by=campaign,day", "--limit=1")
    assert re.search(r"· 2026-04-11 +2 ", text)


def test_from_and_to_limit_the_messages(archive: Path) -> None:
    read = json.loads(
        stats(archive, "--json", "--from=2026-04-11", "--to=2026-04-12T00:00:00Z")
    )
    assert read["metrics"]["attempted"] == 433
    # They are no filter of what is read.
    assert read["events"] == 1360


@pytest.mark.parametrize(
    ("begin", "attempted"),
    [
        ("2026-04-12T07:00:00", 433), ("2026-04-12T08:00:01", 0),
        ("2026-04-12T12:00:00Z", 433), ("2026-04-12T12:00:01+00:00", 0),
    ],
)  # fmt: skip
def test_from_is_in_the_zone_unless_it_says(
    archive: Path, begin: str, attempted: int
) -> None:
    text = stats(archive, "--json", f"--from={begin}", "--tz=America/New_York")
    assert json.loads(text)["metrics"]["attempted"] == attempted


def test_tests_count_on_demand() -> None:
    without = json.loads(stats(SAMPLES, "--json"))
    within = json.loads(stats(SAMPLES, "--json", "--include-tests"))
    assert without["coverage"]["tests"] == 2
    assert "\nleft out: 2 tests" in stats(SAMPLES)
    assert within["coverage"]["tests"] == 0


def test_confirmed_deliveries_are_others(archive: Path) -> None:
    read = json.loads(stats(archive, "--json", "--delivery=confirmed"))
    assert read["metrics"]["delivered"] == 0
    assert read["metrics"]["open_rate"] is None
    assert "open rate" not in stats(archive, "--delivery=confirmed")


def test_a_log_and_where(tmp_path: Path) -> None:
    Log(rows_for(numbered_bodies(10))).write(tmp_path / "data")
    assert stats(tmp_path / "data").startswith("10 events, ")
    text = stats(tmp_path / "data", "--where", "after_sequence=7")
    assert text.startswith("3 events, ")


def test_nothing_is_no_events(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert stats(tmp_path / "a") == "0 events\n"
    assert "no messages" in stats(tmp_path / "a", "--by=day")
    read = json.loads(stats(tmp_path / "a", "--json"))
    assert (read["events"], read["metrics"]["attempted"]) == (0, 0)


def test_damage_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(body("sent", 1) + b"\nnonsense\n")
    assert run("stats", tmp_path / "a").code == 4
    result = run("stats", tmp_path / "a", "--on-error=skip")
    assert result.text.startswith("1 event, ")
    assert result.text.splitlines()[0].endswith("; 1 damaged place left out")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(archive: Path, width: int) -> None:
    text = stats(archive, "--by=campaign", "--by=day,campaign", COLUMNS=str(width))
    longest = max(map(len, text.splitlines()))
    assert longest < max(width, 60)
    assert "█" in text


def test_a_wide_terminal_has_every_rate_with_its_interval(archive: Path) -> None:
    text = stats(archive, "--by=campaign", COLUMNS="160")
    [line] = [each for each in text.splitlines() if each.startswith("Sale 0")]
    assert line.count("[") == 4
    narrow = stats(archive, "--by=campaign", COLUMNS="60")
    [line] = [each for each in narrow.splitlines() if each.startswith("Sale 0")]
    assert line.count("[") == 0


def test_names_may_be_long_or_wide(tmp_path: Path) -> None:
    names = ["名" * 60, "x" * 200, "\033[31mred", "e\u0301" * 40]
    lines = [
        body("sent", n, campaignId=f"c{n}", campaignName=name)
        for n, name in enumerate(names)
    ]
    (tmp_path / "a").write_bytes(b"\n".join(lines))
    text = stats(tmp_path / "a", "--by=campaign", COLUMNS="80")
    assert "\033" not in text
    rows = text.split("By campaign\n")[1].splitlines()[1:]
    # Some characters take two cells and some none; the columns stay in line.
    ends = {row.index("100.0%") + row.count("名") - row.count("\u0301") for row in rows}
    assert (len(rows), len(ends)) == (4, 1)


def test_ascii_is_enough(archive: Path) -> None:
    result = run("stats", archive, "--by=day", env={"PYTHONIOENCODING": "ascii"})
    assert result.code == 0
    assert result.output.isascii()
    assert "message.sent    1,200  88.2%  ####" in result.text


def on_a_terminal(*arguments: str | Path, width: int = 90, **env: str) -> str:
    """What the command writes to a terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "tuco_events", *arguments],
        stdout=theirs,
        env=environment(TERM="xterm", **env),
    )
    os.close(theirs)
    read = b""
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:  # How a terminal says that nobody writes any more.
            break
        read += part
    os.close(ours)
    assert process.wait() == 0
    return read.decode()


def test_colours_are_for_terminals_that_want_them(archive: Path) -> None:
    assert "\033" not in stats(archive)
    assert "\033[1mEvents\033[0m" in on_a_terminal("stats", archive)
    assert "\033" not in on_a_terminal("stats", archive, NO_COLOR="1")
    assert "\033" not in on_a_terminal("stats", archive, "--json")


def test_a_terminals_width_is_used(archive: Path) -> None:
    wide = on_a_terminal("stats", archive, NO_COLOR="1", width=150)
    narrow = on_a_terminal("stats", archive, NO_COLOR="1", width=70)
    assert max(map(len, narrow.splitlines())) < 70 < max(map(len, wide.splitlines()))
