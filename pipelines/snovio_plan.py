"""What a load of Snov.io would ask now, told with two calls at most: the token's, and one question."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from datetime import UTC
from typing import Any, Final

import dlt

from pipelines import warehouse
from pipelines.source import Planned, State
from sources.errors import ApiError, CredentialsRefused, OutreachError, Stopped
from sources.outcomes import Calls, total
from sources.snovio import leftovers
from sources.snovio.activity_plan import MOST_UNREAD
from sources.snovio.api import ROWS_PER_PAGE, SnovioApi
from sources.snovio.counting import Answer
from sources.snovio.known import MOST_GAINED, MOST_UNKNOWN, Known
from sources.snovio.plan import ASKED_FOR_CAMPAIGNS, planned
from sources.snovio.reading import AccountReading
from sources.snovio.settings import Settings
from sources.snovio.standstill import question
from sources.snovio.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGNS,
    EVENT_TABLES,
    LIST_PROSPECTS,
    PIPELINE_STAGES,
    RECIPIENT_ACTIVITY,
)

TOKEN: Final = "token"  # noqa: S105  # the name under which token calls are counted
_MINUTES_A_TOKEN: Final = 55
"""A token holds an hour and is renewed five minutes early."""
_ASIDE: Final = (
    "not in these figures: retries, waits after a 429, and what was made, edited or deleted since the last load "
    "(campaigns, lists, pipelines, settings)"
)


def known_before(pipeline: dlt.Pipeline, state: State, settings: Settings) -> Known | None:
    """What is known of an account before it is loaded; None if its campaigns were never loaded."""
    if CAMPAIGNS.name not in warehouse.tables_there(pipeline):
        return None
    query = (
        f"SELECT id, status, started_at, updated_at FROM campaigns "  # noqa: S608  # the name is checked
        f"WHERE account = '{settings.account}' AND _dlt_valid_to IS NULL ORDER BY id"
    )
    campaigns = [
        {"id": number, "status": status, "started_at": started and started.astimezone(UTC),
         "updated_at": updated and updated.astimezone(UTC)}
        for number, status, started, updated in warehouse.read(pipeline, query)
    ]  # fmt: skip
    if not campaigns and state.get("campaigns_seen"):
        return None
    left = leftovers.find(pipeline, settings.account, state, everything=settings.full_refresh)
    return Known(state, campaigns, left)


class SnovioPlanner:
    """Plans the load of one account.

    Args:
        settings: How it is read.
        tables: The tables that are loaded.
        state: What dlt keeps of it.
    """

    def __init__(self, settings: Settings, tables: Collection[str], state: State) -> None:
        self._settings = settings
        self._tables = tables
        self._state = state
        self._found: Known | None = None

    def look(self, pipeline: dlt.Pipeline) -> None:
        """Look into the warehouse, before the API is asked."""
        if self._state:
            self._found = known_before(pipeline, self._state, self._settings)

    def planned(self, api: SnovioApi, minutes: Callable[[int], int]) -> Planned:
        """Tell what a load would ask.

        Args:
            api: The account's API, with a budget of two calls.
            minutes: How long so many calls take.

        Raises:
            OutreachError: Nobody listed the campaigns yet, and they cannot be read.
        """
        reading = AccountReading(api, self._settings, self._tables, "plan")
        notes: list[str] = []
        quiet: set[int] | None = None
        with closing(reading.readers):
            if self._found is None:
                found = _listed(reading, self._state, notes)
            else:
                found = self._found
                quiet = _quiet(api, found, reading, notes)
            calls = planned(found, self._settings, self._tables, reading.today, quiet)
        calls = {TOKEN: _tokens(minutes(total(calls.values()).most)), **calls}
        return Planned(calls, [*notes, *_assumptions(found, calls, quiet)])


def _listed(reading: AccountReading, state: Any, notes: list[str]) -> Known:
    """What is known once the campaigns are asked for, because no load has listed them."""
    if not reading.selected.intersection(ASKED_FOR_CAMPAIGNS):
        return Known(state, ())
    notes.append("no load has listed the campaigns yet: they were asked for")
    try:
        return Known(state, reading.campaigns(known=False))
    except Stopped:
        raise OutreachError(
            "the campaigns could not be read with two calls; run again, or run outreach check"
        ) from None


def _quiet(api: SnovioApi, found: Known, reading: AccountReading, notes: list[str]) -> set[int] | None:
    """Campaigns that stand still, told by one question about all that showed nothing lately."""
    if not reading.selected.intersection((*EVENT_TABLES, CAMPAIGN_ANALYTICS.name)):
        return None
    try:
        api.sign_in()  # tells the API's day
        asked = question(found, reading.settings, reading.selected, reading.today)
        if asked is None:
            return None
        counters = Answer(
            api.campaign_analytics(campaign_ids=asked.campaign_ids, date_from=asked.since, date_to=asked.date_to)
        )
    except CredentialsRefused:
        raise
    except (ApiError, Stopped) as error:
        notes.append(f"whether anything moved could not be asked, so everything may have: {error}")
        return None
    if not asked.is_still(counters):
        notes.append(f"something moved since {asked.since}, and one question cannot tell what: everything may have")
        return None
    quiet = {*asked.campaign_ids, *(row["id"] for row in found.campaigns if row["started_at"] is None)}
    perhaps = len(found.campaigns) - len(quiet)
    notes.append(f"{len(asked.campaign_ids):,} campaigns stand still since {asked.since}; {perhaps:,} may have moved")
    return quiet


def _tokens(minutes: int) -> Calls:
    """Calls for tokens: one, and one more for each further hour."""
    return Calls(1, 1 + minutes // _MINUTES_A_TOKEN)


def _assumptions(found: Known, calls: Collection[str], quiet: set[int] | None) -> list[str]:
    """What the most rests on."""
    lines = []
    if not found.state:
        lines.append(
            f"most: no list has more than one page ({ROWS_PER_PAGE:,} rows), and one more for each further "
            f"{ROWS_PER_PAGE:,} rows of a list"
        )
        if RECIPIENT_ACTIVITY.name in calls:
            lines.append(f"most: no campaign has more than {MOST_UNREAD:,} events of recipients")
    elif quiet is None or len(quiet) < len(found.campaigns):
        lines.append(
            f"most: no list gained more than {MOST_GAINED:,} rows, and one more for each further "
            f"{ROWS_PER_PAGE:,} rows of a list"
        )
    unlisted = LIST_PROSPECTS.name in calls and "lists_seen" not in found.state
    if unlisted or (PIPELINE_STAGES.name in calls and "pipelines_seen" not in found.state):
        lines.append(
            f"most: no more prospect lists than campaigns (at least {MOST_UNKNOWN}), and {MOST_UNKNOWN} pipelines; "
            "nobody has listed them yet"
        )
    return [*lines, _ASIDE]
