"""examples/analytics.ipynb runs from its first cell to its last."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "analytics.ipynb"

# In a process of its own: kernels need threads and sockets that would outlive a test.
RUN = """
import sys
import nbclient
import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The cells with code, with what they gave."""
    for module in ("ipykernel", "matplotlib", "nbclient", "polars"):
        pytest.importorskip(module)
    folder = tmp_path_factory.mktemp("notebook")
    done = subprocess.run(
        [sys.executable, "-c", RUN, NOTEBOOK, folder / "executed.ipynb"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    notebook = json.loads((folder / "executed.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    return cells


def outputs(cells: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """What the first cell with that text in it gave."""
    for cell in cells:
        if text in cell["source"]:
            found: list[dict[str, Any]] = cell["outputs"]
            return found
    raise AssertionError(f"no cell has {text}")


def shown(cells: list[dict[str, Any]], text: str) -> str:
    """The text that a cell's value is shown as."""
    return "".join(outputs(cells, text)[-1]["data"]["text/plain"])


def test_it_is_kept_without_outputs() -> None:
    text = NOTEBOOK.read_text("utf-8")
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert cell["metadata"] == {}
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    # So that a change to a line is a change to a line.
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def test_no_cell_warns_or_writes_to_stderr(executed: list[dict[str, Any]]) -> None:
    for cell in executed:
        assert all(output["output_type"] != "stream" for output in cell["outputs"])


def test_each_plot_is_drawn(executed: list[dict[str, Any]]) -> None:
    plots = [cell for cell in executed if "tuco_events.plot." in cell["source"]]
    assert len(plots) == 5
    for cell in plots:
        assert any("image/png" in output["data"] for output in cell["outputs"])


def test_the_tables_say_what_the_text_says(executed: list[dict[str, Any]]) -> None:
    assert "type: MESSAGE_SENT 5," in shown(executed, "read_deliveries(")
    assert "Renewal reminder" in shown(executed, 'by="campaign"')
    silences = shown(executed, "behind = table")
    assert "2026-03-17" in silences
    assert "2026-03-17" not in shown(executed, "tuco_events.silences(table)")
