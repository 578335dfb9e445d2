"""Time zones as _core takes them: their transitions, which zoneinfo does not tell."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
# Whose clocks are of interest. Before and after them, a zone's first and last
# offset in these years hold.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100

# From when, in microseconds since 1970, which offset east of UTC holds.
Transitions = list[tuple[int, int]]


class Zone:
    """A time zone.

    Attributes:
        tzinfo: The zone itself.
        name: As Arrow calls it, such as "Europe/Berlin" or "+05:30".
    """

    def __init__(self, tz: str | tzinfo) -> None:
        self.tzinfo = _tzinfo(tz)
        self.name = _name(self.tzinfo)

    def transitions(self, begin: int | None, end: int | None) -> Transitions:
        """Gives the offsets that hold between two times, in microseconds."""
        first = _FIRST_YEAR if begin is None else _year(begin)
        last = _FIRST_YEAR if end is None else _year(end)
        return _transitions(self.tzinfo, first, last)

    def microseconds(self, moment: datetime) -> int:
        """Gives microseconds since 1970; without a zone a time is of this one."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self.tzinfo)
        return (aware - _EPOCH) // _MICROSECOND

    def moment(self, microseconds: int) -> datetime:
        """Gives the time, in this zone, of microseconds since 1970."""
        return (_EPOCH + microseconds * _MICROSECOND).astimezone(self.tzinfo)


def _tzinfo(tz: str | tzinfo) -> tzinfo:
    if isinstance(tz, tzinfo):
        return tz
    if not isinstance(tz, str):
        raise TypeError(f"expected a time zone (str or tzinfo), found {_type(tz)}")
    if tz == "UTC":  # Also where there is no database of zones.
        return timezone.utc
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"expected the name of a time zone, such as Europe/Berlin, found {tz!r}"
        ) from None


def _name(tz: tzinfo) -> str:
    key = getattr(tz, "key", None)
    if isinstance(key, str):
        return key
    if tz is timezone.utc:
        return "UTC"
    if not isinstance(tz, timezone):
        raise ValueError("expected a ZoneInfo with a key, or a fixed offset")
    minutes, rest = divmod(tz.utcoffset(None), timedelta(minutes=1))
    if rest:
        raise ValueError("expected an offset of whole minutes")
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _year(microseconds: int) -> int:
    year = (_EPOCH + microseconds * _MICROSECOND).year
    return min(max(year, _FIRST_YEAR), _LAST_YEAR)


@lru_cache(maxsize=64)
def _transitions(tz: tzinfo, first_year: int, last_year: int) -> Transitions:
    """Gives the offsets of whole years, found by looking at every day's."""
    day = timedelta(days=1)
    at = datetime(first_year, 1, 1, tzinfo=timezone.utc) - day
    end = datetime(last_year + 1, 1, 1, tzinfo=timezone.utc) + day
    found = [((at - _EPOCH) // _MICROSECOND, _offset(tz, at))]
    while at < end:
        if _offset(tz, at + day) != _offset(tz, at):
            moment = _change(tz, at, at + day)
            offset = _offset(tz, moment)
            found.append(((moment - _EPOCH) // _MICROSECOND, offset))
        at += day
    return found


def _change(tz: tzinfo, before: datetime, after: datetime) -> datetime:
    """Gives the second at which the offset changes between two times."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // timedelta(seconds=2) * timedelta(
            seconds=1
        )
        if _offset(tz, middle) == _offset(tz, before):
            before = middle
        else:
            after = middle
    return after


def _offset(tz: tzinfo, moment: datetime) -> int:
    offset = moment.astimezone(tz).utcoffset()
    return (offset or timedelta()) // _MICROSECOND


def _type(value: object) -> str:
    return type(value).__name__
