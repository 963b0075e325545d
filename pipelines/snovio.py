"""Snov.io, as the commands use it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import dlt

from pipelines.configuration import Configuration, Section
from pipelines.snovio_plan import SnovioPlanner, known_before
from pipelines.source import Asked, Source, Standing, State
from sources.budget import Budget
from sources.decoding import Decoder, DecodingProcesses
from sources.outcomes import Calls, total
from sources.snovio import resources, snovio_source
from sources.snovio.api import SnovioApi
from sources.snovio.described import SEEN, described
from sources.snovio.known import Known
from sources.snovio.members import NEED_MEMBERS
from sources.snovio.plan import planned
from sources.snovio.reading import AccountReading
from sources.snovio.settings import PROFILES_PER_RUN, Settings, excluded_columns
from sources.snovio.tables import (
    ASKED_BY_DAYS,
    CAMPAIGN_ANALYTICS,
    DAY_TABLES,
    DEFAULT_TABLES,
    READ_WITH,
    SENDER_ANALYTICS,
    TABLES,
)


def _settings(section: Section, account: str, asked: Asked) -> Settings:
    return Settings(
        account=account,
        start_date=section.day("start_date"),
        lookback_days=section.number("lookback_days", 3),
        sweep_days=section.number("sweep_days", 7),
        full_refresh=asked.full_refresh,
        profiles_per_run=section.number("profiles_per_run", PROFILES_PER_RUN),
        range=asked.days,
        linkedin_senders=section.names("linkedin_senders"),
        campaign_owners=section.names("campaign_owners"),
        excluded=excluded_columns(section.names("exclude_columns"), TABLES.values()),
        erase_key=section.secret("erase_key"),
    )


def _api(configuration: Configuration, budget: Budget, processes: DecodingProcesses | None) -> SnovioApi:
    return SnovioApi(
        client_id=configuration.credentials["client_id"],
        client_secret=configuration.credentials["client_secret"],
        base_url=configuration.base_url,
        requests_per_minute=configuration.requests_per_minute,
        block_seconds=configuration.block_seconds,
        budget=budget,
        limiter_store=configuration.limiter_store,
        decoder=Decoder(processes),
    )


def _greeting(api: SnovioApi) -> str:
    return f"{api.account_balance().get('balance')} credits left"


def _look(reading: AccountReading, pipeline: dlt.Pipeline) -> None:
    reading.look_for_leftovers(pipeline)
    if reading.selected.intersection((CAMPAIGN_ANALYTICS.name, SENDER_ANALYTICS.name)):
        reading.look_for_stored(pipeline)
    if reading.selected.intersection(NEED_MEMBERS):
        reading.look_for_members(pipeline)


def _standing(pipeline: dlt.Pipeline, settings: Settings, state: State) -> Standing:
    """Tell it of an account whose campaigns were loaded."""
    found = known_before(pipeline, state, settings)
    if found is None:
        return Standing()
    calls = total(planned(found, settings, DEFAULT_TABLES, datetime.now(UTC).date()).values())
    return Standing(
        next_load=Calls(calls.least + 1, calls.most + 1),  # and a token
        unfinished=list(_unfinished(found)),
        notes=[found.probe_off] if found.probe_off else [],
    )


def _unfinished(found: Known) -> Iterator[str]:
    """Event tables that were begun, but not read to the end of the list of every started campaign."""
    for table in filter(found.of, DAY_TABLES):
        unread = [campaign for campaign in found.started if not found.coverage(table, campaign["id"]).complete]
        if unread:
            yield f"{table} of {len(unread)} campaigns is not read to its end"


def _kept_aside(table: str) -> list[str]:
    repaired = ["repaired"] if table == CAMPAIGN_ANALYTICS.name else []
    return [f"moved.{table}", *([SEEN[table]] if table in SEEN else []), *repaired]


SNOVIO: Final = Source(
    name="snovio",
    dlt_source=snovio_source,
    tables=TABLES,
    default_tables=DEFAULT_TABLES,
    credentials=("client_id", "client_secret"),
    where="Snov.io shows it under Integrations, API.",
    base_url="https://api.snov.io",
    requests_per_minute=55,
    block_seconds=300.0,
    settings=_settings,
    api=_api,
    greeting=_greeting,
    reading=AccountReading,
    resources=resources,
    look=_look,
    planner=SnovioPlanner,
    standing=_standing,
    described=described,
    kept_aside=_kept_aside,
    asked_by_days=ASKED_BY_DAYS,
    read_with=READ_WITH,
)
