"""A thousand accounts of 300 campaigns each, told from the loads of one of them.

Calls are those that the planner foresees and the loads then asked, minutes are the planner's. The rest is arithmetic
on what was measured, and how much is sent is an assumption.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final

from pipelines.plan import AccountPlan

ACCOUNTS: Final = 1_000
RATE: Final = 55
MAILS_A_DAY: Final = 1_000
"""What an account sends; an assumption."""
HOURLY, DAILY = PERIODS = ("an hour", "a day")

_HOURS: Final = {HOURLY: 1, DAILY: 24}
_SECONDS_A_MINUTE: Final = 60
_MINUTES_AN_HOUR: Final = 60
_DAYS: Final = 365
_EVENTS: Final = ("emails_sent", "email_opens", "email_clicks", "email_replies", "recipient_activity")


def load_of_all(load: Mapping[str, Any]) -> dict[str, Any]:
    """What a kind of load comes to, for one account and for all.

    Args:
        load: The load of one account, as `benchmarks.growth` measured it.
    """
    limited = AccountPlan("one", RATE)
    minutes = limited.minutes(load["calls"])
    busy = max(minutes * _SECONDS_A_MINUTE, load["seconds"])
    return {
        "load": load["load"],
        "calls": load["calls"],
        "least": load["least"],
        "most": load["most"],
        "minutes": minutes,
        "hours_one_limit": limited.minutes(load["calls"] * ACCOUNTS) / _MINUTES_AN_HOUR,
        "workers": {
            period: ceil(ACCOUNTS * busy / (hours * _MINUTES_AN_HOUR * _SECONDS_A_MINUTE))
            for period, hours in _HOURS.items()
        },
    }


def day_of(loads: int, quiet: Mapping[str, Any], moved: Mapping[str, Any]) -> dict[str, Any]:
    """A day: what moves is seen by one of its loads, the others find nothing new.

    Args:
        loads: How many loads.
        quiet: The load of an account that finds nothing new.
        moved: The one that finds what moved.
    """
    calls = moved["calls"] + (loads - 1) * quiet["calls"]
    limited = AccountPlan("one", RATE)
    return {
        "loads": loads,
        "calls": calls,
        "minutes": limited.minutes(calls),
        "hours_one_limit": limited.minutes(calls * ACCOUNTS) / _MINUTES_AN_HOUR,
        "accounts_one_limit": RATE * _MINUTES_AN_HOUR * _HOURS[DAILY] // calls,
    }


def year_of(loads: int, events: float, records: int, moves: int, sizes: Mapping[str, float]) -> dict[str, Any]:
    """Rows and bytes that all accounts come to in a year; an estimate.

    Args:
        loads: Loads a day.
        events: Rows of events for each e-mail.
        records: Rows of `sync_runs` that a load writes.
        moves: Campaigns of an account that move in a day.
        sizes: Bytes of a row, by kind.
    """
    rows = {
        "events": ACCOUNTS * _DAYS * MAILS_A_DAY * events,
        "counters": ACCOUNTS * _DAYS * moves,
        "records": ACCOUNTS * _DAYS * loads * records,
    }
    return {kind: {"rows": count, "bytes": count * sizes[kind]} for kind, count in rows.items()}


def bytes_of_rows(tables: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Bytes of a row in PostgreSQL, indexes included, by kind."""
    kinds = {"events": _EVENTS, "counters": ("campaign_analytics",), "records": ("sync_runs",)}
    return {kind: _bytes_of_a_row([one for one in tables if one["table"] in names]) for kind, names in kinds.items()}


def _bytes_of_a_row(tables: Sequence[Mapping[str, Any]]) -> float:
    """Staging tables, which are empty, aside."""
    filled = [one for one in tables if one["schema"] == "snovio"]
    return float(sum(one["bytes"] for one in filled) / sum(one["rows"] for one in filled))


def events_a_mail(tables: Sequence[Mapping[str, Any]]) -> float:
    """Rows of events for each e-mail that was sent, that of its sending included."""
    rows = {one["table"]: one["rows"] for one in tables if one["schema"] == "snovio"}
    return float(sum(rows[table] for table in _EVENTS) / rows["emails_sent"])
