"""Campaigns, and what is asked once for each campaign that moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import dlt
from dlt.extract import DltResource

from sources import values
from sources.outcomes import Outcome
from sources.readers import once
from sources.snovio import due
from sources.snovio.movement import marked, unmark
from sources.snovio.reading import UNSTABLE, AccountReading
from sources.snovio.tables import (
    CAMPAIGN_PROGRESS,
    CAMPAIGNS,
    COMPLETED_PROSPECTS,
    DAY_TABLES,
)
from sources.tables import REMOVED, Row, Table
from sources.writing import Read, history, history_by_unit, observations

_SUSPICIOUS_LENGTH = 10_000


def campaign_list(reading: AccountReading) -> list[Row]:
    """The campaigns of the account, asked for once a read."""
    state = dlt.current.source_state()
    rows = reading.campaigns(known=bool(state.get("campaigns_seen")))
    reading.look_for_leftovers(dlt.current.pipeline())
    reading.plan(state, rows)
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
        for row in rows:
            row["row_version"] = _version(row)
        return rows or removed(campaign_id)

    def removed(campaign_id: int) -> list[Row]:
        key = {"account": reading.account, "campaign_id": campaign_id, "user_email": ""}
        return [{**key, "row_version": "", REMOVED: True}]

    read = for_moved_campaigns(reading, COMPLETED_PROSPECTS, rows_of, removed)
    return history_by_unit(reading, COMPLETED_PROSPECTS, read, "row_version", after=DAY_TABLES)


def _version(row: Row) -> str:
    """A hash of what is stable in a row, so that ids that change from call to call open no new version."""
    stable = {key: value for key, value in row.items() if key not in UNSTABLE}
    return values.digest(stable)


def for_moved_campaigns(
    reading: AccountReading,
    table: Table,
    rows_of: Callable[[Row, Outcome], list[Row]],
    removed: Callable[[int], list[Row]] | None = None,
) -> Read:
    """Ask for every campaign that moved since it was last asked, and for each at its sweep.

    Args:
        reading: The read this is part of.
        table: The table.
        rows_of: Asks for one campaign and converts what comes.
        removed: What clears the rows of a campaign that is gone; None: they are kept.
    """

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        present = campaign_list(reading)
        if removed is not None:
            for campaign_id in reading.look_for_leftovers(dlt.current.pipeline()).completed:
                _asked(table).setdefault(str(campaign_id), {})
        for gone in gone_from(reading, CAMPAIGNS, _asked(table), present):
            del _asked(table)[gone]
            if removed is not None:
                yield removed(int(gone))
        wanted = [campaign for campaign in present if _is_due(reading, table, campaign, outcome)]
        for step in reading.readers.read(wanted, once(lambda campaign: rows_of(campaign, outcome))):
            if step is None:
                yield None
                continue
            campaign, brought = step
            with reading.one(outcome, f"campaign {campaign['id']}"):
                rows = brought()
                if rows is None:
                    continue
                _asked(table)[str(campaign["id"])].update(
                    updated_at=due.updated_at(campaign), on=reading.today.isoformat()
                )
                reading.succeeded(outcome, f"campaign {campaign['id']}")
                unmark(campaign["id"], table.name)
                yield rows

    return read


def gone_from(
    reading: AccountReading, table: Table, known: Mapping[str, Any], present: Iterable[Row]
) -> Collection[str]:
    """The known ids that a list no longer shows; none if it has rows whose id could not be read."""
    return () if table.name in reading.unkeyed else known.keys() - {str(row["id"]) for row in present}


def _asked(table: Table) -> dict[str, Row]:
    """What the state knows of each campaign, in the slice that is being read."""
    campaigns: dict[str, Row] = dlt.current.resource_state(table.name).setdefault("campaigns", {})
    return campaigns


def _is_due(reading: AccountReading, table: Table, campaign: Row, outcome: Outcome) -> bool:
    """Whether a campaign moved or changed, or its sweep is due."""
    known = _asked(table).setdefault(str(campaign["id"]), {})
    if campaign["id"] in marked(table.name):
        return True
    if due.is_never_asked(table.name, campaign):
        return False
    if due.campaign_swept(known, campaign, reading.settings, reading.today):
        outcome.swept += "on" in known
        return True
    return due.campaign_changed(known, campaign, knows_activity=reading.knows_activity)
