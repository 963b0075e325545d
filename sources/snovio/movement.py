"""What moved since the last load, and where of that nobody has looked yet.

The API cannot be asked what is new. But one question about the counters of all campaigns on a day tells whether they
are what was stored (`analytics`: the probe). Where they differ, the counters tell which lists moved. They hide one
thing: a person who opens once more on a day is counted already. So a campaign whose people were counted on the day of
the last load is asked for its recipients' activity, which shows every event, and whose types tell which lists moved.

A mark, kept in the state, says that a campaign is to be asked for a table; it lasts until it was. Evidence is
gathered before the lists are read that it tells of: what happens between the two is seen by the next load, once more.
"""

from __future__ import annotations

from collections.abc import Iterable

import dlt

from sources.snovio.due import ASKED_ONCE
from sources.snovio.tables import CAMPAIGN_ANALYTICS


class Movement:
    """What one read finds out about what moved, beside the marks.

    Attributes:
        passed: Tables from which all evidence of this read is taken.
        is_probe_wrong: Whether the probe was found to miss what moved.
    """

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.is_probe_wrong = False
        self._still: frozenset[int] = frozenset()
        self._counted: set[tuple[int, str]] = set()

    def prove(self, campaign_ids: Iterable[int]) -> None:
        """Note the campaigns of which everything is known that happened since the last load: what moved is marked."""
        self._still = frozenset(campaign_ids)

    def count(self, campaign_id: int, tables: Iterable[str]) -> None:
        """Note that the counters tell that tables moved."""
        self._counted.update((campaign_id, table) for table in tables)

    def is_denied(self, campaign_id: int, table: str) -> bool:
        """Whether the counters say that a table did not move."""
        return self.is_proved(campaign_id) and (campaign_id, table) not in self._counted

    def is_proved(self, campaign_id: int) -> bool:
        """Whether a campaign without a mark stood still."""
        return campaign_id in self._still

    def doubt(self) -> None:
        """Nothing is proved any more: the probe is wrong."""
        self.is_probe_wrong = True
        self._still = frozenset()


def marked(table: str) -> list[int]:
    """The campaigns that are to be asked for a table, in the slice that is being read."""
    found: list[int] = dlt.current.source_state().setdefault("moved", {}).setdefault(table, [])
    return found


def mark(campaign_id: int, tables: Iterable[str]) -> None:
    """Remember to ask a campaign for tables."""
    for table in tables:
        if campaign_id not in marked(table):
            marked(table).append(campaign_id)


def mark_moved(campaign_id: int, tables: Iterable[str] = ()) -> None:
    """Remember that a campaign moved: to ask it for tables, and for those that hang on anything that moves in it."""
    mark(campaign_id, {*tables, *ASKED_ONCE})


def unmark(campaign_id: int, table: str) -> None:
    """Note that a campaign was asked for a table."""
    if campaign_id in marked(table):
        marked(table).remove(campaign_id)


def probe_is_off() -> str | None:
    """Since when and why the probe is not trusted; None: it is."""
    found: str | None = dlt.current.resource_state(CAMPAIGN_ANALYTICS.name).get("probe_off")
    return found


def switch_probe_off(why: str) -> None:
    """Trust the probe no more, from this load on."""
    dlt.current.resource_state(CAMPAIGN_ANALYTICS.name).setdefault("probe_off", why)


def note_repair(campaign_id: int) -> None:
    """Remember that old events of a campaign changed, until its days were counted anew."""
    repaired = repaired_campaigns()
    if campaign_id not in repaired:
        repaired.append(campaign_id)


def repaired_campaigns() -> list[int]:
    """Campaigns whose old events changed; kept in the state."""
    found: list[int] = dlt.current.source_state().setdefault("repaired", [])
    return found
