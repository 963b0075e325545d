"""The account's senders: which there are, whether they work, and their warm-ups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import dlt
from dlt.extract import DltResource

from sources import values
from sources.errors import ApiError, WrongAnswer
from sources.outcomes import Outcome
from sources.readers import once
from sources.snovio.api import Row as Payload
from sources.snovio.campaigns import gone_from
from sources.snovio.nested import inner_rows
from sources.snovio.parts import cleared
from sources.snovio.reading import AccountReading
from sources.snovio.tables import SENDER_ACCOUNT_CHECKS, SENDER_ACCOUNTS, WARMUP_STATISTICS, WARMUPS
from sources.tables import Row
from sources.writing import history, observations, units

_REFUSED: Final = frozenset({400, 422})
_MAPS: Final = {
    "day": "daily_statistics",
    "provider": "provider_statistics",
    "deliverability": "deliverability",
}
"""What a row of statistics is about, and where the API keeps it."""


def sender_accounts(reading: AccountReading) -> DltResource:
    """The e-mail accounts that send."""

    def read(_: Outcome) -> Iterator[list[Row]]:
        yield reading.senders()

    return history(reading, SENDER_ACCOUNTS, read)


def sender_account_checks(reading: AccountReading) -> DltResource:
    """Whether each sender account works, one observation a load: asking may connect to it."""

    def checked(sender: Row) -> list[Row]:
        payload = reading.api.sender_account_check(sender["id"])
        known = {"sender_account_id": sender["id"], "observed_at": reading.now}
        return reading.convert_object(SENDER_ACCOUNT_CHECKS, payload, **known)

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        for step in reading.readers.read(reading.senders(), once(checked)):
            if step is None:
                yield None
                continue
            sender, brought = step
            with reading.one(outcome, f"sender account {sender['id']}"):
                if (rows := brought()) is not None:
                    reading.succeeded(outcome, f"sender account {sender['id']}")
                    yield rows

    return observations(reading, SENDER_ACCOUNT_CHECKS, read)


def warmups(reading: AccountReading) -> DltResource:
    """All warm-ups, as history."""

    def read(_: Outcome) -> Iterator[list[Row]]:
        yield reading.warmups()

    return history(reading, WARMUPS, read)


def warmup_statistics(reading: AccountReading) -> DltResource:
    """What each warm-up came to since it began: a row a day, a provider and a folder; a warm-up is replaced whole."""

    def rows_of(warmup: Row) -> list[Row]:
        number = warmup["id"]
        through = max(filter(None, (reading.today, warmup["start_date"])))
        since = warmup["start_date"]
        try:
            payload = reading.api.warmup_statistics(number, since, through)
        except ApiError as error:
            if error.status not in _REFUSED or since is None:
                raise
            since = None  # so long a time may be refused; the last month is a time of the API's own
            payload = reading.api.warmup_statistics(number, since, through)
        known = {"warmup_id": number, "date_from": since, "date_to": through}
        return _rows_of_statistics(reading, payload, known) or [cleared(reading, WARMUP_STATISTICS, warmup_id=number)]

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        present = reading.warmups()
        for gone in gone_from(reading, WARMUPS, _loaded(), present):
            del _loaded()[gone]
            yield [cleared(reading, WARMUP_STATISTICS, warmup_id=int(gone))]
        for step in reading.readers.read(present, once(rows_of)):
            if step is None:
                yield None
                continue
            warmup, brought = step
            with reading.one(outcome, f"warm-up {warmup['id']}"):
                if (rows := brought()) is None:
                    continue
                reading.succeeded(outcome, f"warm-up {warmup['id']}")
                content = values.digest(rows)
                if _loaded().get(str(warmup["id"])) != content or reading.replaces_everything:
                    _loaded()[str(warmup["id"])] = content
                    yield rows

    return units(reading, WARMUP_STATISTICS, read)


def _loaded() -> dict[str, str]:
    """The content of each warm-up's statistics as loaded."""
    loaded: dict[str, str] = dlt.current.resource_state(WARMUP_STATISTICS.name).setdefault("warmups", {})
    return loaded


def _rows_of_statistics(reading: AccountReading, payload: Payload, known: Row) -> list[Row]:
    """The three maps of an answer, a row an entry.

    Raises:
        WrongAnswer: The answer has none of them.
    """
    if not any(place in payload for place in _MAPS.values()):
        raise WrongAnswer(WARMUP_STATISTICS.name, f"the answer has no statistics, but {sorted(payload)[:8]}", 200)
    calculated = values.boolean(payload.get("is_calculated"))
    return [
        row
        for statistic, place in _MAPS.items()
        for row in reading.convert_all(
            WARMUP_STATISTICS,
            list(_entries(statistic, payload.get(place))),
            **known,
            statistic=statistic,
            is_calculated=calculated,
        )
    ]


def _entries(statistic: str, entries: Any) -> Iterator[Payload]:
    """The entries of a map with what they are about; an empty PHP array is an empty map."""
    if not isinstance(entries, dict):
        entries = dict(enumerate(inner_rows(entries)))
    for name, entry in entries.items():
        fields = entry if isinstance(entry, dict) else {"value": entry}
        yield {**fields, "name": str(name), "date": name if statistic == "day" else None}
