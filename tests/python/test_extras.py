"""What is optional: needed by nothing but what it is for, and named where it lacks."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys

import pytest

TABLE = "import tuco_events\ntable = tuco_events.EventTable.from_events([])\n"
METRICS = TABLE + "result = tuco_events.metrics(table)\n"
# What may be missing, what then fails, and the extra that helps.
USES = [
    ("arrow", "pyarrow", TABLE + "table.to_arrow()"),
    ("arrow", "pyarrow", METRICS + "result.to_arrow()"),
    ("polars", "polars", TABLE + "table.to_polars()"),
    ("polars", "polars", METRICS + "result.to_polars()"),
    ("pandas", "pandas", TABLE + "table.to_pandas()"),
    ("pandas", "pyarrow", TABLE + "table.to_pandas()"),
    ("pandas", "pandas", METRICS + "result.to_pandas()"),
    ("pandas", "pyarrow", METRICS + "result.to_pandas()"),
    ("duckdb", "duckdb", TABLE + "table.to_duckdb()"),
    ("duckdb", "pyarrow", TABLE + "table.to_duckdb()"),
    ("plot", "matplotlib", METRICS + "tuco_events.plot.rates(result)"),
    ("client", "grpc", "import tuco_events\ntuco_events.Client('127.0.0.1:1')"),
    ("client", "grpc", "import tuco_events\ntuco_events.AsyncClient('127.0.0.1:1')"),
    ("fastapi", "fastapi", "import tuco_events.fastapi"),
    ("flask", "flask", "import tuco_events.flask"),
    ("django", "django", "import tuco_events.django"),
]
# As pip calls what these modules are in.
DISTRIBUTIONS = {"grpc": "grpcio"}


def requirements() -> dict[str, set[str]]:
    """The names of what each extra installs."""
    found: dict[str, set[str]] = {}
    for line in importlib.metadata.requires("tuco-events") or []:
        [(name, extra)] = re.findall(r'^([\w-]+)[^;]*; extra == "(\w+)"$', line)
        found.setdefault(extra, set()).add(name)
    return found


def extras() -> set[str]:
    metadata = importlib.metadata.metadata("tuco-events")
    return set(metadata.get_all("Provides-Extra") or [])


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=False,
        capture_output=True,
        text=True,
    )


def test_each_extra_is_for_something() -> None:
    assert extras() == {"all", *(extra for extra, _, _ in USES)}


def test_each_extra_installs_what_it_is_for() -> None:
    for extra, module, _ in USES:
        assert DISTRIBUTIONS.get(module, module) in requirements()[extra]


def test_all_is_all_of_them() -> None:
    [line] = [
        line
        for line in importlib.metadata.requires("tuco-events") or []
        if line.endswith('extra == "all"')
    ]
    named = re.fullmatch(r'tuco-events\[([\w,]+)\] *; extra == "all"', line)
    assert named is not None, line
    assert {*named[1].split(","), "all"} == extras()


@pytest.mark.parametrize(("extra", "module", "program"), USES)
def test_what_lacks_is_named(extra: str, module: str, program: str) -> None:
    done = run(f"import sys\nsys.modules[{module!r}] = None\n{program}")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert f'pip install "tuco-events[{extra}]"' in last


@pytest.mark.parametrize(("extra", "module", "program"), USES)
def test_what_is_there_is_used(extra: str, module: str, program: str) -> None:
    pytest.importorskip(module)
    done = run(program)
    assert done.returncode == 0, done.stderr


def test_nothing_of_it_is_imported_before_it_is_used() -> None:
    modules = sorted({module for _, module, _ in USES})
    done = run(
        f"import sys, tuco_events\nprint([m for m in {modules} if m in sys.modules])"
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
