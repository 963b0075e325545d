"""One read of one Snov.io account: what its tables share while they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

import dlt

from sources.errors import WrongAnswer
from sources.reading import Reading
from sources.slices import Slice
from sources.snovio import leftovers, members, stored
from sources.snovio.api import SnovioApi
from sources.snovio.days import DAY, Days
from sources.snovio.known import Known
from sources.snovio.leftovers import Leftovers
from sources.snovio.members import Members
from sources.snovio.movement import Movement
from sources.snovio.plan import planned
from sources.snovio.settings import SECTION, Settings
from sources.snovio.stored import StoredDays
from sources.snovio.tables import CAMPAIGNS, PROSPECT_LISTS, SENDER_ACCOUNTS, WARMUPS
from sources.tables import Row, Table

Kept = TypeVar("Kept")

UNSTABLE: Final = frozenset({"source_id", "source_hash", "prospect_id"})
"""Columns of event rows that may change from call to call."""


class Variant(NamedTuple):
    """A variant of the text of an e-mail in a sequence."""

    step_id: int
    content_id: int


class AccountReading(Reading):
    """Reads one account once. All tables of a load share it: the campaign list, what is known before.

    Args:
        api: The account's API.
        settings: How it is read.
        selected: The tables that are read.
        run_id: The run, as `sync_runs` names it.
        bounds: What one dlt run may take; without bounds if left out.
    """

    section: ClassVar[str] = SECTION
    unstable: ClassVar[frozenset[str]] = UNSTABLE
    api: SnovioApi

    def __init__(
        self,
        api: SnovioApi,
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
        self.movement = Movement()
        self.done: set[tuple[str, int]] = set()
        """The event lists that this read has finished: table and campaign."""
        self.leftovers: Leftovers | None = None
        self.stored: StoredDays | None = None
        self.days_seen: defaultdict[int, set[date]] = defaultdict(set)
        """Days of campaigns with events that this read handed on."""
        self.schedules: list[Row] | None = None
        self.pipelines: list[Row] | None = None
        self.emails_of_lists: dict[int, list[Row]] = {}
        """E-mails of the prospects of each list that was read, until they are handed on."""
        self.costs: dict[tuple[str, int], Row] = {}
        """What asking for a campaign cost, by table and campaign, until it is written down."""
        self.variants: dict[int, list[Variant]] = {}
        """The variants of e-mails of the campaigns whose details were read."""
        self.members: Members | None = None
        self.days_past_end = 0
        """How many days more a question about counters must name, so that its last day is included."""
        self._kept: dict[str, Any] = {}
        self._senders: list[Row] | None = None
        self._warmups: list[Row] | None = None
        self._campaigns: list[Row] | None = None
        self._lists: list[Row] | None = None

    def look_for_leftovers(self, pipeline: dlt.Pipeline) -> Leftovers:
        """What the state does not tell of in the warehouse; looked for once a read. A full refresh trusts nothing."""
        if self.leftovers is None:
            state = pipeline.state.get("sources", {}).get("snovio", {})
            self.leftovers = leftovers.find(pipeline, self.account, state, everything=self.settings.full_refresh)
        return self.leftovers

    def look_for_stored(self, pipeline: dlt.Pipeline) -> StoredDays:
        """Days with rows in the warehouse; looked for once a read."""
        if self.stored is None:
            self.stored = stored.find(pipeline, self.account)
        return self.stored

    def kept(self, table: Table, make: Callable[[], Kept]) -> Kept:
        """What a table shares with those that its answers fill: made once a read.

        Resources are made anew for each slice, but what reads a table goes on from one slice to the next.
        """
        if table.name not in self._kept:
            self._kept[table.name] = make()
        found: Kept = self._kept[table.name]
        return found

    @property
    def replaces_everything(self) -> bool:
        """Whether what is read is handed on even if it is what was loaded."""
        return self.settings.full_refresh or self.settings.sweep_days == 0

    def counters(self, table: Table, campaign_ids: Sequence[int], days: Days, **scope: Any) -> Row:
        """The counters of some campaigns over some days, both ends included; runs in a thread.

        Args:
            table: What they are for.
            campaign_ids: Which campaigns.
            days: Which days.
            scope: What else narrows it down, as for `SnovioApi.campaign_analytics`.
        """
        last = days.last + self.days_past_end * DAY
        return self.api.campaign_analytics(
            campaign_ids=campaign_ids, date_from=days.first, date_to=last, table=table.name, **scope
        )

    def look_for_members(self, pipeline: dlt.Pipeline) -> Members:
        """The prospects of all lists in the warehouse; looked for once a read."""
        if self.members is None:
            self.members = members.find(pipeline, self.account, self.erased)
        return self.members

    def plan(self, state: Mapping[str, Any], campaigns: Sequence[Row] = ()) -> None:
        """Tell what the read should ask; once, before it changes what the state says of any list."""
        if self.settings.range is not None:
            self.planned = {}
        elif self.planned is None:
            known = Known(state, campaigns, self.leftovers or Leftovers())
            self.planned = planned(known, self.settings, self.selected, self.today)

    def campaigns(self, *, known: bool) -> list[Row]:
        """The campaigns, asked for once a read.

        Args:
            known: Whether earlier loads saw campaigns.

        Raises:
            ApiError: They cannot be read, or all known ones are gone at once.
        """
        if self._campaigns is None:
            self._campaigns = self.whole_list(CAMPAIGNS, self.api.campaigns, known=known)
        return self._campaigns

    def prospect_lists(self, *, known: bool) -> list[Row]:
        """The prospect lists, asked for once a read; as `campaigns`."""
        if self._lists is None:
            self._lists = self.whole_list(PROSPECT_LISTS, self.api.prospect_lists, known=known)
        return self._lists

    def senders(self) -> list[Row]:
        """The sender accounts, asked for once a read."""
        if self._senders is None:
            self._senders = self.convert_all(SENDER_ACCOUNTS, self.api.sender_accounts())
            dlt.current.source_state()["senders_seen"] = len(self._senders)
        return self._senders

    def warmups(self) -> list[Row]:
        """The warm-ups of senders, asked for once a read.

        Raises:
            WrongAnswer: A page repeats the one before: `page` is ignored.
        """
        if self._warmups is None:
            payloads: list[Row] = []
            before: list[Row] = []
            for number in count(1):
                page = self.api.warmups(number)
                if page.rows and page.rows == before:
                    raise WrongAnswer(WARMUPS.name, "a page repeats the one before: `page` is ignored", 200)
                payloads += page.rows
                before = page.rows
                if page.is_last:
                    break
            self._warmups = self.convert_all(WARMUPS, payloads)
            dlt.current.source_state()["warmups_seen"] = len(self._warmups)
        return self._warmups
