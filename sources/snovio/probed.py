"""What the probe of the next load follows and asks, told by the state alone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from sources.snovio.analytics_memory import AnalyticsMemory
from sources.snovio.evidence import may_hide
from sources.snovio.known import Known
from sources.snovio.settings import Settings
from sources.snovio.tables import CAMPAIGN_ANALYTICS, RECIPIENT_ACTIVITY
from sources.tables import Row


class Probed:
    """The campaigns whose every event the probe shows, so that what hangs on them is asked only if they moved.

    Args:
        known: What is known of the account.
        settings: How it is read.
        today: The UTC day of the load.
        tables: The tables that are loaded.

    Attributes:
        memory: What is known of the analytics; nothing, if they are not loaded or not trusted.
    """

    def __init__(self, known: Known, settings: Settings, today: date, tables: Collection[str]) -> None:
        state = known.of(CAMPAIGN_ANALYTICS.name)
        is_used = CAMPAIGN_ANALYTICS.name in tables and not settings.full_refresh and known.probe_off is None
        self.memory = AnalyticsMemory.from_state(state.get("memory", {}) if is_used else {}, int)
        self._known = known
        self._today = today
        self._lookback_days = settings.lookback_days
        self._knows_activity = RECIPIENT_ACTIVITY.name in tables

    def follows(self, campaign_id: int) -> bool:
        """Whether the probe looks at all days since the last load."""
        if campaign_id in self._known.leftovers.counted:
            return False
        return self._today in self.memory.looked_at_again(campaign_id, self._today, self._lookback_days)

    def followed(self) -> Iterator[int]:
        """The campaigns that it follows."""
        return (row["id"] for row in self._known.started if self.follows(row["id"]))

    def is_spared(self, table: str, campaign: Row) -> bool:
        """Whether a campaign is asked for a table with events only if something moved, as far as the probe goes."""
        number = campaign["id"]
        return (
            self.follows(number)
            and number not in self._known.state.get("moved", {}).get(table, ())
            and number not in self._known.leftovers.days.get(table, {})
            and table not in may_hide(self.memory.on_last_day(number), knows_activity=self._knows_activity)
        )
