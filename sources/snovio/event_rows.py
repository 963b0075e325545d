"""What all tables of events have in common: how a page becomes columns, and what is stable in its rows."""

from __future__ import annotations

import json
import reprlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from sources import values
from sources.arrow import (
    INSTANT,
    TYPES,
    Fields,
    Problems,
    arrow_table,
    column_of,
    fields_of,
    row_hashes,
    text_hash,
)
from sources.snovio.api import Convert, SnovioApi
from sources.snovio.api import Row as Payload
from sources.snovio.coverage import DIGEST_RANGE, Digest
from sources.snovio.pages import Page
from sources.snovio.reading import UNSTABLE, AccountReading
from sources.snovio.settings import EARLIEST_YEAR, FUTURE_TOLERANCE_DAYS
from sources.snovio.tables import EMAIL_CLICKS, EMAIL_OPENS, EMAIL_REPLIES, EMAILS_SENT, RECIPIENT_ACTIVITY
from sources.tables import REMOVED, Row, Table

_UNSTABLE_FIELDS: Final = frozenset({"id", "hash", "prospectId"})
_FUTURE_TOLERANCE: Final = timedelta(days=FUTURE_TOLERANCE_DAYS)
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Events:
    """What differs between the tables of events.

    Args:
        table: The table.
        time: The column with the event's time.
        email: The column with the recipient's e-mail.
        type: The column with the event's type; None where all are of one.
    """

    table: Table
    time: str
    email: str
    type: str | None = None

    @property
    def has_custom_fields(self) -> bool:
        """Whether its rows carry flat `customField_<label>` keys."""
        return any(column.name == "custom_fields" for column in self.table.columns)

    @property
    def words(self) -> tuple[str, ...]:
        """The columns of text in the key."""
        return (self.email,) if self.type is None else (self.type, self.email)


@dataclass(frozen=True, slots=True)
class EventList(Events):
    """One of the four lists that are newest first.

    Args:
        ask: One page of one campaign at an offset.
    """

    ask: Callable[[SnovioApi, int, int, Convert], Any] = field(kw_only=True)


EVENT_LISTS: Final = (
    EventList(EMAILS_SENT, "sent_date", "user_email", ask=SnovioApi.emails_sent),
    EventList(EMAIL_OPENS, "visited_at", "prospect_email", ask=SnovioApi.email_opens),
    EventList(EMAIL_CLICKS, "visited_at", "prospect_email", ask=SnovioApi.email_clicks),
    EventList(EMAIL_REPLIES, "visited_at", "prospect_email", ask=SnovioApi.email_replies),
)

ACTIVITY: Final = Events(RECIPIENT_ACTIVITY, "event_time", "recipient_email", "event_type")
"""Events of every type together."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A payload that cannot be loaded, and why."""

    payload: Payload
    reason: str


@dataclass(frozen=True, slots=True)
class EventRows:
    """Rows of events as columns; those that cannot be loaded keep their place.

    Args:
        table: A row an event, with all columns of its table; where an event is rejected it must not be used.
        hashes: Of each event what stays the same from call to call, whatever ids the API gives it.
        rejected: The events that cannot be loaded, by position.
    """

    table: pa.Table
    hashes: list[int]
    rejected: Mapping[int, Rejected]

    def __len__(self) -> int:
        """How many events, rejected ones included."""
        return len(self.hashes)

    def __getitem__(self, part: slice) -> Self:
        """Some of them, in their order."""
        start, stop, _ = part.indices(len(self))
        rejected = {position - start: why for position, why in self.rejected.items() if start <= position < stop}
        return type(self)(self.table.slice(start, max(0, stop - start)), self.hashes[start:stop], rejected)

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Several parts, one after the other."""
        hashes: list[int] = []
        rejected: dict[int, Rejected] = {}
        for part in parts:
            rejected.update((len(hashes) + position, why) for position, why in part.rejected.items())
            hashes += part.hashes
        table = pa.concat_tables([part.table for part in parts], promote_options="default")
        return cls(table, hashes, rejected)

    def at(self, positions: Sequence[int]) -> Self:
        """Some of them that are not rejected, in the order given."""
        return type(self)(_at(self.table, positions), [self.hashes[position] for position in positions], {})

    def digest(self) -> Digest:
        """How many events, and the sum of their hashes."""
        return Digest(len(self), sum(self.hashes) % DIGEST_RANGE)

    def loadable(self) -> pa.Table:
        """The rows that are not rejected."""
        if not self.rejected:
            return self.table
        return _at(self.table, [position for position in range(len(self)) if position not in self.rejected])


def _at(table: pa.Table, positions: Sequence[int]) -> pa.Table:
    return table.take(pa.array(positions, pa.int64()))


def contents(rows: EventRows) -> list[int]:
    """What stays the same of each event from call to call."""
    return rows.hashes


@dataclass(frozen=True, slots=True)
class Conversion:
    """Converts a page of a campaign's events; it is data only, so that another process can do it.

    Args:
        events: The table.
        campaign_id: Whose.
        account: The account's name.
        now: The API's clock.
        excluded: Columns that stay null.
    """

    events: Events
    campaign_id: int
    account: str
    now: datetime
    excluded: frozenset[str] = frozenset()

    def __call__(self, payloads: Sequence[Payload]) -> Page[EventRows]:
        """Convert a page; rows of another campaign, or without a usable time, are rejected like other bad ones."""
        return _converted(self, payloads)


def conversion_of(events: Events, campaign_id: int, reading: AccountReading) -> Conversion:
    """What converts a page of a campaign's events."""
    return Conversion(events, campaign_id, reading.account, reading.now, reading.excluded(events.table))


def page_of(events: EventList, offset: int, campaign_id: int, reading: AccountReading) -> Page[EventRows]:
    """Ask for one page of a campaign's list and convert it."""
    conversion = conversion_of(events, campaign_id, reading)
    page: Page[EventRows] = events.ask(reading.api, campaign_id, offset, conversion)
    return page


def _converted(how: Conversion, payloads: Sequence[Payload]) -> Page[EventRows]:
    events = how.events
    problems: Problems = {}
    length = len(payloads)
    names = sorted(set[str]().union(*payloads))
    custom = [name for name in names if events.has_custom_fields and name.startswith(values.CUSTOM_FIELD_PREFIX)]
    fields = fields_of(payloads, [name for name in names if name not in custom])
    _check_campaign(fields.get("campaignId", ()), payloads, how.campaign_id, problems)
    moments = _moments(events, _field(events, fields, events.time, length), how.now, problems)
    emails = column_of(events.email, "text", _field(events, fields, events.email, length), problems).fill_null("")
    known = {
        "account": pa.repeat(how.account, length),
        "campaign_id": pa.repeat(pa.scalar(how.campaign_id, pa.int64()), length),
        "event_date": moments.cast(pa.date32()),
        events.time: moments,
        events.email: emails,
        f"{events.email}_lower": pa.array([email.lower() for email in emails.to_pylist()], pa.string()),
        "occurrence": pa.repeat(pa.scalar(0, pa.int64()), length),
    }
    if events.has_custom_fields:
        nested = any(value not in (None, []) for value in fields.get("customFields", ()))
        found = list(map(values.custom_fields, payloads)) if nested else _flat_custom_fields(payloads, custom)
        known["custom_fields"] = column_of("custom_fields", "json", found, problems)
    table = arrow_table(events.table, fields, known, problems, how.excluded)
    hashes = row_hashes(events.table, table, UNSTABLE)
    for position in problems:
        hashes[position] = _hash_of_payload(payloads[position])
    rejected = {position: Rejected(payloads[position], problems[position]) for position in sorted(problems)}
    return Page(EventRows(table, hashes, rejected), _seconds(moments, problems, how.now))


def numbered(events: Events, rows: EventRows) -> EventRows:
    """Number the rows that agree in the key, in the order of their stable content."""
    shared = _sharing_a_time(rows.table[events.time])
    if not shared:
        return rows
    some = _at(rows.table, shared)
    words = (some[name].to_pylist() for name in events.words)
    keys = dict(zip(shared, zip(_epoch(some[events.time]).to_pylist(), *words, strict=True), strict=True))
    times = Counter(key for position, key in keys.items() if position not in rows.rejected)
    equal = [position for position, key in keys.items() if times[key] > 1 and position not in rows.rejected]
    if not equal:
        return rows
    texts = map(_stable_text, _at(rows.table, equal).to_pylist())
    seen: Counter[Any] = Counter()
    occurrences = [0] * len(rows)
    for _, position in sorted(zip(texts, equal, strict=True)):
        occurrences[position] = seen[keys[position]]
        seen[keys[position]] += 1
    place = rows.table.schema.get_field_index("occurrence")
    table = rows.table.set_column(place, "occurrence", pa.array(occurrences, pa.int64()))
    return EventRows(table, rows.hashes, rows.rejected)


def _sharing_a_time(moments: pa.ChunkedArray) -> list[int]:
    """Positions of the rows with a time that other rows have too; all of them if the rows are in no order."""
    times = _epoch(moments).combine_chunks()
    before, after = times[:-1], times[1:]
    if not pc.all(pc.greater_equal(before, after).fill_null(False)).as_py():
        return list(range(len(times)))
    equal: list[int] = pc.indices_nonzero(pc.equal(before, after)).to_pylist()
    return sorted({*equal, *(position + 1 for position in equal)})


def removed(events: Events, account: str, campaign_id: int, days: Iterable[date]) -> pa.Table:
    """What clears days of a campaign."""
    columns = events.table.columns
    schema = pa.schema([("account", pa.string()), *((column.name, TYPES[column.kind]) for column in columns)])
    rows: list[Row] = [
        {
            "account": account,
            "campaign_id": campaign_id,
            "event_date": day,
            **dict.fromkeys(events.words, ""),
            events.time: datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00"),
            "occurrence": 0,
            REMOVED: True,
        }
        for day in days
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def _field(events: Events, fields: Fields, column: str, length: int) -> list[Any]:
    return fields.get(events.table.place(column)) or [None] * length


def _check_campaign(found: Sequence[Any], payloads: Sequence[Payload], campaign_id: int, problems: Problems) -> None:
    """Rows that name a campaign must be of the one that was asked for."""
    if found.count(campaign_id) == len(found):
        return
    for position, named in enumerate(found):
        if "campaignId" in payloads[position] and named not in (campaign_id, str(campaign_id)):
            problems[position] = (
                f"campaign_id: the row is of campaign {reprlib.repr(named)}, not of the one asked for"
            )


def _moments(events: Events, found: Sequence[Any], now: datetime, problems: Problems) -> pa.Array:
    """The time of each event; null where it is missing, in the future, or before e-mail."""
    moments = column_of(events.time, "instant", found, problems)
    latest = pa.scalar(now + _FUTURE_TOLERANCE, INSTANT)
    earliest = pa.scalar(datetime(EARLIEST_YEAR, 1, 1, tzinfo=now.tzinfo), INSTANT)
    outside = pc.or_(pc.greater(moments, latest), pc.less(moments, earliest)).fill_null(True)
    if not pc.any(outside).as_py():
        return moments
    for position in pc.indices_nonzero(outside).to_pylist():
        problems.setdefault(position, _time_problem(events.time, moments[position].as_py(), now))
    return pc.if_else(outside, pa.scalar(None, INSTANT), moments)


def _time_problem(name: str, moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return f"{name}: a key may not be null"
    when = "in the future" if moment > now else f"before the year {EARLIEST_YEAR}"
    return f"{name}: {moment.isoformat()} lies {when}"


def _epoch(moments: pa.Array) -> pa.Array:
    return moments.cast(pa.int64())


def _seconds(moments: pa.Array, problems: Problems, now: datetime) -> list[int]:
    """The epoch second of each event; one that is rejected carries its neighbour's."""
    seconds = pc.divide(_epoch(moments), _MICROSECONDS)
    if problems:
        good = pa.array([position not in problems for position in range(len(seconds))], pa.bool_())
        seconds = pc.if_else(good, seconds, pa.scalar(None, pa.int64()))
        seconds = pc.fill_null_backward(pc.fill_null_forward(seconds)).fill_null(int(now.timestamp()))
    found: list[int] = seconds.to_pylist()
    return found


def _flat_custom_fields(payloads: Sequence[Payload], names: Iterable[str]) -> list[dict[str, Any] | None]:
    """The custom fields of each event, as `values.custom_fields` tells them, if none is nested.

    Args:
        payloads: The events.
        names: The names of all their custom fields.
    """
    labels = {name: name.removeprefix(values.CUSTOM_FIELD_PREFIX) for name in names}
    named = frozenset(labels)
    return [{labels[name]: payload[name] for name in named.intersection(payload)} or None for payload in payloads]


def _hash_of_payload(payload: Payload) -> int:
    stable = {key: value for key, value in payload.items() if key not in _UNSTABLE_FIELDS}
    return text_hash(values.payload_text(stable))


def _stable_text(row: Row) -> str:
    stable = {
        name: json.loads(value) if name in _JSON_COLUMNS and value is not None else value
        for name, value in row.items()
        if name not in UNSTABLE and (value is not None or name in _COLUMNS)
    }
    return values.json_text(stable)


_DECLARED: Final = [column for events in (*EVENT_LISTS, ACTIVITY) for column in events.table.columns]
_COLUMNS: Final = frozenset(column.name for column in _DECLARED)
_JSON_COLUMNS: Final = frozenset(column.name for column in _DECLARED if column.kind == "json")
