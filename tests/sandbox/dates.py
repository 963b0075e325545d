"""The forms in which v1 endpoints show an instant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

_OFFSET = timezone(timedelta(hours=5, minutes=30))
_ZONE = ZoneInfo("Europe/Kyiv")


def instant(at: int) -> datetime:
    """Epoch seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(at, UTC)


def wall_clock(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS` of a datetime, in its own zone."""
    return moment.isoformat(" ")[:19]


def php(at: int, moment: datetime | None = None, kind: int = 3, name: str = "UTC") -> dict[str, Any]:
    """A PHP date dump. `kind` is PHP's timezone_type: 1 offset, 2 abbreviation, 3 identifier."""
    return {
        "date": wall_clock(moment or instant(at)) + ".000000",
        "timezone_type": kind,
        "timezone": name,
    }


def _php_zone(at: int) -> dict[str, Any]:
    """In a named zone; the hour that occurs twice in autumn stays in UTC, since text could not tell it."""
    local = instant(at).astimezone(_ZONE)
    if local.utcoffset() != local.replace(fold=not local.fold).utcoffset():
        return php(at)
    return php(at, local, 3, "Europe/Kyiv")


_FORMS: dict[str, Callable[[int], Any]] = {
    "php": php,
    "string": lambda at: wall_clock(instant(at)),
    "iso": lambda at: instant(at).isoformat().replace("+00:00", "Z"),
    "epoch": lambda at: at,
    "php_offset": lambda at: php(at, instant(at).astimezone(_OFFSET), 1, "+05:30"),
    "php_zone": _php_zone,
}

DATE_FORMS = (*_FORMS, "mixed")
"""Every value of `World.date_form`."""


def shown(at: int, form: str, serial: int = 0) -> Any:
    """An instant as the API shows it.

    Args:
        at: Epoch seconds.
        form: One of `DATE_FORMS`; with `mixed` each row has its own.
        serial: Chooses the form of a row when mixed.
    """
    if form == "mixed":
        form = tuple(_FORMS)[serial % len(_FORMS)]
    return _FORMS[form](at)
