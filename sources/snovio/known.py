"""What is known before a load asks anything, and how many calls it may come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sources.snovio.analytics_memory import AnalyticsMemory
from sources.snovio.coverage import Coverage
from sources.snovio.leftovers import Leftovers
from sources.snovio.tables import CAMPAIGN_ANALYTICS
from sources.tables import Row

MOST_UNKNOWN: Final = 10
"""So many lists, pipelines or senders are allowed for while none was ever listed; as many lists as campaigns."""
MOST_GAINED: Final = 1_000
"""A list is taken to have gained or lost no more rows than this since the last load."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an account before a load asks anything.

    Args:
        state: What dlt keeps of the source.
        campaigns: Rows of `campaigns`, with id, status, started_at and updated_at.
        leftovers: What killed loads left in the warehouse.
    """

    state: Mapping[str, Any]
    campaigns: Sequence[Row]
    leftovers: Leftovers = field(default_factory=Leftovers)

    def of(self, table: str) -> Mapping[str, Any]:
        """What the state knows of a table."""
        found: Mapping[str, Any] = self.state.get("resources", {}).get(table, {})
        return found

    def coverage(self, table: str, campaign_id: int) -> Coverage:
        """What is known of an event list; a new object each time."""
        coverage = Coverage.from_state(self.of(table).get("lists", {}).get(str(campaign_id)))
        coverage.distrust(self.leftovers.days.get(table, {}).get(campaign_id, ()))
        return coverage

    @property
    def probe_off(self) -> str | None:
        """Since when and why the counters are not trusted to tell what moved; None: they are."""
        why: str | None = self.of(CAMPAIGN_ANALYTICS.name).get("probe_off")
        return why

    @property
    def last_load(self) -> date | None:
        """The newest day that the API was asked about, by its own clock; None: there is none."""
        memory = AnalyticsMemory.from_state(self.of(CAMPAIGN_ANALYTICS.name).get("memory", {}), int)
        return max(memory.last_days(), default=None)

    @property
    def started(self) -> list[Row]:
        """The campaigns that have event lists."""
        return [campaign for campaign in self.campaigns if campaign["started_at"] is not None]
