"""What the state knows of a table, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sources import described as words
from sources.sendkit.tables import BY_CAMPAIGN, CAMPAIGN_STEPS, CAMPAIGNS, LEADS

SEEN = "campaigns_seen"
"""Where the state keeps how many campaigns there were."""


def described(state: Mapping[str, Any], table: str) -> list[str]:
    """Say what is loaded through when, and what is unfinished.

    Args:
        state: What dlt keeps of the source.
        table: The table.
    """
    known = state.get("resources", {}).get(table, {})
    if table in BY_CAMPAIGN:
        return words.asked(known.get("campaigns", {}), "campaign") or [words.NOTHING]
    if table == CAMPAIGNS.name:
        return [*words.seen(state.get(SEEN), "campaign"), *_details(known)]
    if table == CAMPAIGN_STEPS.name:
        return words.seen(known.get("seen"), "step")
    cut_off = ["cut off: the next load goes on"] if known.get("cut_off") else []
    if table == LEADS.name:
        return [*(_leads(known) or [words.NOTHING]), *cut_off]
    length = words.seen(known["rows"], "row") if "rows" in known else words.seen(known.get("pages"), "page")
    return [*length, *cut_off]


def _leads(known: Mapping[str, Any]) -> list[str]:
    swept = [f"read whole on {known['on']}"] if known.get("on") else []
    newest = [f"newest created {known['newest']}"] if known.get("newest") else []
    return [*swept, *newest]


def _details(known: Mapping[str, Any]) -> list[str]:
    """What is known of campaigns beyond the list."""
    return [f"details: {line}" for line in words.asked(known.get("campaigns", {}), "campaign")]
