"""The older major versions of what tables become, in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OLDER = Path(sys.prefix) / "older"
# The table's rows as pyarrow sees them are what the other tests compare.
TABLE = """
import tuco_events
table = tuco_events.read_deliveries({archive!r})
rows = table.to_arrow().to_pylist()
"""
READERS = {
    "polars": """
import polars
assert polars.__version__.startswith("1."), polars.__version__
frame = table.to_polars()
assert frame.to_dicts() == rows
assert table[3:9].to_polars().to_dicts() == rows[3:9]
assert frame.schema["type"] == polars.Categorical
assert frame.schema["occurred_at"] == polars.Datetime("us", "UTC")
""",
    "pandas": """
import pandas
assert pandas.__version__.startswith("2."), pandas.__version__
frame = table.to_pandas()
assert list(frame["type"]) == [row["type"] for row in rows]
assert str(frame["type"].dtype) == "category"
assert str(frame["sequence"].dtype) == "UInt64"
assert str(frame["occurred_at"].dtype) == "datetime64[us, UTC]"
times = [None if pandas.isna(time) else time for time in frame["occurred_at"]]
assert times == [row["occurred_at"] for row in rows]
""",
    "duckdb": """
import duckdb
assert duckdb.__version__.startswith("1."), duckdb.__version__
relation = table.to_duckdb()
query = "select type, count(*) from events group by all"
counts = {kind: [r["type"] for r in rows].count(kind) for kind in
          {row["type"] for row in rows}}
for _ in range(2):
    assert dict(relation.query("events", query).fetchall()) == counts
[(flagged,)] = duckdb.sql(
    "select count(*) from table where list_contains(flags, 'TEST')").fetchall()
""".replace("from table ", "from events ").replace(
        "[(flagged", "events = table\n[(flagged"
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_an_older_version_reads_it(reader: str) -> None:
    if not OLDER.exists():
        pytest.skip(f"needs {OLDER}, which tools/python_wheel_venv makes")
    archive = Path(__file__).parents[1] / "data" / "deliveries.ndjson"
    subprocess.run(
        [sys.executable, "-c", TABLE.format(archive=str(archive)) + READERS[reader]],
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                [str(OLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
            ),
        },
        timeout=120,
    )
