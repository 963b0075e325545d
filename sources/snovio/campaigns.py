"""Campaigns, and what is asked once for each campaign that moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import dlt
from dlt.extract import DltResource

from sources.errors import NotFound
from sources.outcomes import Outcome
from sources.readers import once
from sources.snovio import due
from sources.snovio.calibration import END_EXCLUDED
from sources.snovio.movement import marked, unmark
from sources.snovio.parts import Parts, cleared, versioned
from sources.snovio.reading import AccountReading
from sources.snovio.tables import (
    CAMPAIGN_PROGRESS,
    CAMPAIGNS,
    COMPLETED_PROSPECTS,
    DAY_TABLES,
)
from sources.tables import Row, Table
from sources.writing import Read, history, history_by_unit, observations

_SUSPICIOUS_LENGTH = 10_000


def campaign_list(reading: AccountReading) -> list[Row]:
    """The campaigns of the account, asked for once a read."""
    state = dlt.current.source_state()
    rows = reading.campaigns(known=bool(state.get("campaigns_seen")))
    reading.look_for_leftovers(reading.pipeline)
    reading.plan(state, rows)
    reading.days_past_end = int(state.get(END_EXCLUDED, False))
    state["campaigns_seen"] = len(rows)
    return rows


def started_campaigns(reading: AccountReading) -> list[Row]:
    """Those that ever started: no other has events."""
    return [campaign for campaign in campaign_list(reading) if campaign["started_at"] is not None]


def campaigns(reading: AccountReading) -> DltResource:
    """All campaigns, as history: a changed or vanished campaign closes its version."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        rows = campaign_list(reading)
        outcome.saw(max((row["updated_at"] for row in rows if row["updated_at"]), default=None))
        yield rows

    return history(reading, CAMPAIGNS, read)


def campaign_progress(reading: AccountReading) -> DltResource:
    """One observation of each campaign that moved."""

    def rows_of(campaign: Row, outcome: Outcome) -> list[Row]:
        payload = reading.api.campaign_progress(campaign["id"])
        outcome.saw(reading.now)
        known = {"campaign_id": campaign["id"], "observed_at": reading.now}
        return reading.convert_object(CAMPAIGN_PROGRESS, payload, **known)

    read = for_moved_campaigns(reading, CAMPAIGN_PROGRESS, rows_of)
    return observations(reading, CAMPAIGN_PROGRESS, read, after=DAY_TABLES)


def completed_prospects(reading: AccountReading) -> DltResource:
    """Prospects that finished a campaign, as history for each campaign."""

    def rows_of(campaign: Row, outcome: Outcome) -> list[Row]:
        campaign_id = campaign["id"]
        payloads = reading.api.completed_prospects(campaign_id)
        if len(payloads) == _SUSPICIOUS_LENGTH:
            outcome.notes.append(f"campaign {campaign_id}: exactly 10,000 rows, an undocumented cap is possible")
        rows = reading.convert_all(COMPLETED_PROSPECTS, payloads, campaign_id=campaign_id)
        return versioned(rows) or removed(campaign_id)

    def removed(campaign_id: int) -> list[Row]:
        return [cleared(reading, COMPLETED_PROSPECTS, campaign_id=campaign_id)]

    read = for_moved_campaigns(reading, COMPLETED_PROSPECTS, rows_of, removed)
    return history_by_unit(reading, COMPLETED_PROSPECTS, read, "row_version", after=DAY_TABLES)


def for_moved_campaigns(
    reading: AccountReading,
    table: Table,
    rows_of: Callable[[Row, Outcome], list[Row]],
    removed: Callable[[int], list[Row]] | None = None,
    parts: Parts | None = None,
) -> Read:
    """Ask for every campaign that moved or changed since it was last asked, and for each at its sweep.

    Args:
        reading: The read this is part of.
        table: The table.
        rows_of: Asks for one campaign and converts what comes; runs in a thread.
        removed: What clears the rows of a campaign that is gone; None: they are kept.
        parts: The tables that the answers fill beside this one.
    """
    may_be_missing = table.name in due.MAY_BE_MISSING

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        present = campaign_list(reading)
        for campaign_id in reading.look_for_leftovers(reading.pipeline).of(table, parts.tables if parts else ()):
            _asked(table)[str(campaign_id)] = {}
            if parts is not None:
                parts.forget(campaign_id)
        for gone in gone_from(reading, CAMPAIGNS, _asked(table), present):
            del _asked(table)[gone]
            if removed is not None:
                yield removed(int(gone))
                if parts is not None:
                    parts.remove(int(gone))
        wanted = [campaign for campaign in present if _is_due(reading, table, campaign, outcome, parts)]
        for step in reading.readers.read(wanted, once(lambda campaign: rows_of(campaign, outcome))):
            if step is None:
                yield None
                continue
            campaign, brought = step
            number = campaign["id"]
            with reading.one(outcome, f"campaign {number}"):
                known = _asked(table)[str(number)]
                rows = _tolerated(outcome, campaign, known, brought) if may_be_missing else brought()
                if rows is None:
                    continue
                known.update(updated_at=due.updated_at(campaign), on=reading.today.isoformat())
                known.update(reading.costs.pop((table.name, number), {}))
                reading.succeeded(outcome, f"campaign {number}")
                unmark(number, table.name)
                yield parts.handed_on(number, known, rows) if parts is not None and rows else rows

    return read


def _tolerated(
    outcome: Outcome, campaign: Row, known: Row, brought: Callable[[], list[Row] | None]
) -> list[Row] | None:
    """What came for a campaign; nothing if the load before did not find it either, which is no failure any more.

    Raises:
        NotFound: It is not found for the first time.
    """
    try:
        rows = brought()
    except NotFound:
        if not known.get("not_found"):
            known["not_found"] = True
            raise
        outcome.notes.append(f"campaign {campaign['id']}: is listed, but the API has nothing here")
        return []
    known.pop("not_found", None)
    return rows


def gone_from(
    reading: AccountReading, table: Table, known: Mapping[str, Any], present: Iterable[Row]
) -> Collection[str]:
    """The known ids that a list no longer shows; none if it has rows whose id could not be read."""
    return () if table.name in reading.unkeyed else known.keys() - {str(row["id"]) for row in present}


def _asked(table: Table) -> dict[str, Row]:
    """What the state knows of each campaign, in the slice that is being read."""
    campaigns: dict[str, Row] = dlt.current.resource_state(table.name).setdefault("campaigns", {})
    return campaigns


def _is_due(reading: AccountReading, table: Table, campaign: Row, outcome: Outcome, parts: Parts | None) -> bool:
    """Whether a campaign moved or changed, a part of its answer was not loaded, or its sweep is due."""
    known = _asked(table).setdefault(str(campaign["id"]), {})
    if campaign["id"] in marked(table.name):
        return True
    if due.is_never_asked(table.name, campaign):
        return False
    if due.campaign_swept(known, campaign, reading.settings, reading.today):
        outcome.swept += "on" in known
        return True
    if parts is not None and parts.is_missing(campaign["id"], known):
        return True
    return due.campaign_changed(known, campaign, knows_activity=due.sees_movement(table.name, reading.selected))
