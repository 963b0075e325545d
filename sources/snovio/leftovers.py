"""Rows in the warehouse that the state does not tell of.

dlt commits the tables of a load one after another and its bookkeeping last. A load killed in between leaves rows
whose load is not recorded, while the state that comes back is the one before. What such a load wrote must be read
again, and cleared where the API no longer shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import dlt
from dlt.destinations.sql_client import SqlClientBase

from sources.snovio.tables import (
    CAMPAIGN_ANALYTICS,
    COMPLETED_PROSPECTS,
    DAY_TABLES,
    LIST_PROSPECT_EMAILS,
    LIST_PROSPECTS,
    SENDER_ANALYTICS,
)

_LOADS: Final = "_dlt_loads"
_UNRECORDED: Final = f"_dlt_load_id NOT IN (SELECT load_id FROM {_LOADS} WHERE status = 0)"  # noqa: S608  # dlt's own


@dataclass(slots=True)
class Leftovers:
    """Units that hold such rows.

    Args:
        days: Days of tables with events, by table and campaign.
        lists: Prospect lists.
        completed: Campaigns with completed prospects.
        counted: Campaigns with daily counters.
        senders: Senders with daily counters.
    """

    days: dict[str, dict[int, set[date]]] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
    completed: set[int] = field(default_factory=set)
    counted: set[int] = field(default_factory=set)
    senders: set[str] = field(default_factory=set)


def stored_tables(client: SqlClientBase[Any]) -> set[str]:
    """The tables that exist in the client's dataset."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
    return {str(name) for (name,) in client.execute_sql(query, client.dataset_name) or []}


def find(pipeline: dlt.Pipeline, account: str, *, everything: bool) -> Leftovers:
    """Look for leftovers of killed loads in the pipeline's dataset.

    Args:
        pipeline: The pipeline that is about to load.
        account: Whose rows.
        everything: Take all stored rows for leftovers: nothing that the state says is trusted.
    """
    found = Leftovers()
    with pipeline.sql_client() as client:
        there = stored_tables(client)
        if _LOADS not in there:
            return found

        def units(table: str, columns: str, where: str = "") -> Sequence[Sequence[Any]]:
            if table not in there:
                return []
            conditions = " AND ".join(filter(None, ("account = %s", where, "" if everything else _UNRECORDED)))
            query = f"SELECT DISTINCT {columns} FROM {table} WHERE {conditions}"  # noqa: S608  # names of our own
            return client.execute_sql(query, account) or []

        for table in DAY_TABLES:
            for campaign_id, day in units(table, "campaign_id, event_date"):
                found.days.setdefault(table, {}).setdefault(campaign_id, set()).add(day)
        for table in (LIST_PROSPECTS.name, LIST_PROSPECT_EMAILS.name):
            found.lists |= {list_id for (list_id,) in units(table, "list_id")}
        active = units(COMPLETED_PROSPECTS.name, "campaign_id", "_dlt_valid_to IS NULL")
        found.completed = {campaign_id for (campaign_id,) in active}
        found.counted = {campaign_id for (campaign_id,) in units(CAMPAIGN_ANALYTICS.name, "campaign_id")}
        found.senders = {sender for (sender,) in units(SENDER_ANALYTICS.name, "scope_id")}
    return found
