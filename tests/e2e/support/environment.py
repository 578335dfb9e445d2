"""Where things are, and what the processes that tests start may see."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("TUCO_TEST_DATA", REPOSITORY / "tests" / "data"))
BINARY = Path(
    os.environ.get("TUCO_EVENTS_BIN", REPOSITORY / "build" / "bin" / "tuco-events")
).absolute()


def environment(variables: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without our own settings, plus `variables`."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TUCO_")
    }
    return inherited | (variables or {})
