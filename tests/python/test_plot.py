"""The plots say what they show, and the documentation's images are current."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tuco_events

import example_plots
from event_rows import sent, table

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
BYTES_MAX = 100_000


@pytest.fixture(autouse=True)
def _figures_are_closed() -> Iterator[None]:
    yield
    import matplotlib.pyplot

    matplotlib.pyplot.close("all")


def texts(ax: Any) -> str:
    """All that is written in the figure."""
    found = ax.figure.findobj(matplotlib.text.Text)
    return "\n".join(text.get_text() for text in found)


@pytest.mark.parametrize("name", example_plots.PLOTS)
def test_the_images_of_the_documentation_are_current(name: str, tmp_path: Path) -> None:
    shown = IMAGES / f"{name}.png"
    ax = example_plots.PLOTS[name]()
    example_plots.save(ax, tmp_path / "now.png")
    now = example_plots.saved_content(tmp_path / "now.png")
    assert now is not None
    assert example_plots.saved_content(shown) == now, "run tools/make_plots"
    assert shown.stat().st_size < BYTES_MAX
    page = (IMAGES.parent / "metrics.md").read_text("utf-8")
    assert f"(images/{name}.png)" in page


def test_there_are_no_other_images() -> None:
    assert {path.stem for path in IMAGES.iterdir()} == set(example_plots.PLOTS)


def test_rates_are_labelled_with_their_denominators() -> None:
    said = texts(example_plots.rates())
    assert "reply rate (of delivered)" in said
    assert "delivery rate (of attempted)" in said
    result = tuco_events.metrics(example_plots.example(), by="campaign")
    for row in result.to_dicts():
        assert f"{row['attempted']:,} attempted, {row['delivered']:,} delivered" in said


def test_rates_over_time_have_the_days_of_the_zone() -> None:
    ax: Any = example_plots.timeline()
    result = tuco_events.metrics(
        example_plots.example(), by="day", tz=example_plots.ZONE
    )
    assert list(ax.lines[0].get_xdata()) == result["day"]
    assert f"of {sum(result['delivered']):,} delivered" in texts(ax)  # type: ignore[arg-type]


def test_a_funnel_says_counts_shares_and_what_was_lost() -> None:
    said = texts(example_plots.funnel())
    rows = tuco_events.funnel(example_plots.example()).to_dicts()
    for row in rows:
        assert f"{row['messages']:,}" in said
    assert f"{rows[1]['dropped']:,} from attempted" in said


def test_a_heatmap_keeps_cells_with_little_grey() -> None:
    by = ("day_of_week", "hour_of_day")
    result = tuco_events.metrics(example_plots.example(), by=by)
    ax: Any = tuco_events.plot.heatmap(result, at_least=10**6)
    assert ax.collections[0].get_array().mask.all()
    assert "fewer than 1,000,000 delivered" in texts(ax)


def test_plots_draw_into_axes_that_are_given() -> None:
    import matplotlib.pyplot

    _, ax = matplotlib.pyplot.subplots()
    result = tuco_events.metrics(example_plots.example(), by="campaign")
    assert tuco_events.plot.rates(result, "reply_rate", ax=ax) is ax
    assert tuco_events.plot.time_to_reply(result, ax=ax) is ax


def test_names_are_shown_as_they_are() -> None:
    events = [sent(campaign_id="$x_$ " + "long " * 20)]
    ax = tuco_events.plot.rates(tuco_events.metrics(table(events), by="campaign"))
    ax.figure.canvas.draw()
    assert "\\$x_\\$ long" in texts(ax)
    events = [sent(campaign_id="x" * 30 + "$" * 9)]
    ax = tuco_events.plot.rates(tuco_events.metrics(table(events), by="campaign"))
    assert "x\\$…" in texts(ax)


def test_what_cannot_be_drawn_is_named() -> None:
    result = tuco_events.metrics(table([sent()]))
    plot = tuco_events.plot
    with pytest.raises(ValueError, match="found 'colour'"):
        plot.rates(result, ["colour"])
    with pytest.raises(ValueError, match="with times to reply, found none"):
        plot.time_to_reply(result)
    with pytest.raises(ValueError, match="day_of_week"):
        plot.heatmap(result)
    with pytest.raises(TypeError, match=r"what tuco_events\.funnel gave"):
        plot.funnel(result)
    no_metrics: list[Any] = [table([sent()]), "x", None, tuco_events.funnel(table([]))]
    for wrong in no_metrics:
        for draw in (plot.rates, plot.time_to_reply, plot.heatmap):
            with pytest.raises(TypeError, match=r"what tuco_events\.metrics gave"):
                draw(wrong)
    many = [sent(f"{n}", message_line_id=f"{n}") for n in range(41)]
    with pytest.raises(ValueError, match="up to 40 groups, found 41"):
        plot.rates(tuco_events.metrics(table(many), by="line"))


def test_without_matplotlib_the_extra_is_named() -> None:
    program = """
import sys
sys.modules["matplotlib"] = sys.modules["matplotlib.pyplot"] = None
import tuco_events
from event_rows import sent, table
try:
    tuco_events.plot.rates(tuco_events.metrics(table([sent()])))
except ImportError as error:
    assert 'pip install "tuco-events[plot]"' in str(error), error
else:
    raise AssertionError("no error")
"""
    folder = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", program], check=True, cwd=folder)
