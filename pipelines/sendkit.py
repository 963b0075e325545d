"""SendKit, as the commands use it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

import dlt

from pipelines.configuration import Configuration, Section
from pipelines.source import Asked, Planned, Source, Standing, State
from sources.budget import Budget
from sources.decoding import DecodingProcesses
from sources.errors import Stopped
from sources.outcomes import total
from sources.sendkit import resources, sendkit_source
from sources.sendkit.api import SendkitApi
from sources.sendkit.described import SEEN, described
from sources.sendkit.due import Campaign
from sources.sendkit.plan import MOST_UNKNOWN, planned
from sources.sendkit.reading import WorkspaceReading
from sources.sendkit.settings import SECTION, Settings
from sources.sendkit.tables import (
    BY_CAMPAIGN,
    CAMPAIGN_STEPS,
    CAMPAIGNS,
    DEFAULT_TABLES,
    INBOX_THREADS,
    LEADS,
    TABLES,
)
from sources.settings import excluded_columns

_NEEDS_CAMPAIGNS: Final = frozenset({CAMPAIGNS.name, CAMPAIGN_STEPS.name, *BY_CAMPAIGN})
_ASIDE: Final = "not in these figures: retries and waits after a 429"


def _settings(section: Section, account: str, asked: Asked) -> Settings:
    return Settings(
        account=account,
        workspace_id=section.optional("workspace_id"),
        lookback_days=section.number("lookback_days", 3),
        sweep_days=section.number("sweep_days", 7),
        archived_campaigns=section.flag("archived_campaigns", default=True),
        full_refresh=asked.full_refresh,
        excluded=excluded_columns(SECTION, section.names("exclude_columns"), TABLES.values()),
        erase_key=section.secret("erase_key"),
    )


def _api(configuration: Configuration, budget: Budget, _: DecodingProcesses | None) -> SendkitApi:
    return SendkitApi(
        api_key=configuration.credentials["api_key"],
        workspace_id=configuration.settings.workspace_id,
        base_url=configuration.base_url,
        requests_per_minute=configuration.requests_per_minute,
        block_seconds=configuration.block_seconds,
        budget=budget,
        limiter_store=configuration.limiter_store,
    )


def _greeting(api: SendkitApi) -> str:
    return f"workspaces that the key opens: {sum(map(len, api.workspaces()))}"


class SendkitPlanner:
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

    def look(self, pipeline: dlt.Pipeline) -> None:
        """Nothing in the warehouse tells more than the state."""

    def planned(self, api: SendkitApi, _: object) -> Planned:
        """Tell what a load would ask; the list of campaigns tells which must be asked.

        Args:
            api: The account's API, with a budget of two calls.
        """
        reading = WorkspaceReading(api, self._settings, self._tables, "plan")
        notes: list[str] = []
        campaigns: list[Campaign] | None = None
        with closing(reading.readers):
            if reading.selected.intersection(_NEEDS_CAMPAIGNS):
                try:
                    campaigns = reading.campaigns_now(known=False)
                except Stopped:
                    notes.append("two calls do not show all campaigns: any of them may have changed")
            calls = planned(self._state, self._settings, self._tables, reading.today, campaigns)
        if not self._state:
            notes.append(f"most: no list has more than {MOST_UNKNOWN} pages; no load has read them yet")
        return Planned(calls, [*notes, _ASIDE])


def _standing(_: dlt.Pipeline, settings: Settings, state: State) -> Standing:
    if not state:
        return Standing()
    calls = total(planned(state, settings, DEFAULT_TABLES, datetime.now(UTC).date(), None).values())
    resources_known = state.get("resources", {})
    cut_off = [table for table in (LEADS.name, INBOX_THREADS.name) if resources_known.get(table, {}).get("cut_off")]
    return Standing(next_load=calls, unfinished=[f"{table} is not read to its end" for table in cut_off])


def _kept_aside(table: str) -> list[str]:
    return [SEEN] if table == CAMPAIGNS.name else []


SENDKIT: Final = Source(
    name="sendkit",
    dlt_source=sendkit_source,
    tables=TABLES,
    default_tables=DEFAULT_TABLES,
    credentials=("api_key",),
    where="SendKit makes keys under Settings, API.",
    base_url="https://api.sendkit.ai",
    requests_per_minute=60,
    block_seconds=60.0,
    settings=_settings,
    api=_api,
    greeting=_greeting,
    reading=WorkspaceReading,
    resources=resources,
    look=WorkspaceReading.look_for_stored,
    planner=SendkitPlanner,
    standing=_standing,
    described=described,
    kept_aside=_kept_aside,
)
