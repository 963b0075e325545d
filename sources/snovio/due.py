"""What a load must ask anew, told by what the state knows. Pure: a load and its plan decide alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sources.snovio.coverage import Coverage
from sources.snovio.settings import Settings
from sources.snovio.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_DETAILS,
    CAMPAIGN_PROGRESS,
    CAMPAIGN_REPLIES,
    CAMPAIGN_TOTALS,
    COMPLETED_PROSPECTS,
    EMAIL_STEP_CONTENTS,
    EVENT_TABLES,
    RECIPIENT_ACTIVITY,
    RECIPIENT_STATUSES,
)
from sources.sweeps import sweep_due
from sources.tables import Row

_RUNNING: Final = frozenset({"active", "running"})
_AFTER_THE_START: Final = frozenset({COMPLETED_PROSPECTS.name, CAMPAIGN_TOTALS.name, CAMPAIGN_REPLIES.name})

ASKED_ONCE: Final = (
    CAMPAIGN_PROGRESS.name,
    COMPLETED_PROSPECTS.name,
    CAMPAIGN_TOTALS.name,
    RECIPIENT_STATUSES.name,
)
"""Tables that are asked once for a campaign in which anything moved."""

ASKED_WHEN_REPLIED: Final = (CAMPAIGN_REPLIES.name,)
"""Tables that are asked for a campaign in which somebody replied, by e-mail or elsewhere."""

ASKED_WHEN_CHANGED: Final = (CAMPAIGN_DETAILS.name, EMAIL_STEP_CONTENTS.name)
"""Tables that are asked for a campaign whose own row changed; what happens in it does not change them."""

MAY_BE_MISSING: Final = frozenset(ASKED_WHEN_CHANGED)
"""Tables that some campaigns may lack: which is unknown for those that are old or on LinkedIn only."""


def begin_list(coverage: Coverage, campaign: Row, settings: Settings, today: date) -> bool:
    """Begin a read of an event list.

    Args:
        coverage: What is known of the list; the days that must be read are forgotten.
        campaign: A row of `campaigns` with id, status and started_at.
        settings: How the account is read.
        today: The day of the load.

    Returns:
        Whether its sweep is due.
    """
    if settings.full_refresh:
        coverage.restart(lookback_days=settings.lookback_days)
    swept = coverage.complete and _list_swept(coverage, campaign, settings, today)
    coverage.begin(lookback_days=settings.lookback_days, sweep=swept)
    return swept


def list_is_due(coverage: Coverage, campaign: Row, settings: Settings, today: date) -> bool:
    """Whether an event list must be read although nothing moved in it; arguments as for `begin_list`."""
    return settings.full_refresh or not coverage.complete or _list_swept(coverage, campaign, settings, today)


def _list_swept(coverage: Coverage, campaign: Row, settings: Settings, today: date) -> bool:
    active = coverage.newest or campaign["started_at"].isoformat()
    return sweep_due(
        campaign["id"],
        last=coverage.swept_on,
        today=today,
        sweep_days=settings.sweep_days,
        last_activity=datetime.fromisoformat(active).date(),
        running=is_running(campaign),
    )


def is_never_asked(table: str, campaign: Row) -> bool:
    """Whether a table has nothing of a campaign: nobody was counted in, or completed, one that never started."""
    return table in _AFTER_THE_START and campaign["started_at"] is None


def campaign_swept(known: Mapping[str, Any], campaign: Row, settings: Settings, today: date) -> bool:
    """Whether what is asked once a campaign must be asked whatever happened.

    Args:
        known: What the table's state knows of the campaign.
        campaign: A row of `campaigns` with id, status and updated_at.
        settings: How the account is read.
        today: The day of the load.
    """
    return settings.full_refresh or sweep_due(
        campaign["id"],
        last=_last(known),
        today=today,
        sweep_days=settings.sweep_days,
        last_activity=campaign["updated_at"] and campaign["updated_at"].date(),
        running=is_running(campaign),
    )


def sees_movement(table: str, tables: Collection[str]) -> bool:
    """Whether a load of some tables learns of whatever in a campaign changes one of them."""
    if table in ASKED_WHEN_CHANGED or CAMPAIGN_ANALYTICS.name in tables:
        return True
    if table in ASKED_WHEN_REPLIED:
        return RECIPIENT_ACTIVITY.name in tables
    return set(tables).issuperset(EVENT_TABLES)


def campaign_changed(known: Mapping[str, Any], campaign: Row, *, knows_activity: bool) -> bool:
    """Whether a campaign's own row changed since it was asked for.

    A running campaign counts as changed for a load that does not see what happens (`knows_activity`).
    """
    return (is_running(campaign) and not knows_activity) or known.get("updated_at") != updated_at(campaign)


def updated_at(campaign: Row) -> int | None:
    """When the campaign's own row changed, in epoch seconds."""
    return campaign["updated_at"] and int(campaign["updated_at"].timestamp())


def prospects_swept(known: Mapping[str, Any], list_id: int, settings: Settings, today: date) -> bool:
    """Whether a prospect list must be read whatever happened, by what the state knows of it."""
    return settings.full_refresh or sweep_due(
        list_id,
        last=_last(known),
        today=today,
        sweep_days=settings.sweep_days,
        last_activity=today,
        running=False,
    )


def first_day(campaign: Row, settings: Settings, *, oldest_loaded: date | None = None) -> date:
    """The first day of a campaign that is asked for.

    Args:
        campaign: A row of `campaigns` that started.
        settings: How the account is read; nothing before its start date is asked for.
        oldest_loaded: The oldest day that was ever loaded: a campaign that is started anew keeps its history.
    """
    started: date = campaign["started_at"].date()
    oldest = min(filter(None, (started, oldest_loaded)))
    return max(filter(None, (oldest, settings.start_date)))


def is_running(campaign: Row) -> bool:
    """Whether a campaign sends."""
    return (campaign["status"] or "").lower() in _RUNNING


def _last(known: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(known["on"]) if "on" in known else None
