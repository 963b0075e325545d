"""One read of one SendKit account: what its tables share while they are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any, ClassVar, Final

import dlt

from sources import values
from sources.errors import CannotBeRead, RateLimited, Unreachable
from sources.outcomes import Outcome
from sources.reading import Reading
from sources.sendkit import stored
from sources.sendkit.api import SendkitApi
from sources.sendkit.due import Campaign
from sources.sendkit.paging import Listing, identity
from sources.sendkit.plan import planned
from sources.sendkit.settings import SECTION, Settings
from sources.sendkit.stored import Stored
from sources.sendkit.tables import CAMPAIGNS
from sources.shapes import Rows
from sources.slices import Slice
from sources.tables import REMOVED, Row, Table

ARCHIVED: Final = "archived"
SEQUENCE: Final = "sequence"
"""The steps of a campaign, which are a table of their own."""
_EMPTY: Final[Mapping[str, Any]] = {"integer": 0, "text": "", "date": date(1970, 1, 1)}


class WorkspaceReading(Reading):
    """Reads one account once. All tables of a load share it: the campaigns, their analytics.

    The API's rate limit is not known, so its lists are read one after another.

    Args:
        api: The account's API.
        settings: How it is read.
        selected: The tables that are read.
        run_id: The run, as `sync_runs` names it.
        bounds: What one dlt run may take; without bounds if left out.
    """

    section: ClassVar[str] = SECTION
    api: SendkitApi

    def __init__(
        self,
        api: SendkitApi,
        settings: Settings,
        selected: Collection[str],
        run_id: str,
        bounds: Slice | None = None,
    ) -> None:
        super().__init__(
            api,
            settings.account,
            selected,
            run_id,
            bounds,
            excluded=settings.excluded,
            full_refresh=settings.full_refresh,
            erase_key=settings.erase_key,
        )
        self.settings = settings
        self._campaigns: list[Campaign] | None = None
        self._analytics: dict[str, Row | CannotBeRead] = {}
        self._state_before: Mapping[str, Any] | None = None
        self._stored: Stored | None = None

    def look_for_stored(self, pipeline: dlt.Pipeline) -> Stored:
        """Rows in the warehouse; looked for once a read."""
        if self._stored is None:
            self._stored = stored.find(pipeline, self.account)
        return self._stored

    def remember(self, state: Mapping[str, Any]) -> None:
        """Keep what the state says before this read changes it: what is planned is told from it."""
        if self._state_before is None:
            self._state_before = deepcopy(dict(state))

    def plan(self, state: Mapping[str, Any], campaigns: Sequence[Campaign] | None = None) -> None:
        """Tell what the read should ask; once, best when the campaigns are known."""
        if self.planned is None:
            self.remember(state)
            before = self._state_before or {}
            self.planned = planned(before, self.settings, self.selected, self.today, campaigns)

    def campaigns(self) -> list[Campaign]:
        """The campaigns, asked for once a read.

        Raises:
            ApiError: They cannot be read, or all known ones are gone at once.
        """
        state = dlt.current.source_state()
        self.remember(state)
        campaigns = self.campaigns_now(known=bool(state.get("campaigns_seen")))
        self.plan(state, campaigns)
        state["campaigns_seen"] = len(campaigns)
        return campaigns

    def campaigns_now(self, *, known: bool) -> list[Campaign]:
        """The same, whatever the state says.

        Args:
            known: Whether earlier loads saw campaigns.

        Raises:
            ApiError: They cannot be read, or all known ones are gone at once.
        """
        if self._campaigns is None:
            payloads: dict[str, Row] = {}

            def ask() -> Rows:
                payloads.update((identity(payload), payload) for payload in self._listed_campaigns())
                return [
                    {name: payload[name] for name in payload if name != SEQUENCE} for payload in payloads.values()
                ]

            rows = self.whole_list(CAMPAIGNS, ask, known=known)
            self._campaigns = [_campaign(row, payloads.get(row["id"], row)) for row in rows]
        return self._campaigns

    def _listed_campaigns(self) -> Iterator[Row]:
        """What the list says of each campaign; of archived ones it may say nothing unless they are asked for."""
        for status in (None, ARCHIVED) if self.settings.archived_campaigns else (None,):
            listing = self.api.campaigns(status)
            yield from (payload for page in listing for payload in page)
            self.note_length(CAMPAIGNS, listing)

    def listed(self, table: Table, listing: Listing) -> Rows:
        """The rows of a whole list."""
        state = dlt.current.resource_state(table.name)
        self.remember(dlt.current.source_state())
        payloads = [payload for page in listing for payload in page]
        self.note_length(table, listing)
        state["pages"] = listing.pages
        return payloads

    def note_length(self, table: Table, listing: Listing) -> None:
        """Tell of a list whose length is not what the API says it is, which is a cross-check only."""
        if listing.is_whole and listing.total not in (None, listing.rows):
            outcome = self.outcome(table.name)
            outcome.notes.append(f"the API says {listing.total} rows, {listing.rows} came")

    def analytics(self, campaign_id: str) -> Row:
        """The analytics of a campaign, asked for once a read, also when that fails.

        Raises:
            ApiError: They cannot be read.
        """
        if campaign_id not in self._analytics:
            try:
                self._analytics[campaign_id] = self.api.campaign_analytics(campaign_id)
            except (RateLimited, Unreachable):
                raise
            except CannotBeRead as error:
                self._analytics[campaign_id] = error
        found = self._analytics[campaign_id]
        if isinstance(found, CannotBeRead):
            raise found
        return found

    def as_it_came(self, table: Table, payload: Row, **known: Any) -> Row | None:
        """Convert a payload whose form is not documented: it is kept whole beside the columns that are known."""
        row = self.convert(table, {**payload, "payload": payload}, **known)
        declared = {"account", *(column.name for column in table.columns)}
        return row and {name: value for name, value in row.items() if name in declared}

    def removed(self, table: Table, **unit: Any) -> Row:
        """What clears a unit of a table."""
        kinds = {column.name: column.kind for column in table.columns}
        key = {name: unit.get(name, _EMPTY[kinds[name]]) for name in table.key}
        return {"account": self.account, **key, REMOVED: True}

    def note_swept(self, outcome: Outcome, known: Mapping[str, Any], *, swept: bool) -> None:
        """Count a sweep; a first read is none."""
        outcome.swept += swept and "on" in known


def _campaign(row: Row, payload: Row) -> Campaign:
    return Campaign(row, payload, values.digest(values.payload_text(payload)))


def lower(address: Any) -> str | None:
    """An address in lower case."""
    text = values.text(address)
    return text.lower() if text else None
