"""Plots of metrics: rates, funnels, times to reply and heatmaps.

    import tuco_events

    result = tuco_events.metrics(table, by="campaign")
    tuco_events.plot.rates(result)

Each draws what a function of this package gave, says of what its rates are and how
sure they are, and returns the Axes, so that a caller can go on from there. Colours
are Okabe and Ito's, which all eyes can tell apart. They need matplotlib:
`pip install "tuco-events[plot]"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ._metrics_table import (
    DAYS,
    MetricsTable,
    Value,
    duration,
    group_label,
    percent,
    text_of,
    words,
)
from ._optional import optional

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["funnel", "heatmap", "rates", "time_to_reply"]

# Okabe and Ito's colours, without black and yellow, and a shape for each: rates
# are told apart without colours too.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_MARKERS = ("o", "s", "D", "^", "v", "P")
_INK = "#222222"
_PALE = "#6B6B6B"
_GRID = "#E4E4E4"
_MISSING = "#EDEDED"
_GROUPS_MAX = 40
_TIMELINES = ("hour", "day", "week")

Row = dict[str, Value]


def rates(
    result: MetricsTable,
    rates: Sequence[str] = ("delivery_rate", "open_rate", "reply_rate"),
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draws rates with their 95% intervals.

    Over time when the result is by hour, day or week alone; else group by group.

    Args:
        result: What `metrics` gave.
        rates: Which rates, up to six.
        ax: Where to draw; by default a new figure.

    Returns:
        The Axes.

    Raises:
        ImportError: There is no matplotlib.
        TypeError: The result is none of `metrics`.
        ValueError: It has no such rate, no row, or more than 40 groups.
    """
    rows = _rows(result, "attempted", "metrics")
    names = [rates] if isinstance(rates, str) else list(rates)
    for name in names:
        if f"{name}_denominator" not in result.columns:
            raise ValueError(f"expected rates of the result, found {name!r}")
    if not 1 <= len(names) <= len(_COLOURS):
        raise ValueError(f"expected 1 to {len(_COLOURS)} rates, found {len(names)}")
    dimensions = _dimensions(result, "attempted")
    is_ours = ax is None
    if len(dimensions) == 1 and dimensions[0] in _TIMELINES:
        ax = _axes(ax, (8.4, 4.2))
        _draw_timeline(ax, rows, names, dimensions[0])
    else:
        _check_groups(rows)
        ax = _axes(ax, (8.4, 1.6 + (0.24 + 0.2 * len(names)) * len(rows)))
        _draw_groups(ax, rows, names, dimensions)
    _legend_below(ax, min(len(names), 3), is_ours)
    return ax


def funnel(result: MetricsTable, *, ax: Axes | None = None) -> Axes:
    """Draws how far messages got.

    Args:
        result: What `funnel` gave; of up to six groups.
        ax: Where to draw; by default a new figure.

    Returns:
        The Axes.

    Raises:
        ImportError: There is no matplotlib.
        TypeError: The result is none of `funnel`.
        ValueError: It has no row, or more than six groups.
    """
    rows = _rows(result, "stage", "funnel")
    dimensions = _dimensions(result, "stage")
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    groups = [rows[i : i + len(stages)] for i in range(0, len(rows), len(stages))]
    if len(groups) > len(_COLOURS):
        raise ValueError(f"expected up to {len(_COLOURS)} groups, found {len(groups)}")
    ax = _axes(ax, (8.4, 1.1 + len(stages) * (0.36 + 0.34 * len(groups))))
    height = 0.8 / len(groups)
    for number, group in enumerate(groups):
        label = _label(group[0], dimensions)
        for place, row in enumerate(group):
            at = place + (number - (len(groups) - 1) / 2) * height
            _draw_stage(
                ax, row, at, height, _COLOURS[number], label if not place else ""
            )
    ax.set_yticks(range(len(stages)), [str(stage) for stage in stages])
    ax.invert_yaxis()
    most = max(_number(row["messages"]) for row in rows)
    ax.set_xlim(0, max(most, 1) * 1.45)  # Room for what the bars say.
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(left=False, labelsize=11, labelcolor=_INK)
    _title(ax, "How far messages got", "share of the attempted, with 95% intervals")
    if dimensions:
        ax.legend(frameon=False, loc="lower right")
    return ax


def time_to_reply(result: MetricsTable, *, ax: Axes | None = None) -> Axes:
    """Draws how long replies took: quartiles, the 90th and the 99th percentile.

    Args:
        result: What `metrics` gave.
        ax: Where to draw; by default a new figure.

    Returns:
        The Axes.

    Raises:
        ImportError: There is no matplotlib.
        TypeError: The result is none of `metrics`.
        ValueError: It has no row with a time to reply, or more than 40 groups.
    """
    rows = [
        row
        for row in _rows(result, "attempted", "metrics")
        if row["time_to_reply_p50"] is not None
    ]
    dimensions = _dimensions(result, "attempted")
    if not rows:
        raise ValueError("expected a result with times to reply, found none")
    _check_groups(rows)
    is_ours = ax is None
    ax = _axes(ax, (8.4, 1.7 + 0.44 * len(rows)))
    for place, row in enumerate(rows):
        _draw_times(ax, row, place)
    ax.set_xscale("log")
    _group_labels(ax, rows, dimensions, ["replied"])
    _duration_ticks(ax, rows)
    _title(ax, "Time to the first reply", "of messages that were replied to; log scale")
    _legend_below(ax, 4, is_ours)
    return ax


def heatmap(
    result: MetricsTable,
    rate: str = "reply_rate",
    *,
    at_least: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Draws a rate by day of the week and hour of the day.

    Args:
        result: What `metrics` gave with `by=("day_of_week", "hour_of_day")`.
        rate: Which rate.
        at_least: Cells whose denominator is smaller stay grey: their rate would be
            chance.
        ax: Where to draw; by default a new figure.

    Returns:
        The Axes.

    Raises:
        ImportError: There is no matplotlib.
        TypeError: The result is none of `metrics`.
        ValueError: It is by something else, or has no such rate.
    """
    rows = _rows(result, "attempted", "metrics")
    if set(_dimensions(result, "attempted")) != {"day_of_week", "hour_of_day"}:
        raise ValueError('expected a result by=("day_of_week", "hour_of_day")')
    if f"{rate}_denominator" not in result.columns:
        raise ValueError(f"expected a rate of the result, found {rate!r}")
    whole = str(rows[0][f"{rate}_denominator"])
    cells: list[list[float]] = [[float("nan")] * 24 for _ in DAYS]
    counts = []
    for row in rows:
        count = _number(row[whole])
        if row["day_of_week"] is None or row[rate] is None or count < at_least:
            continue
        counts.append(count)
        day, hour = _number(row["day_of_week"]), _number(row["hour_of_day"])
        cells[int(day) - 1][int(hour)] = 100 * _number(row[rate])
    ax = _axes(ax, (9.2, 3.6))
    _draw_cells(ax, cells, f"{words(rate)} (% of {whole})")
    between = (
        f"{min(counts):,.0f} to {max(counts):,.0f} {whole} a cell" if counts else ""
    )
    grey = f"grey: fewer than {at_least:,} {whole}"
    note = "; ".join(part for part in (between, grey) if part)
    _title(ax, f"{words(rate).capitalize()} by weekday and hour", note)
    return ax


def _axes(ax: Axes | None, size: tuple[float, float]) -> Any:
    pyplot = optional("matplotlib.pyplot", "plot")
    if ax is None:
        _, ax = pyplot.subplots(figsize=size, layout="constrained")
    assert ax is not None
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.spines["bottom"].set_color(_PALE)
    ax.tick_params(colors=_PALE, labelsize=10, length=3)
    ax.set_axisbelow(True)
    return ax


def _title(ax: Any, title: str, note: str) -> None:
    ax.set_title(title, loc="left", fontsize=13, fontweight="bold", color=_INK, pad=24)
    ax.annotate(
        note, (0, 1), (0, 8), xycoords="axes fraction", textcoords="offset points",
        fontsize=10, color=_PALE,
    )  # fmt: skip


def _rows(result: MetricsTable, column: str, function: str) -> list[Row]:
    if not isinstance(result, MetricsTable) or column not in result.columns:
        raise TypeError(f"expected what tuco_events.{function} gave")
    rows = result.to_dicts()
    if not rows:
        raise ValueError("expected a result with rows, found none")
    return rows


def _dimensions(result: MetricsTable, first: str) -> list[str]:
    names = result.columns[: result.columns.index(first)]
    return [name for name in names if name != "campaign_name"]


def _check_groups(rows: Sequence[Row]) -> None:
    if len(rows) > _GROUPS_MAX:
        raise ValueError(f"expected up to {_GROUPS_MAX} groups, found {len(rows)}")


def _number(value: Value) -> float:
    assert isinstance(value, (int, float))
    return value


def _label(row: Row, dimensions: Sequence[str]) -> str:
    return _short(group_label(dimensions, row)) or "all messages"


def _short(text: str) -> str:
    short = text if len(text) <= 32 else text[:31] + "…"
    # A name may hold what matplotlib takes for mathematics.
    return short.replace("$", r"\$")


def _group_labels(
    ax: Any, rows: Sequence[Row], dimensions: Sequence[str], wholes: Sequence[str]
) -> None:
    labels = []
    for row in rows:
        counts = ", ".join(f"{text_of(row[whole])} {whole}" for whole in wholes)
        labels.append(f"{_label(row, dimensions)}\n{counts}")
    ax.set_yticks(range(len(rows)), labels)
    ax.tick_params(axis="y", length=0, labelcolor=_INK)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(axis="x", color=_GRID)


def _draw_groups(
    ax: Any, rows: Sequence[Row], names: Sequence[str], dimensions: Sequence[str]
) -> None:
    for number, name in enumerate(names):
        known = [(i, row) for i, row in enumerate(rows) if row[name] is not None]
        shift = 0.62 * ((number + 0.5) / len(names) - 0.5)
        shares = [100 * _number(row[name]) for _, row in known]
        low = [100 * _number(row[f"{name}_low"]) for _, row in known]
        high = [100 * _number(row[f"{name}_high"]) for _, row in known]
        ax.errorbar(
            shares,
            [place + shift for place, _ in known],
            xerr=_around(shares, low, high),
            label=f"{words(name)} (of {rows[0][f'{name}_denominator']})",
            fmt=_MARKERS[number], color=_COLOURS[number], markersize=6.5,
            elinewidth=2, capsize=0, markeredgecolor="white", markeredgewidth=0.6,
        )  # fmt: skip
        for share, end, (place, _) in zip(shares, high, known):
            ax.annotate(
                f"{share:.1f}", (end, place + shift), (5, 0),
                textcoords="offset points", va="center", fontsize=9, color=_PALE,
            )  # fmt: skip
    wholes = dict.fromkeys(str(rows[0][f"{name}_denominator"]) for name in names)
    _group_labels(ax, rows, dimensions, list(wholes))
    ends = [100 * _number(row[f"{n}_high"] or 0) for row in rows for n in names]
    ax.set_xlim(0, max(*ends, 1) * 1.1)  # Room for the last number.
    ax.xaxis.set_major_formatter("{x:.0f}%")
    _title(ax, "Rates", "with 95% intervals")


def _around(
    shares: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> list[list[float]]:
    below = [max(share - end, 0) for share, end in zip(shares, low)]
    above = [max(end - share, 0) for share, end in zip(shares, high)]
    return [below, above]


def _legend_below(ax: Any, columns: int, is_ours: bool) -> None:
    options: dict[str, Any] = {
        "frameon": False, "ncols": columns, "handletextpad": 0.5, "columnspacing": 1.8
    }  # fmt: skip
    if is_ours:  # The layout keeps room for it, below everything else.
        ax.figure.legend(loc="outside lower center", **options)
    else:
        ax.legend(loc="upper left", bbox_to_anchor=(0, 0), borderaxespad=2.6, **options)


def _draw_timeline(
    ax: Any, rows: Sequence[Row], names: Sequence[str], dimension: str
) -> None:
    for number, name in enumerate(names):
        known = [row for row in rows if None not in (row[dimension], row[name])]
        if not known:
            continue
        at = [row[dimension] for row in known]
        whole = str(known[0][f"{name}_denominator"])
        total = sum(_number(row[whole]) for row in known)
        ax.fill_between(
            at,
            [100 * _number(row[f"{name}_low"]) for row in known],
            [100 * _number(row[f"{name}_high"]) for row in known],
            color=_COLOURS[number], alpha=0.18, linewidth=0,
        )  # fmt: skip
        ax.plot(
            at,
            [100 * _number(row[name]) for row in known],
            label=f"{words(name)} (of {total:,.0f} {whole})",
            color=_COLOURS[number], linewidth=1.8,
            marker=_MARKERS[number], markersize=5 if len(known) <= 60 else 0,
            markeredgecolor="white", markeredgewidth=0.6,
        )  # fmt: skip
    dates = optional("matplotlib.dates", "plot")
    first = rows[0][dimension]
    zone = first.tzinfo if isinstance(first, datetime) else None
    locator = dates.AutoDateLocator(tz=zone, minticks=3, maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=zone))
    ax.yaxis.set_major_formatter("{x:.0f}%")
    ax.set_ylim(bottom=0)
    ax.grid(axis="y", color=_GRID)
    _title(ax, f"Rates by {dimension}", "bands are 95% intervals")


def _draw_stage(
    ax: Any, row: Row, at: float, height: float, colour: str, label: str
) -> None:
    messages = _number(row["messages"])
    ax.barh(at, messages, height * 0.86, color=colour, label=label)
    said = f"{messages:,.0f}"
    if row["rate_of_first"] is not None and row["dropped"] is not None:
        low, high = (
            _number(row["rate_of_first_low"]),
            _number(row["rate_of_first_high"]),
        )
        said += f"   {percent(_number(row['rate_of_first']))}"
        said += f"  [{percent(low)}, {percent(high)}]"
        lost, previous = _number(row["dropped"]), row["rate_of_previous_denominator"]
        dropped = f"\N{MINUS SIGN}{lost:,.0f} from {previous}"
    else:
        dropped = ""
    ax.annotate(
        said, (messages, at), (6, 5 if dropped else 0), textcoords="offset points",
        va="center", fontsize=10, color=_INK,
    )  # fmt: skip
    if dropped:
        ax.annotate(
            dropped, (messages, at), (6, -8), textcoords="offset points",
            va="center", fontsize=8.5, color=_PALE,
        )  # fmt: skip


def _draw_times(ax: Any, row: Row, place: int) -> None:
    first = place == 0
    p25, p50, p75, p90, p99 = (
        _seconds(row[f"time_to_reply_p{percent}"]) for percent in (25, 50, 75, 90, 99)
    )
    colour = _COLOURS[0]
    ax.plot([p75, p99], [place, place], color=colour, linewidth=1.2, zorder=1)
    ax.plot(
        [p25, p75], [place, place], color=colour, linewidth=9, alpha=0.35,
        solid_capstyle="butt", label="middle half" if first else "", zorder=2,
    )  # fmt: skip
    for at, marker, size, name in (
        (p50, "o", 8, "median"),
        (p90, "|", 11, "90th percentile"),
        (p99, ">", 5, "99th percentile"),
    ):
        ax.plot(
            [at], [place], marker=marker, markersize=size, linestyle="none",
            color=colour, markeredgewidth=2 if marker == "|" else 0.6,
            markeredgecolor=colour if marker == "|" else "white",
            label=name if first else "", zorder=3,
        )  # fmt: skip
    median = row["time_to_reply_p50"]
    assert isinstance(median, timedelta)
    ax.annotate(
        duration(median), (p50, place), (0, 9), textcoords="offset points",
        ha="center", fontsize=9, color=_INK,
    )  # fmt: skip


def _seconds(value: Value) -> float:
    assert isinstance(value, timedelta)
    # The scale is logarithmic, and some replies take no time.
    return max(value.total_seconds(), 1.0)


_TICKS = {
    "1 s": 1, "10 s": 10, "1 min": 60, "10 min": 600, "1 h": 3600, "6 h": 21_600,
    "1 d": 86_400, "3 d": 259_200, "1 wk": 604_800, "4 wk": 2_419_200,
    "1 y": 31_557_600,
}  # fmt: skip


def _duration_ticks(ax: Any, rows: Sequence[Row]) -> None:
    first = min(_seconds(row["time_to_reply_p25"]) for row in rows) / 1.6
    last = max(_seconds(row["time_to_reply_p99"]) for row in rows) * 1.6
    ax.set_xlim(first, last)
    shown = {name: at for name, at in _TICKS.items() if first <= at <= last}
    ax.set_xticks(list(shown.values()), list(shown))
    ax.set_xticks([], minor=True)


def _draw_cells(ax: Any, cells: list[list[float]], label: str) -> None:
    pyplot = optional("matplotlib.pyplot", "plot")
    colours = pyplot.get_cmap("viridis").with_extremes(bad=_MISSING)
    image = ax.pcolormesh(cells, cmap=colours, edgecolors="white", linewidth=1.2)
    ax.set_facecolor(_MISSING)
    ax.invert_yaxis()
    ax.set_yticks([day + 0.5 for day in range(7)], DAYS)
    ax.set_xticks(
        [hour + 0.5 for hour in range(0, 24, 3)], [f"{h:02}" for h in range(0, 24, 3)]
    )
    ax.tick_params(length=0, labelcolor=_INK)
    ax.spines["bottom"].set_visible(False)
    ax.set_xlabel("hour of the day", color=_PALE)
    bar = ax.figure.colorbar(image, ax=ax, pad=0.015, aspect=18)
    bar.set_label(label, color=_PALE)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors=_PALE, length=0)
