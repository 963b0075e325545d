"""What a load must ask anew, told by what the state knows. Pure: a load and its plan decide alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zlib import crc32

from sources.sendkit.settings import Settings
from sources.sweeps import sweep_due
from sources.tables import Row

_RUNNING: Final = "active"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as the list shows it.

    Args:
        row: Its row of `campaigns`.
        payload: What the list says of it.
        content: A hash of that: as its counters are running totals, it changes when anything happens.
    """

    row: Row
    payload: Row
    content: str

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.row["id"])


def must_ask(known: Mapping[str, Any], campaign: Campaign, settings: Settings, today: date) -> bool:
    """Whether a campaign must be asked for what the list does not show: it changed, or its sweep is due.

    Args:
        known: What the state knows of it.
        campaign: The campaign.
        settings: How the account is read.
        today: The day of the load.
    """
    return known.get("content") != campaign.content or campaign_swept(known, campaign, settings, today)


def campaign_swept(known: Mapping[str, Any], campaign: Campaign, settings: Settings, today: date) -> bool:
    """Whether a campaign must be read whole, whatever happened."""
    if settings.full_refresh:
        return True
    return sweep_due(
        crc32(campaign.id.encode()),
        last=_day(known.get("on")),
        today=today,
        sweep_days=settings.sweep_days,
        last_activity=_day(known.get("changed")),
        running=campaign.row["status"] == _RUNNING,
    )


def list_swept(known: Mapping[str, Any], table: str, settings: Settings, today: date) -> bool:
    """Whether a list of which new rows can be asked for must be read whole."""
    if settings.full_refresh:
        return True
    last, sweep_days = _day(known.get("on")), settings.sweep_days
    number = crc32(f"{settings.account}/{table}".encode())
    return sweep_due(number, last=last, today=today, sweep_days=sweep_days, last_activity=today, running=True)


def noted(known: Mapping[str, Any], campaign: Campaign, today: date, *, swept: bool) -> Row:
    """What the state keeps of a campaign that was just asked."""
    changed = known.get("content") != campaign.content
    return {
        "content": campaign.content,
        "on": today.isoformat() if swept else known.get("on"),
        "through": today.isoformat(),
        "changed": today.isoformat() if changed else known.get("changed"),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
