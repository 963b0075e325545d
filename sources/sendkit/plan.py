"""How many calls a load should come to, told before it changes what the state knows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sources.outcomes import Calls
from sources.sendkit.due import Campaign, list_swept, must_ask
from sources.sendkit.paging import ROWS_PER_PAGE
from sources.sendkit.settings import Settings
from sources.sendkit.tables import (
    BY_CAMPAIGN,
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_LEADS,
    CAMPAIGN_STEP_ANALYTICS,
    CAMPAIGN_STEPS,
    CAMPAIGNS,
    DO_NOT_CONTACT,
    INBOX_THREADS,
    LEADS,
    MAILBOXES,
    OVERVIEW,
    SUBSEQUENCES,
    TABLES,
    WORKSPACES,
)
from sources.tables import Row

MOST_UNKNOWN: Final = 10
"""So many pages or campaigns are allowed for while none was ever seen, and so many may have come since."""

_PAGED: Final = (LEADS.name, INBOX_THREADS.name, MAILBOXES.name, DO_NOT_CONTACT.name, WORKSPACES.name)
_ANALYTICS: Final = (CAMPAIGN_ANALYTICS.name, CAMPAIGN_STEP_ANALYTICS.name, SUBSEQUENCES.name)
"""Tables that one call for a campaign fills; it counts as one of the first."""


def planned(
    state: Mapping[str, Any],
    settings: Settings,
    tables: Collection[str],
    today: date,
    campaigns: Sequence[Campaign] | None,
) -> dict[str, Calls]:
    """What a load will ask, by table; retries aside.

    Args:
        state: What dlt keeps of the source.
        settings: How the account is read.
        tables: The tables that are loaded.
        today: The UTC day of the load.
        campaigns: The campaigns as the list shows them now; None: not asked yet.
    """
    plan = _Plan(state, settings, today, campaigns)
    calls = {table: Calls() for table in TABLES if table in tables}
    for table in calls.keys() & {*_PAGED}:
        calls[table] = plan.pages(table)
    if OVERVIEW.name in calls:
        calls[OVERVIEW.name] = Calls(1, 1)
    if calls.keys() & {CAMPAIGNS.name, CAMPAIGN_STEPS.name, *BY_CAMPAIGN}:
        calls[CAMPAIGNS.name] = plan.campaigns(details=CAMPAIGNS.name in tables)
    if calls.keys() & {*_ANALYTICS}:
        calls[CAMPAIGN_ANALYTICS.name] = plan.asked(*calls.keys() & {*_ANALYTICS})
    for table in calls.keys() & {*BY_CAMPAIGN} - {*_ANALYTICS}:
        calls[table] = plan.leads() if table == CAMPAIGN_LEADS.name else plan.asked(table)
    return calls


class _Plan:
    """What the state says of each table; the arguments are those of `planned`."""

    def __init__(
        self, state: Mapping[str, Any], settings: Settings, today: date, campaigns: Sequence[Campaign] | None
    ) -> None:
        self._state = state
        self._settings = settings
        self._today = today
        self._campaigns = campaigns

    def pages(self, table: str) -> Calls:
        """The pages of a list, told by how many it had; of leads perhaps the new ones alone."""
        known = self._of(table)
        pages = known.get("pages")
        if table == LEADS.name and known.get("newest") and not self._sweeps_leads():
            return Calls(1, MOST_UNKNOWN)
        return Calls(1, MOST_UNKNOWN) if pages is None else Calls(max(1, pages - MOST_UNKNOWN), pages + MOST_UNKNOWN)

    def campaigns(self, *, details: bool) -> Calls:
        """The list, once more for archived campaigns, and what it does not show of those that changed."""
        passes = 1 + self._settings.archived_campaigns
        if self._campaigns is None:
            least, most = passes, passes + MOST_UNKNOWN
        else:
            pages = -(-len(self._campaigns) // ROWS_PER_PAGE)
            least, most = max(passes, pages), passes + pages
        asked = self.asked(CAMPAIGNS.name) if details else Calls()
        return Calls(least + asked.least, most + asked.most)

    def asked(self, *tables: str) -> Calls:
        """One call for each campaign that must be asked for any of some tables."""
        if self._campaigns is None:
            return Calls(0, self._state.get("campaigns_seen", 0) + MOST_UNKNOWN)
        due = len({campaign.id for table in tables for campaign in self._due(table)})
        return Calls(due, due)

    def leads(self) -> Calls:
        """The pages of the leads of each campaign that must be asked."""
        if self._campaigns is None:
            return self.asked(CAMPAIGN_LEADS.name)
        pages = [_pages_of_leads(campaign.row) for campaign in self._due(CAMPAIGN_LEADS.name)]
        return Calls(len(pages), sum(pages))

    def _due(self, table: str) -> list[Campaign]:
        known = self._of(table).get("campaigns", {})
        return [
            campaign
            for campaign in self._campaigns or ()
            if must_ask(known.get(campaign.id, {}), campaign, self._settings, self._today)
        ]

    def _sweeps_leads(self) -> bool:
        return list_swept(self._of(LEADS.name), LEADS.name, self._settings, self._today)

    def _of(self, table: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._state.get("resources", {}).get(table, {})
        return found


def _pages_of_leads(campaign: Row) -> int:
    """How many pages the leads of a campaign may have; not every form of the list tells how many they are."""
    total = campaign.get("stats__total_leads")
    return MOST_UNKNOWN if total is None else total // ROWS_PER_PAGE + 2
