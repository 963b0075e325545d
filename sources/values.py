"""What the APIs send, turned into what a warehouse keeps. Pure: every function takes a payload value.

A converter returns None for an absent value (null, and the empty PHP array `[]` that stands for an empty object or
number) and raises ValueError, saying what it saw, for a value that it cannot understand: a wrong value is never
made null.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import re
import reprlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import pendulum

CUSTOM_FIELD_PREFIX = "customField_"

_INTEGER = range(-(2**63), 2**63)
_EPOCH_SECONDS = range(253_402_300_800)
"""1970 to the year 9999."""
_DECIMALS = Context(prec=64)
_DECIMAL_PLACES_BEFORE = 29
_LAST_PLACE = -9
"""dlt's decimals have 38 places, nine of them behind the point; others fail when the file is written."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: valid in JSON, refused by databases."""
MOST_NESTING = 64


def text(value: Any) -> str | None:
    """Any scalar as text a database can store; lone surrogates and NUL become U+FFFD; structures become JSON."""
    if value is None or value == []:
        return None
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json_text(value)


def storable(value: str) -> str:
    """Replace what databases refuse inside text (NUL, lone surrogates) by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", value)


def decoded_text(value: Any) -> str | None:
    """Decode text that is itself a JSON string literal, once; other text stays as it is.

    `email_subject` and `email_body` are encoded twice (documented examples show the inner quotes).
    """
    found = text(value)
    if found and len(found) > 1 and found[0] == found[-1] == '"':
        try:
            inner = json.loads(found)
        except ValueError:
            return found
        return storable(inner) if isinstance(inner, str) else found
    return found


def integer(value: Any) -> int | None:
    """A 64-bit integer, from a number or from digits in text."""
    if value is None or value in ([], ""):
        return None
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ValueError(f"{_shown(value)} is not a whole number")
    if int(value) not in _INTEGER:
        raise ValueError(f"{_shown(value)} does not fit in 64 bits")
    return int(value)


def fraction(value: Any) -> float | None:
    """A percentage (`"67%"`, `67`, `"67"`) as a fraction of 1."""
    found = number(value.strip().removesuffix("%") if isinstance(value, str) else value)
    return None if found is None else found / 100


def number(value: Any) -> float | None:
    """A finite number, also from digits in text."""
    if value is None or value in ([], ""):
        return None
    found = _number(value) if isinstance(value, str) else value
    try:
        if not isinstance(found, bool) and isinstance(found, int | float) and math.isfinite(found):
            return float(found)
    except OverflowError:
        pass
    raise ValueError(f"{_shown(value)} is not a number")


def decimal(value: Any) -> Decimal | None:
    """Money or credits, rounded to nine places; the APIs send `"25000.00"` as well as `1241600`."""
    if value is None or value in ([], ""):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{_shown(value)} is not a decimal number") from None
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(f"{_shown(value)} is not a decimal number")
    if number.adjusted() < _DECIMAL_PLACES_BEFORE:
        rounded = _DECIMALS.quantize(number, Decimal((0, (1,), _LAST_PLACE)))
        if rounded.adjusted() < _DECIMAL_PLACES_BEFORE:
            return number if number == rounded else rounded
    raise ValueError(f"{_shown(value)} does not fit in a decimal of 38 places")


def boolean(value: Any) -> bool | None:
    """A boolean, also as 0 and 1 or as text."""
    if value is None or value in ([], ""):
        return None
    known = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}
    key = value.lower() if isinstance(value, str) else value
    if not isinstance(key, str | int) or key not in known:
        raise ValueError(f"{_shown(value)} is not a boolean")
    return known[key]


def instant(value: Any) -> datetime | None:
    """An instant in UTC, from every form the APIs are known to send.

    Accepted: a PHP date (`{"date": "2020-07-14 13:10:46.000000", "timezone_type": 3, "timezone": "UTC"}`), text
    with or without a zone (without: UTC), epoch seconds as a number or as digits, null.
    """
    if value is None or value in ([], ""):
        return None
    if isinstance(value, Mapping):
        return _in_utc(_parsed(str(value.get("date", ""))), _zone(value.get("timezone") or "UTC"))
    if isinstance(value, str) and not value.strip().isdecimal():
        moment = _parsed(value)
        return _in_utc(moment, moment.tzinfo or UTC)
    seconds = integer(value) or 0
    if seconds not in _EPOCH_SECONDS:
        raise ValueError(f"{_shown(value)} is not an epoch second")
    return datetime.fromtimestamp(seconds, UTC)


def json_value(value: Any) -> Any:
    """A structure that every database takes as JSON: clean text, no NaN, integers over 64 bits as text."""
    return None if value is None else _cleaned(value, 0)


def listed(value: Any) -> Any:
    """A structure where a list is expected: a single value alone becomes a list of one."""
    found = json_value(value)
    return found if found is None or isinstance(found, dict | list) else [found]


def json_text(value: Any) -> str:
    """The same as compact JSON text with sorted keys, so that equal values give equal text."""
    return json.dumps(_cleaned(value, 0), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def payload_text(payload: Mapping[str, Any]) -> str:
    """A payload as JSON text whatever it holds: a field that cannot be stored gives way to the reason."""
    fields = {}
    for name, value in payload.items():
        try:
            fields[name] = json_value(value)
        except (ValueError, RecursionError) as problem:
            fields[name] = f"left out: {problem}"
    return json_text(fields)


def digest(value: Any) -> str:
    """A short hash of a structure; equal for equal content, whatever the order of keys."""
    return hashlib.sha256(json_text(value).encode()).hexdigest()[:32]


def custom_fields(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The custom fields of an event row, label to value, from its flat `customField_<label>` keys.

    Labels are free text and differ per account, so they are kept as data and never become columns. What stands
    under `customFields` (null in every documented example) is kept beside them.
    """
    fields = {
        key.removeprefix(CUSTOM_FIELD_PREFIX): value
        for key, value in row.items()
        if key.startswith(CUSTOM_FIELD_PREFIX)
    }
    nested = row.get("customFields")
    if isinstance(nested, Mapping):
        fields = {**nested, **fields}
    elif nested not in (None, []):
        fields["customFields"] = nested
    return fields or None


def _in_utc(wall_clock: datetime, zone: tzinfo) -> datetime:
    try:
        return wall_clock.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{wall_clock.isoformat()} is not a time of the years 1 to 9999 in UTC") from None


def _zone(name: Any) -> tzinfo:
    """The zone of a dumped PHP DateTime: an offset, an abbreviation or an identifier."""
    if isinstance(name, str):
        name = _ABBREVIATIONS.get(name.upper(), name)
        with contextlib.suppress(ValueError):
            return datetime.strptime(name, "%z").tzinfo or UTC
        with contextlib.suppress(ValueError, KeyError, OSError):
            zone: tzinfo = pendulum.timezone(name)
            return zone
    raise ValueError(f"{_shown(name)} is not a known time zone")


_ABBREVIATIONS = {
    "EDT": "-04:00",
    "CST": "-06:00",
    "CDT": "-05:00",
    "MDT": "-06:00",
    "PST": "-08:00",
    "PDT": "-07:00",
    "BST": "+01:00",
    "CEST": "+02:00",
    "EEST": "+03:00",
    "MSK": "+03:00",
}
"""Abbreviations that are no zone of the tz database."""


def _parsed(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{_shown(value)} is not a date") from None


def calendar_date(value: Any) -> date | None:
    """A day without a time, such as `2026-03-26`."""
    if value is None or value in ([], ""):
        return None
    return _parsed(str(value)).date()


def _number(value: str) -> int | float:
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"{_shown(value)} is not a number") from None


def _cleaned(value: Any, depth: int) -> Any:
    if depth > MOST_NESTING:
        raise ValueError(f"nested more than {MOST_NESTING} levels deep")
    if isinstance(value, Mapping):
        return {name: _cleaned(inner, depth + 1) for name, inner in _by_storable_names(value).items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner, depth + 1) for inner in value]
    return _cleaned_scalar(value)


def _by_storable_names(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """Values by names that can be stored; of names that become one each but the first gets U+FFFD added."""
    plain = {str(name): value for name, value in fields.items()}
    if not any(map(_UNSTORABLE.search, plain)):
        return plain
    named: dict[str, Any] = {}
    for name in sorted(plain, key=lambda name: (storable(name) != name, name)):
        free = storable(name)
        while free in named:
            free += "\ufffd"
        named[free] = plain[name]
    return named


def _cleaned_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime | date | Decimal) or (isinstance(value, int) and value not in _INTEGER):
        return str(value)
    return value


def _shown(value: Any) -> str:
    return storable(reprlib.repr(value))
