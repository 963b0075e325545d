"""Rows in the warehouse that the state does not tell of.

dlt commits the tables of a load one after another and its bookkeeping last. A load killed in between leaves rows
whose load is not recorded, while the state that comes back is the one before. What such a load wrote must be read
again, and cleared where the API no longer shows it. So must the rows of what the state does not know, because it was
reset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import dlt

from sources.snovio.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_DETAILS,
    CAMPAIGN_REPLIES,
    CAMPAIGN_REPLY_MESSAGES,
    CAMPAIGN_STEP_CONTENTS,
    CAMPAIGN_STEPS,
    COMPLETED_PROSPECTS,
    DAY_TABLES,
    EMAIL_STEP_CONTENTS,
    LIST_PROSPECT_EMAILS,
    LIST_PROSPECTS,
    RECIPIENT_STATUSES,
    SENDER_ANALYTICS,
)
from sources.stored_tables import select, stored_tables
from sources.tables import Table

_BY_CAMPAIGN: Final = (
    COMPLETED_PROSPECTS,
    CAMPAIGN_DETAILS,
    CAMPAIGN_STEPS,
    CAMPAIGN_STEP_CONTENTS,
    EMAIL_STEP_CONTENTS,
    CAMPAIGN_REPLIES,
    CAMPAIGN_REPLY_MESSAGES,
    RECIPIENT_STATUSES,
)
"""Tables that are kept a campaign at a time."""
_LOADS: Final = "_dlt_loads"
_RECORDED: Final = f"SELECT load_id FROM {_LOADS} WHERE status = 0"  # noqa: S608  # dlt's own


@dataclass(slots=True)
class Leftovers:
    """Units that hold such rows.

    Args:
        days: Days of tables with events, by table and campaign.
        lists: Prospect lists.
        campaigns: Campaigns, by table that is kept a campaign at a time.
        counted: Campaigns with daily counters.
        senders: Senders with daily counters.
    """

    days: dict[str, dict[int, set[date]]] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
    campaigns: dict[str, set[int]] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)
    senders: set[str] = field(default_factory=set)

    def of(self, table: Table, parts: Collection[Table] = ()) -> set[int]:
        """The campaigns with such rows in a table or in its parts."""
        return set[int]().union(*(self.campaigns.get(one.name, ()) for one in (table, *parts)))


def find(pipeline: dlt.Pipeline, account: str, state: Mapping[str, Any], *, everything: bool) -> Leftovers:
    """Look for leftovers in the pipeline's dataset.

    Args:
        pipeline: The pipeline that is about to load.
        account: Whose rows.
        state: What dlt keeps of the source.
        everything: Take all stored rows for leftovers: nothing that the state says is trusted.
    """
    found = Leftovers()
    with pipeline.sql_client() as client:
        there = stored_tables(client)
        if _LOADS not in there:
            return found

        def units(table: str, columns: str, where: str = "", untold: str = "") -> Sequence[Sequence[Any]]:
            if table not in there:
                return []
            # with NOT IN, PostgreSQL compares each row with each load once these are more than its memory holds
            loads = f"SELECT _dlt_load_id FROM {table} WHERE account = %s"  # noqa: S608  # names of our own
            unrecorded = f"_dlt_load_id IN ({loads} EXCEPT {_RECORDED})"
            left = "" if everything else f"({unrecorded} OR {untold})" if untold else unrecorded
            conditions = " AND ".join(filter(None, ("account = %s", where, left)))
            query = f"SELECT DISTINCT {columns} FROM {table} WHERE {conditions}"  # noqa: S608  # names of our own
            return select(client, query, *[account] * conditions.count("%s"))

        for table in DAY_TABLES:
            untold = _untold(state, table, "lists", "campaign_id")
            for campaign_id, day in units(table, "campaign_id, event_date", untold=untold):
                found.days.setdefault(table, {}).setdefault(campaign_id, set()).add(day)
        for table in (LIST_PROSPECTS.name, LIST_PROSPECT_EMAILS.name):
            untold = _untold(state, table, "lists", "list_id")
            found.lists |= {list_id for (list_id,) in units(table, "list_id", untold=untold)}
        for one in _BY_CAMPAIGN:
            [column] = one.unit
            now = "_dlt_valid_to IS NULL" if any(each.name == "row_version" for each in one.columns) else ""
            untold = _untold(state, one.name, "campaigns", column)
            found.campaigns[one.name] = {campaign_id for (campaign_id,) in units(one.name, column, now, untold)}
        found.counted = {campaign_id for (campaign_id,) in units(CAMPAIGN_ANALYTICS.name, "campaign_id")}
        found.senders = {sender for (sender,) in units(SENDER_ANALYTICS.name, "scope_id")}
    return found


def _untold(state: Mapping[str, Any], table: str, units: str, column: str) -> str:
    """The condition for rows of units of which the state of a table says nothing."""
    told: Iterable[str] = state.get("resources", {}).get(table, {}).get(units, ())
    known = ", ".join(str(int(unit)) for unit in told)
    return f"{column} NOT IN ({known})" if known else "TRUE"
