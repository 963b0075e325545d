"""Prospect lists and the prospects in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Final

import dlt
from dlt.extract import DltResource

from sources import values
from sources.errors import Unreachable, WrongAnswer
from sources.outcomes import Outcome
from sources.readers import once
from sources.snovio.api import Row as Payload
from sources.snovio.campaigns import gone_from
from sources.snovio.due import prospects_swept
from sources.snovio.members import NEED_MEMBERS
from sources.snovio.moving_list import NeverSettled
from sources.snovio.parts import cleared
from sources.snovio.reading import AccountReading
from sources.snovio.settings import prospects_per_page
from sources.snovio.tables import LIST_PROSPECT_EMAILS, LIST_PROSPECTS, PROSPECT_LISTS
from sources.tables import Row
from sources.writing import history, units

_MOST_PASSES: Final = 5
_SMALLEST_PAGE: Final = 20
"""Public clients ask for no fewer rows."""
_SMALLEST_PAGE_TO_HALVE: Final = 500
_SAME_IDS: Final = 0.9


def prospect_lists(reading: AccountReading) -> DltResource:
    """All prospect lists, deleted ones included, as history."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        rows = _lists(reading)
        outcome.saw(max((row["creation_date"] for row in rows if row["creation_date"]), default=None))
        yield rows

    return history(reading, PROSPECT_LISTS, read)


def list_prospects(reading: AccountReading) -> DltResource:
    """The prospects of each list that changed, a list at a time; those of deleted lists are removed."""

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        if reading.unfinished.intersection(NEED_MEMBERS):
            reading.look_for_members(reading.pipeline)
        for list_id in reading.look_for_leftovers(reading.pipeline).lists:
            _known()[str(list_id)] = {}
        lists = [entry for entry in _lists(reading) if not entry["is_deleted"]]
        for gone in gone_from(reading, PROSPECT_LISTS, _known(), lists):
            del _known()[gone]
            reading.emails_of_lists[int(gone)] = []
            if reading.members is not None:
                reading.members.forget(int(gone))
            yield [cleared(reading, LIST_PROSPECTS, list_id=int(gone))]
        due = [entry for entry in lists if _is_due(reading, entry, outcome)]
        for step in reading.readers.read(due, once(partial(_rows_of_list, reading))):
            if step is None:
                yield None
                continue
            entry, brought = step
            with reading.one(outcome, f"list {entry['id']}"):
                found = brought()
                if found is None:
                    continue
                if _note(reading, outcome, entry, found) or reading.replaces_everything:
                    yield found.rows or [cleared(reading, LIST_PROSPECTS, list_id=entry["id"])]

    return units(reading, LIST_PROSPECTS, read)


def list_prospect_emails(reading: AccountReading) -> DltResource:
    """The e-mails of the prospects that `list_prospects` has just read; costs no calls of its own.

    It keeps what it loaded in a state of its own: a list whose e-mails were read but not loaded is read again.
    """

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        if reading.outcome(LIST_PROSPECTS.name).word == "failed":
            outcome.failures[""] = "read with list_prospects, which failed"
        while reading.emails_of_lists:
            list_id, rows = reading.emails_of_lists.popitem()
            outcome.read += 1
            content = values.digest(rows)
            if _loaded_emails().get(str(list_id)) != content or reading.replaces_everything:
                _loaded_emails()[str(list_id)] = content
                yield rows or [cleared(reading, LIST_PROSPECT_EMAILS, list_id=list_id)]

    return units(reading, LIST_PROSPECT_EMAILS, read, after=(LIST_PROSPECTS.name,), asks=False)


@dataclass(frozen=True, slots=True)
class _List:
    """The rows of a list's prospects and of their e-mails, and whether the list held still while it was read."""

    rows: list[Row]
    emails: list[Row]
    settled: bool


def _note(reading: AccountReading, outcome: Outcome, entry: Row, found: _List) -> bool:
    """Note in the state what a list holds, and say whether that is something else than was loaded."""
    state = _known().setdefault(str(entry["id"]), {})
    content = values.digest(found.rows)
    changed: bool = content != state.get("content")
    outcome.repaired += changed and state.get("contacts") == entry["contacts"]
    state.update(content=content, contacts=entry["contacts"] if found.settled else None, name=entry["name"])
    state.update(on=reading.today.isoformat(), emails=values.digest(found.emails))
    reading.emails_of_lists[entry["id"]] = found.emails
    if reading.members is not None:
        reading.members.replace(entry["id"], found.rows, found.emails)
    reading.succeeded(outcome, f"list {entry['id']}")
    return changed


def _known() -> dict[str, Row]:
    """What the state knows of each list, in the slice that is being read."""
    lists: dict[str, Row] = dlt.current.resource_state(LIST_PROSPECTS.name).setdefault("lists", {})
    return lists


def _loaded_emails() -> Row:
    """The content of each list's e-mails as loaded."""
    loaded: Row = dlt.current.resource_state(LIST_PROSPECT_EMAILS.name).setdefault("lists", {})
    return loaded


def _lists(reading: AccountReading) -> list[Row]:
    """The lists of the account, asked for once a read."""
    state = dlt.current.source_state()
    rows = reading.prospect_lists(known=bool(state.get("lists_seen")))
    reading.plan(state)
    state["lists_seen"] = len(rows)
    return rows


def _is_due(reading: AccountReading, entry: Row, outcome: Outcome) -> bool:
    """Whether a list's entry changed, its e-mails were read but not loaded, or its sweep is due."""
    state = _known().setdefault(str(entry["id"]), {})
    if prospects_swept(state, entry["id"], reading.settings, reading.today):
        outcome.swept += "on" in state
        return True
    emails_wanted = LIST_PROSPECT_EMAILS.name in reading.selected
    if emails_wanted and _loaded_emails().get(str(entry["id"])) != state.get("emails"):
        return True
    return any(state.get(name) != entry[name] for name in ("contacts", "name"))


@dataclass(frozen=True, slots=True)
class _Pass:
    """One reading of all pages of a list.

    Args:
        pages: The rows of each page, in the order of the list.
        entry: The list's own facts, as the last page shows them.
        counters: What the pages said of the list's length.
    """

    pages: list[list[Payload]]
    entry: Payload
    counters: frozenset[int | None]

    @property
    def prospects(self) -> list[Payload]:
        """All rows."""
        return [prospect for page in self.pages for prospect in page]

    def is_proven(self) -> bool:
        """Whether the pass alone shows the whole list: the counter held still and agrees, and nothing came twice.

        A list grows at its head, which would push the last rows of a page to the beginning of the next one.
        """
        grew = any(after and _content(after[0]) in map(_content, page) for page, after in pairwise(self.pages))
        return self.counters == {len(self.prospects)} and not grew

    def agrees_with(self, other: _Pass) -> bool:
        """Whether both show the same rows in the same order."""
        return list(map(_content, self.prospects)) == list(map(_content, other.prospects))


def _content(prospect: Payload) -> str:
    """What stays the same of a prospect from call to call."""
    return values.payload_text({**prospect, "id": None})


def _rows_of_list(reading: AccountReading, entry: Row) -> _List:
    """Read a list whole."""
    read, settled = _settled_pass(reading, entry)
    found = [_converted(reading, {**payload, "list": read.entry}, entry["id"]) for payload in read.prospects]
    members = sorted((member for member in found if member), key=values.json_text)
    seen: Counter[str] = Counter()
    for prospect, emails in members:
        for row in (prospect, *emails):
            row["occurrence"] = seen[prospect["id"]]
        seen[prospect["id"]] += 1
    rows, emails = [prospect for prospect, _ in members], [email for _, found in members for email in found]
    return _List(rows, emails, settled)


def _converted(reading: AccountReading, payload: Payload, list_id: int) -> tuple[Row, list[Row]] | None:
    """The row of a prospect and those of its e-mails; occurrence 0 until the whole list is numbered."""
    known = {"list_id": list_id, "occurrence": 0}
    row = reading.convert(LIST_PROSPECTS, {key: payload[key] for key in payload if key != "emails"}, **known)
    if row is None:
        return None
    addresses = payload.get("emails") or []
    if not isinstance(addresses, list):
        addresses = [addresses]
    emails: dict[str, Row] = {}
    for address in addresses:
        fields = address if isinstance(address, dict) else {"value": address}
        lower = (values.text(fields.get("email")) or "").lower()
        email = reading.convert(LIST_PROSPECT_EMAILS, fields, **known, id=row["id"], email_lower=lower)
        if email is not None and emails.setdefault(email["email"], email) is not email:
            reading.reject(LIST_PROSPECT_EMAILS, fields, f"email: the prospect {row['id']} has it twice", known)
    if any(map(reading.erased.names, emails)):
        reading.erased.add(row["id"])  # the prospect's own row shows no address
    return row, list(emails.values())


def _settled_pass(reading: AccountReading, entry: Row) -> tuple[_Pass, bool]:
    """Read a list's pages until a pass is known to be whole, and say whether one was.

    Pages are numbered, so a removed row hides another one at the border of two pages. A pass is whole when it proves
    itself or shows the same as the one before, whose borders lay elsewhere. A list that moves during every pass is
    put together from all of them by id, if ids prove stable.

    Raises:
        NeverSettled: The list moved during every pass, and ids are not stable.
    """
    per_page = prospects_per_page(entry["contacts"] or 0)
    passes: list[_Pass] = []
    while len(passes) < _MOST_PASSES:
        try:
            read = _one_pass(reading, entry["id"], per_page)
        except Unreachable:
            if per_page < _SMALLEST_PAGE_TO_HALVE:
                raise
            per_page //= 2  # documented to work up to 5,000, but large pages may time out
            continue
        if read.is_proven() or (passes and read.agrees_with(passes[-1])):
            return read, True
        passes.append(read)
        # The server may have capped the first page, and count pages by the size that was asked for.
        per_page = max(_SMALLEST_PAGE, min(len(read.pages[0]) or per_page, per_page - per_page // 10))
    if not _ids_are_stable(passes):
        raise NeverSettled(
            f"list {entry['id']} moved during each of {_MOST_PASSES} passes; it is read again next time"
        )
    union = {prospect.get("id"): prospect for read in passes for prospect in read.prospects}
    return replace(passes[-1], pages=[list(union.values())]), False


def _one_pass(reading: AccountReading, list_id: int, per_page: int) -> _Pass:
    """Read all pages once. The list ends with an empty page, or with a short one when its counter is reached.

    Raises:
        WrongAnswer: A page repeats the one before although more rows should follow: `page` is ignored.
    """
    pages: list[list[Payload]] = []
    counters: set[int | None] = set()
    rows = 0
    while True:
        page = reading.api.list_prospects(list_id, len(pages) + 1, per_page)
        told = page.list.get("contacts")
        contacts = told if isinstance(told, int) else None  # an empty PHP array, perhaps
        counters.add(contacts)
        repeated = bool(pages and page.prospects and page.prospects == pages[-1])
        if repeated and contacts is not None and rows < contacts:
            raise WrongAnswer(LIST_PROSPECTS.name, "a page repeats the one before: `page` is ignored", 200)
        if not repeated:
            pages.append(page.prospects)
            rows += len(page.prospects)
        short = len(page.prospects) < per_page and contacts is not None and rows >= contacts
        if repeated or short or not page.prospects:
            return _Pass(pages, page.list, frozenset(counters))


def _ids_are_stable(passes: list[_Pass]) -> bool:
    ids = [{str(prospect.get("id")) for prospect in read.prospects} for read in passes]
    return all(len(one & other) >= _SAME_IDS * min(len(one), len(other)) for one, other in pairwise(ids))
