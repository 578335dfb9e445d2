"""What fuzz_tables.py begins with: `fuzz_seeds.py FOLDER`, a folder for each target.

Needs the package and pyarrow, as the tests do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tuco_events import parse

from archives import archive, delivery_line, gz, zstd
from made_logs import Log, rows_for
from table_reference import random_bodies
from wire_schema import chunk, event_bytes, number

BODIES = random_bodies(60, seed=5)


def archives() -> Iterator[bytes]:
    """Archives of one line and of several, with a byte that says how to read."""
    lines = [delivery_line(body) for body in BODIES]
    for how, line in enumerate([*BODIES, *lines]):
        yield bytes([how % 32]) + line
    for how in range(0, 32, 5):
        content = archive(lines[how : how + 3])
        yield from (bytes([how]) + part for part in (content, gz(content)))
        yield bytes([how]) + zstd(content)


def events() -> list[bytes]:
    """Events as logs store them."""
    return [event_bytes(parse(body)) for body in BODIES]


def responses() -> Iterator[bytes]:
    """Responses with an event and with several."""
    for index, event in enumerate(events()):
        yield chunk(1, event) + number(2, index)
    yield b"".join(chunk(1, event) for event in events()[:9])


def logs(folder: Path) -> Iterator[bytes]:
    """Databases of some versions."""
    for version in range(1, 5):
        made = Log(rows=rows_for(BODIES[:3]), version=version)
        yield made.write(folder / str(version)).read_bytes()


def main() -> None:
    """Writes the folders."""
    folder = Path(sys.argv[1])
    targets = {
        "archive": archives(),
        "event": events(),
        "log": logs(folder / "made"),
        "response": responses(),
    }
    for name, seeds in targets.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index, seed in enumerate(seeds):
            (folder / name / f"{index:03}").write_bytes(seed)


if __name__ == "__main__":
    main()
