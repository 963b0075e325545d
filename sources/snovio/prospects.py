"""Prospect lists and the prospects in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

import dlt
from dlt.extract import DltResource

from sources import values
from sources.errors import Unreachable
from sources.snovio.api import Row as Payload
from sources.snovio.moving_list import NeverSettled
from sources.snovio.reading import AccountReading, Outcome
from sources.snovio.settings import MOST_PROSPECTS_PER_PAGE, PROSPECTS_PER_PAGE
from sources.snovio.sweeps import sweep_due
from sources.snovio.tables import LIST_PROSPECT_EMAILS, LIST_PROSPECTS, PROSPECT_LISTS
from sources.snovio.writing import history, units
from sources.tables import REMOVED, Row

_MOST_PASSES: Final = 5
_SMALLEST_PAGE: Final = 20
_SAME_IDS: Final = 0.9


def prospect_lists(reading: AccountReading) -> DltResource:
    """All prospect lists, deleted ones included, as history."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        rows = _lists(reading)
        outcome.saw(max((row["creation_date"] for row in rows if row["creation_date"]), default=None))
        yield rows

    return history(reading, PROSPECT_LISTS, read)


def list_prospects(reading: AccountReading) -> DltResource:
    """The prospects of each list that changed, a list at a time; lists marked as deleted are not read."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        known = dlt.current.resource_state(LIST_PROSPECTS.name).setdefault("lists", {})
        for entry in _lists(reading):
            state = known.setdefault(str(entry["id"]), {})
            key = (LIST_PROSPECTS.name, entry["id"])
            if entry["is_deleted"] or key in reading.done or not _is_due(reading, entry, state, outcome):
                continue
            with reading.one(outcome, f"list {entry['id']}"):
                rows, emails = _rows_of_list(reading, entry)
                content = values.digest([rows, emails])
                changed = content != state.get("content")
                swept = changed and "content" in state and state.get("contacts") == entry["contacts"]
                outcome.repaired += swept
                state.update(
                    contacts=entry["contacts"], name=entry["name"], content=content, on=reading.today.isoformat()
                )
                reading.done.add(key)
                if changed or reading.settings.full_refresh or reading.settings.sweep_days == 0:
                    removed = {"account": reading.account, "list_id": entry["id"], "id": "", "occurrence": 0}
                    reading.emails_of_lists.append(emails or [{**removed, "email": "", REMOVED: True}])
                    yield rows or [{**removed, REMOVED: True}]

    return units(reading, LIST_PROSPECTS, read)


def list_prospect_emails(reading: AccountReading) -> DltResource:
    """The e-mails of the prospects that `list_prospects` has just read; costs no calls of its own."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        while reading.emails_of_lists:
            outcome.read += 1
            yield reading.emails_of_lists.pop(0)

    return units(reading, LIST_PROSPECT_EMAILS, read, after=(LIST_PROSPECTS.name,))


def _lists(reading: AccountReading) -> list[Row]:
    if reading.lists is None:
        reading.lists = reading.convert_all(PROSPECT_LISTS, reading.api.prospect_lists())
    return reading.lists


def _is_due(reading: AccountReading, entry: Row, state: Row, outcome: Outcome) -> bool:
    """Whether a list's entry changed since it was last read, or its sweep is due."""
    settings = reading.settings
    last = date.fromisoformat(state["on"]) if "on" in state else None
    if settings.full_refresh or sweep_due(
        entry["id"],
        last=last,
        today=reading.today,
        sweep_days=settings.sweep_days,
        last_activity=reading.today,
        running=False,
    ):
        outcome.swept += last is not None
        return True
    return any(state.get(name) != entry[name] for name in ("contacts", "name"))


@dataclass(frozen=True, slots=True)
class _Pass:
    """One reading of all pages of a list: the prospects, the list's entry, and whether nothing moved meanwhile."""

    entry: Payload
    prospects: list[Payload]
    still: bool


def _rows_of_list(reading: AccountReading, entry: Row) -> tuple[list[Row], list[Row]]:
    """Read a list whole and convert it: its prospects and their e-mails."""
    read = _settled_pass(reading, entry)
    prospects: list[Row] = []
    emails: list[Row] = []
    seen: Counter[Any] = Counter()
    for payload in sorted(read.prospects, key=values.json_text):
        known = {"list_id": entry["id"], "occurrence": seen[payload.get("id")]}
        fields = {key: value for key, value in payload.items() if key != "emails"}
        row = reading.convert(LIST_PROSPECTS, {**fields, "list": read.entry}, **known)
        if row is None:
            continue
        seen[payload.get("id")] += 1
        prospects.append(row)
        emails += _emails(reading, payload.get("emails"), {"id": row["id"], **known})
    return prospects, emails


def _emails(reading: AccountReading, payloads: Any, known: Row) -> list[Row]:
    found = [payload for payload in payloads or [] if isinstance(payload, dict)]
    rows: list[Row] = []
    for payload in found:
        email = values.text(payload.get("email")) or ""
        rows += reading.convert_all(LIST_PROSPECT_EMAILS, [payload], **known, email_lower=email.lower())
    return list({row["email"]: row for row in rows}.values())


def _settled_pass(reading: AccountReading, entry: Row) -> _Pass:
    """Read a list's pages until a pass is known to be whole.

    Pages are numbered, so a removed row hides one at the border of two pages. A pass is whole when it is one page,
    when the list's own counter stood still and matches, or when two passes agree. A list that moves during every pass
    is put together from all of them by id, if ids proved stable.

    Raises:
        NeverSettled: The list moved during every pass, and ids are not stable.
    """
    per_page = _page_size(entry["contacts"] or 0)
    passes: list[_Pass] = []
    while len(passes) < _MOST_PASSES:
        try:
            read = _one_pass(reading, entry["id"], per_page)
        except Unreachable:
            if per_page <= _SMALLEST_PAGE:
                raise
            per_page = max(_SMALLEST_PAGE, per_page // 2)  # large pages may time out
            continue
        if read.still or (passes and _ids(passes[-1]) == _ids(read)):
            return read
        passes.append(read)
    ids = [set(_ids(read)) for read in passes]
    if all(len(one & other) >= _SAME_IDS * min(len(one), len(other)) for one, other in pairwise(ids)):
        union = {prospect.get("id"): prospect for read in passes for prospect in read.prospects}
        return _Pass(passes[-1].entry, list(union.values()), still=False)
    raise NeverSettled(f"list {entry['id']} moved during each of {_MOST_PASSES} passes; it is read again next time")


def _page_size(contacts: int) -> int:
    return PROSPECTS_PER_PAGE if contacts < PROSPECTS_PER_PAGE else MOST_PROSPECTS_PER_PAGE


def _one_pass(reading: AccountReading, list_id: int, per_page: int) -> _Pass:
    """Read all pages once. The list ends with an empty page, or a short one when its counter is reached."""
    prospects: list[Payload] = []
    counters: set[Any] = set()
    pages = 0
    while True:
        pages += 1
        page = reading.api.list_prospects(list_id, pages, per_page)
        contacts = page.list.get("contacts")
        counters.add(contacts)
        prospects += page.prospects
        reached = not isinstance(contacts, int) or len(prospects) >= contacts
        if not page.prospects or (len(page.prospects) < per_page and reached):
            distinct = list({values.json_text(prospect): prospect for prospect in prospects}.values())
            unmoved = len(counters) == 1 and len(prospects) in {contacts, len(distinct)} and reached
            if pages == 1:
                distinct = prospects
            return _Pass(page.list, distinct, still=pages == 1 or (unmoved and len(distinct) == contacts))


def _ids(read: _Pass) -> Sequence[str]:
    return sorted(str(prospect.get("id")) for prospect in read.prospects)
