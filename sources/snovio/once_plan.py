"""What is asked once for each campaign or for each row of a small list costs in calls, told beforehand. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from sources.outcomes import Calls, total
from sources.snovio import due
from sources.snovio.account_calls import WARMUPS_PER_PAGE
from sources.snovio.event_plan import Moved
from sources.snovio.known import MOST_UNKNOWN, Known
from sources.snovio.settings import Settings
from sources.snovio.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_REPLIES,
    DAY_TABLES,
    EMAIL_STEP_CONTENTS,
    PIPELINE_STAGES,
    READ_WITH,
    RECIPIENT_STATUSES,
    SENDER_ACCOUNT_CHECKS,
    TABLES,
    WARMUP_STATISTICS,
    WARMUPS,
)
from sources.tables import Row

ASKED_FOR_ROWS: Final = {
    PIPELINE_STAGES.name: "pipelines_seen",
    SENDER_ACCOUNT_CHECKS.name: "senders_seen",
    WARMUP_STATISTICS.name: "warmups_seen",
    WARMUPS.name: "warmups_seen",
}
"""Tables whose calls hang on how many rows a small list has, and where the state says how many there were."""

_COSTS: Final = {
    CAMPAIGN_REPLIES.name: Calls(1, 2),
    RECIPIENT_STATUSES.name: Calls(0, MOST_UNKNOWN),
    EMAIL_STEP_CONTENTS.name: Calls(0, MOST_UNKNOWN),
}
"""What a campaign costs that was never asked for, where that is not one call; one page of replies."""


def row_calls(known: Known, table: str) -> Calls:
    """What a small list, or what is asked once for each of its rows, costs."""
    seen = known.state.get(ASKED_FOR_ROWS[table])
    if table == WARMUPS.name:
        pages = max(1, -(-(seen or 0) // WARMUPS_PER_PAGE))
        return Calls(pages, pages)
    return Calls(0, MOST_UNKNOWN) if seen is None else Calls(seen, seen)


def campaign_calls(
    known: Known, settings: Settings, today: date, table: str, moved: Moved, tables: Collection[str]
) -> Calls:
    """What a table costs that is asked once for each campaign that moved, changed or is due.

    Args:
        known: What is known of the account.
        settings: How it is read.
        today: The UTC day of the load.
        table: The table.
        moved: Which campaigns may have moved.
        tables: The tables that are loaded.
    """
    moves = table not in due.ASKED_WHEN_CHANGED
    surely = moved.surely if table in due.ASKED_ONCE else ()
    remembered = {*known.state.get("moved", {}).get(table, ()), *surely} if moves else set()
    perhaps = moved.perhaps if moves and set(tables).intersection((*DAY_TABLES, CAMPAIGN_ANALYTICS.name)) else set()
    asked = known.of(table).get("campaigns", {})
    parts = [part for part, head in READ_WITH.items() if head == table and part in tables]
    again = known.leftovers.of(TABLES[table], [TABLES[part] for part in parts])
    knows_activity = due.sees_movement(table, tables)

    def is_due(campaign: Row, before: Mapping[str, Any]) -> bool:
        loaded = [known.of(part).get("campaigns", {}).get(str(campaign["id"])) for part in parts]
        return (
            due.campaign_swept(before, campaign, settings, today)
            or any(content != before.get("content") for content in loaded)
            or due.campaign_changed(before, campaign, knows_activity=knows_activity)
        )

    def calls(campaign: Row) -> Calls:
        number = campaign["id"]
        before = {} if number in again else asked.get(str(number), {})
        cost = _cost(table, before, may_move=number in perhaps or number in remembered)
        if number in remembered:
            return cost
        if due.is_never_asked(table, campaign):
            return Calls()
        return cost if is_due(campaign, before) else Calls(0, cost.most if number in perhaps else 0)

    return total(map(calls, known.campaigns))


def _cost(table: str, before: Mapping[str, Any], *, may_move: bool) -> Calls:
    """What asking for one campaign costs, by what it cost before."""
    least, most = _COSTS.get(table, Calls(1, 1))
    if "calls" not in before:
        return Calls(least, most)
    spent = before["calls"]
    return Calls(least, spent + most - least) if may_move else Calls(spent, spent)
