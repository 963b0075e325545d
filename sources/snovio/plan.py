"""What a load asks at least and at most, told before it asks anything. Pure.

What stands still costs what the reader itself asks for it (`simulation`). What may have moved costs between the least
and the most of some futures: that nothing came, or one row, or as many as make the end of a list hard to tell, or
`MOST_GAINED` rows. Retries, and what was made, edited or deleted since the last load, nobody knows beforehand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final

from sources.outcomes import Calls, total
from sources.snovio import due
from sources.snovio.activity_plan import activity_calls
from sources.snovio.analytics_plan import analytics_calls, sender_calls
from sources.snovio.event_plan import EventTable, Moved
from sources.snovio.known import MOST_GAINED, MOST_UNKNOWN, Known
from sources.snovio.once_plan import ASKED_FOR_ROWS, campaign_calls, row_calls
from sources.snovio.probed import Probed
from sources.snovio.settings import Settings, prospects_per_page
from sources.snovio.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_SCHEDULE_DAYS,
    CAMPAIGN_SCHEDULES,
    CAMPAIGNS,
    DAY_TABLES,
    EVENT_TABLES,
    LIST_PROSPECT_EMAILS,
    LIST_PROSPECTS,
    PIPELINE_STAGES,
    PIPELINES,
    PROSPECT_LISTS,
    PROSPECT_PROFILES,
    READ_WITH,
    RECIPIENT_ACTIVITY,
    REJECTED_ROWS,
    SENDER_ACCOUNT_CHECKS,
    SENDER_ACCOUNTS,
    SENDER_ANALYTICS,
    SYNC_RUNS,
    TABLES,
    WARMUP_STATISTICS,
    WARMUPS,
)

_ASKED_ONCE: Final = (*due.ASKED_ONCE, *due.ASKED_WHEN_REPLIED, *due.ASKED_WHEN_CHANGED)
ASKED_FOR_CAMPAIGNS: Final = (*DAY_TABLES, *_ASKED_ONCE, CAMPAIGN_ANALYTICS.name)
"""Tables that are asked for campaigns."""
_ASKED_FOR: Final = {
    **dict.fromkeys(ASKED_FOR_CAMPAIGNS, (CAMPAIGNS.name,)),
    SENDER_ANALYTICS.name: (CAMPAIGNS.name, SENDER_ACCOUNTS.name),
    LIST_PROSPECTS.name: (PROSPECT_LISTS.name,),
    SENDER_ACCOUNT_CHECKS.name: (SENDER_ACCOUNTS.name,),
    WARMUP_STATISTICS.name: (WARMUPS.name,),
    CAMPAIGN_SCHEDULE_DAYS.name: (CAMPAIGN_SCHEDULES.name,),
    PIPELINE_STAGES.name: (PIPELINES.name,),
}
"""Whose rows a table hangs on: they are asked for even if they are not selected."""
_SILENT: Final = frozenset({*READ_WITH, CAMPAIGN_SCHEDULE_DAYS.name, REJECTED_ROWS.name, SYNC_RUNS.name})
"""Tables without calls of their own."""


def planned(
    known: Known, settings: Settings, tables: Collection[str], today: date, quiet: Collection[int] | None = None
) -> dict[str, Calls]:
    """What a load will ask, by table; tables that others hang on included, token calls not.

    Args:
        known: What is known of the account.
        settings: How it is read.
        tables: The tables that are loaded.
        today: The UTC day of the load.
        quiet: Ids of campaigns that are known to stand still, any other may have moved; None: nothing is known.
    """
    wanted = {*tables, *(head for table in tables for head in _ASKED_FOR.get(table, ()))}
    calls = {table: Calls() if table in _SILENT else Calls(1, 1) for table in TABLES if table in wanted}
    moved = Moved({row["id"] for row in known.campaigns}.difference(quiet or ()))
    probed = Probed(known, settings, today, wanted)
    may_move = quiet is None or bool(moved.perhaps)
    for table in wanted.intersection(EVENT_TABLES):
        calls[table] = EventTable(known, settings, today, table, moved, probed).calls()
    if RECIPIENT_ACTIVITY.name in wanted:
        calls[RECIPIENT_ACTIVITY.name] = activity_calls(known, settings, today, moved.perhaps, probed)
    if CAMPAIGN_ANALYTICS.name in wanted:
        calls[CAMPAIGN_ANALYTICS.name] = analytics_calls(known, settings, today, moved.perhaps)
    if SENDER_ANALYTICS.name in wanted:
        calls[SENDER_ANALYTICS.name] = sender_calls(known, settings, today)
    for table in wanted.intersection(_ASKED_ONCE):
        calls[table] = campaign_calls(known, settings, today, table, moved, wanted)
    if LIST_PROSPECTS.name in wanted:
        calls[LIST_PROSPECTS.name] = _list_prospects(known, settings, today, wanted, may_move=may_move)
    if PROSPECT_PROFILES.name in wanted:
        calls[PROSPECT_PROFILES.name] = Calls(0, settings.profiles_per_run)
    return {**calls, **{table: row_calls(known, table) for table in wanted.intersection(ASKED_FOR_ROWS)}}


def _list_prospects(
    known: Known, settings: Settings, today: date, tables: Collection[str], *, may_move: bool
) -> Calls:
    """What the prospects of all lists cost."""
    lists = known.of(LIST_PROSPECTS.name).get("lists", {})
    if not lists:
        seen = known.state.get("lists_seen")
        return Calls(0, max(MOST_UNKNOWN, len(known.campaigns)) if seen is None else seen)
    emails = known.of(LIST_PROSPECT_EMAILS.name).get("lists", {})

    def calls(list_id: str, before: Mapping[str, Any]) -> Calls:
        contacts = before.get("contacts")
        after = [(contacts or 0) + more for more in ((-MOST_GAINED, 0, MOST_GAINED) if may_move else (0,))]
        pages = [max(0, number) // prospects_per_page(number) + 1 for number in after]
        state = {} if int(list_id) in known.leftovers.lists else before
        missing = LIST_PROSPECT_EMAILS.name in tables and emails.get(list_id) != state.get("emails")
        is_due = contacts is None or missing or due.prospects_swept(state, int(list_id), settings, today)
        return Calls(min(pages) if is_due else 0, max(pages) if is_due or may_move else 0)

    return total(calls(list_id, before) for list_id, before in lists.items())
