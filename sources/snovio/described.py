"""What the state knows of a table, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sources import described as words
from sources.snovio.analytics_memory import AnalyticsMemory
from sources.snovio.coverage import Coverage
from sources.snovio.due import ASKED_ONCE, ASKED_WHEN_CHANGED, ASKED_WHEN_REPLIED
from sources.snovio.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGNS,
    DAY_TABLES,
    LIST_PROSPECTS,
    PIPELINES,
    PROSPECT_LISTS,
    PROSPECT_PROFILES,
    READ_WITH,
    SENDER_ACCOUNTS,
    SENDER_ANALYTICS,
    WARMUP_STATISTICS,
    WARMUPS,
)

SEEN: Final[Mapping[str, str]] = {
    CAMPAIGNS.name: "campaigns_seen",
    PROSPECT_LISTS.name: "lists_seen",
    PIPELINES.name: "pipelines_seen",
    SENDER_ACCOUNTS.name: "senders_seen",
    WARMUPS.name: "warmups_seen",
}
"""Where the state keeps how long a list was."""


def described(state: Mapping[str, Any], table: str) -> list[str]:
    """Say what is loaded through when, what is unfinished, and what is to be asked.

    Args:
        state: What dlt keeps of the source.
        table: The table.
    """
    if table in _DESCRIBED:
        lines = _DESCRIBED[table](state.get("resources", {}).get(table, {}))
    else:
        lines = words.seen(state.get(SEEN[table]) if table in SEEN else None, "row")
    marked = {*state.get("moved", {}).get(table, ())}
    recounted = {*state.get("repaired", ())} if table == CAMPAIGN_ANALYTICS.name else set()
    return [*(lines or [words.NOTHING]), *words.marks(marked | recounted)]


def _lists(known: Mapping[str, Any]) -> list[str]:
    """What is known of the event lists of all campaigns."""
    found = [Coverage.from_state(one) for one in known.get("lists", {}).values()]
    whole = [one for one in found if one.complete]
    through = words.days(str(one.loaded_through) for one in whole)
    return [
        *words.some(len(whole), "campaign", f"loaded through {through}"),
        *words.some(len(found) - len(whole), "campaign", "not read to the end of the list"),
        *words.some(sum(one.sweep is not None for one in found), "sweep", "under way"),
        *words.some(sum(one.unordered for one in found), "list", "in no order: read whole"),
    ]


def _analytics(known: Mapping[str, Any]) -> list[str]:
    return [
        *(_through(known.get("memory", {}), "campaign") or [words.NOTHING]),
        *words.some(len(known.get("doubts", ())), "campaign", "to be counted anew"),
        *([known["probe_off"]] if "probe_off" in known else ["the probe is on: what stands still is not asked"]),
    ]


def _senders(known: Mapping[str, Any]) -> list[str]:
    return [line for scope, memory in known.items() for line in _through(memory, scope)]


def _through(memory: Mapping[str, Any], what: str) -> list[str]:
    """Through when the days of campaigns or senders are found out."""
    found = AnalyticsMemory.from_state(memory, str)
    through = words.days(map(str, found.last_days()))
    return words.some(len(found.settled), what, f"with all days found out, through {through}")


def _prospect_lists(known: Mapping[str, Any]) -> list[str]:
    return words.asked(known.get("lists", {}), "list")


def _campaigns(known: Mapping[str, Any]) -> list[str]:
    return words.asked(known.get("campaigns", {}), "campaign")


def _part(known: Mapping[str, Any]) -> list[str]:
    """What is known of a table that is read with another."""
    units = next((units for units in ("lists", "campaigns", "warmups") if units in known), "lists")
    return words.some(len(known.get(units, ())), units.removesuffix("s"), "loaded")


def _profiles(known: Mapping[str, Any]) -> list[str]:
    return [f"asked for by {'e-mail' if known.get('by_email') else 'id'}; the table tells who was asked"]


def _profile_part(_: Mapping[str, Any]) -> list[str]:
    return [f"comes with {PROSPECT_PROFILES.name}"]


_DESCRIBED: Final[Mapping[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    **dict.fromkeys(DAY_TABLES, _lists),
    **dict.fromkeys((*ASKED_ONCE, *ASKED_WHEN_CHANGED, *ASKED_WHEN_REPLIED), _campaigns),
    **{part: _profile_part if head == PROSPECT_PROFILES.name else _part for part, head in READ_WITH.items()},
    CAMPAIGN_ANALYTICS.name: _analytics,
    SENDER_ANALYTICS.name: _senders,
    LIST_PROSPECTS.name: _prospect_lists,
    WARMUP_STATISTICS.name: _part,
    PROSPECT_PROFILES.name: _profiles,
}
"""What puts the state of a table's resource into words."""
