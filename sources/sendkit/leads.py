"""People: leads, where they stand in campaigns, and their conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import dlt
from dlt.extract import DltResource

from sources import values
from sources.errors import ApiError, RateLimited, Unreachable
from sources.outcomes import Outcome
from sources.sendkit.due import list_swept
from sources.sendkit.paging import Listing
from sources.sendkit.per_campaign import Asked, for_each_campaign
from sources.sendkit.reading import WorkspaceReading, lower
from sources.sendkit.tables import CAMPAIGN_LEADS, INBOX_THREADS, LEADS
from sources.tables import Row, Table
from sources.writing import units

Begin = Callable[[Row | None], Listing]
"""Begins to read a list, at a page if one is named."""


def leads(reading: WorkspaceReading) -> DltResource:
    """All leads at a sweep, else those that are new: changed ones cannot be asked for."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        people = _People(reading, LEADS)
        known = people.state
        swept = list_swept(known, LEADS.name, reading.settings, reading.today)
        if not swept and known.get("newest"):
            after = datetime.fromisoformat(known["newest"]) - timedelta(days=reading.settings.lookback_days)
            try:
                yield from people.pages(reading.api.new_leads(after))
            except (RateLimited, Unreachable):
                raise
            except ApiError as error:
                outcome.notes.append(f"new leads cannot be asked for alone, so all are read: {error}")
            else:
                return
        reading.note_swept(outcome, known, swept=swept)
        yield from people.everything(reading.api.leads)
        people.state["on"] = reading.today.isoformat()

    return units(reading, LEADS, read)


def inbox_threads(reading: WorkspaceReading) -> DltResource:
    """All conversations: they change in place, and nothing tells which did."""

    def read(_: Outcome) -> Iterator[list[Row]]:
        yield from _People(reading, INBOX_THREADS).everything(reading.api.inbox_threads)

    return units(reading, INBOX_THREADS, read)


def campaign_leads(reading: WorkspaceReading) -> DltResource:
    """Where the leads of a campaign stand, a campaign at a time."""

    def rows_of(asked: Asked) -> list[Row]:
        listing = reading.api.campaign_leads(asked.id)
        payloads = [payload for page in listing for payload in page]
        known = {"campaign_id": asked.id}
        rows = [row for payload in payloads if (row := reading.as_it_came(CAMPAIGN_LEADS, payload, **known))]
        return rows or [reading.removed(CAMPAIGN_LEADS, campaign_id=asked.id)]

    return units(reading, CAMPAIGN_LEADS, for_each_campaign(reading, CAMPAIGN_LEADS, rows_of, clears_gone=True))


class _People:
    """Reads a list of people, of which what is unchanged is not written anew.

    Args:
        reading: The read this is part of.
        table: The table.
    """

    def __init__(self, reading: WorkspaceReading, table: Table) -> None:
        reading.remember(dlt.current.source_state())
        self._reading = reading
        self._table = table
        self._versions = reading.look_for_stored(reading.pipeline).versions[table.name]
        self._seen: set[str] = set()
        self._newest: datetime | None = None

    @property
    def state(self) -> dict[str, Any]:
        """What the state knows of the table, in the slice that is being read."""
        return dlt.current.resource_state(self._table.name)

    def everything(self, begin: Begin) -> Iterator[list[Row]]:
        """Read the list whole, and then remove the rows that were not there.

        A read that was cut off goes on where it ended; it removes nothing, as it did not see everything.

        Raises:
            WrongAnswer: The list is empty, asked twice, but rows are stored.
        """
        reading, table = self._reading, self._table
        cut_off = None if reading.settings.replaces_everything else self.state.get("cut_off")
        if cut_off is not None:
            self._newest = cut_off["newest"] and datetime.fromisoformat(cut_off["newest"])
            try:
                yield from self._kept(begin(cut_off["at"]))
            except (RateLimited, Unreachable):
                raise
            except ApiError:
                self.state["cut_off"] = None  # the page is gone: the list is read from its beginning
            else:
                return
        yield from self._kept(begin(None))
        if self._versions and not self._seen and table.name not in reading.unkeyed:
            yield from self._kept(begin(None))
            if not self._seen and not reading.settings.full_refresh:
                raise reading.emptied(table)
        if table.name not in reading.unkeyed:
            yield [reading.removed(table, id=gone) for gone in self._versions if gone not in self._seen]

    def _kept(self, listing: Listing) -> Iterator[list[Row]]:
        """The pages of the list; the state keeps where it goes on."""
        for rows in self.pages(listing):
            newest = self._newest and self._newest.isoformat()
            self.state["cut_off"] = listing.following and {"at": listing.following, "newest": newest}
            yield rows
        if listing.is_whole:
            self.state["pages"] = listing.pages

    def pages(self, listing: Listing) -> Iterator[list[Row]]:
        """The rows of each page that are not stored as they are; at the end the state keeps the newest row's time.

        Not before the end: the order is not documented, and what is older than the newest row may be still to come.
        """
        outcome = self._reading.outcome(self._table.name)
        for payloads in listing:
            rows = [row for payload in payloads if (row := self._converted(payload))]
            moments = (row.get("created_at", row.get("replied_at")) for row in rows)
            known = (
                moment for moment in (self._newest, *moments) if moment is not None and moment <= self._reading.now
            )
            self._newest = max(known, default=None)
            self._seen.update(row["id"] for row in rows)
            outcome.read += 1
            yield [row for row in rows if row["row_version"] != self._versions.get(row["id"])]
        outcome.saw(self._newest)
        before = self.state.get("newest")
        if self._newest is not None and (before is None or self._newest > datetime.fromisoformat(before)):
            self.state["newest"] = self._newest.isoformat()
        self._reading.note_length(self._table, listing)

    def _converted(self, payload: Row) -> Row | None:
        known = {"email_lower": lower(payload.get("email"))} if self._table is LEADS else {}
        row = self._reading.convert(self._table, payload, **known)
        return row and {**row, "row_version": values.digest(row)}
