"""What the page is asked to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Self
from urllib.parse import urlencode

DAYS: Final = 30
"""The period where none is asked for: so many days, up to the newest with activity."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """A period, and what of it.

    Args:
        since: Its first day.
        until: Its last day.
        account: Only this account; empty: all.
        campaign: Only this campaign, as `tool:id`; empty: all.
    """

    since: date
    until: date
    account: str = ""
    campaign: str = ""

    @classmethod
    def asked(cls, query: Mapping[str, str], first: date, last: date) -> Self:
        """What a query string asks for; what it does not say, or says wrongly, is left at the default.

        Args:
            query: The parameters `since`, `until`, `account` and `campaign`.
            first: The first day with activity.
            last: The last one.
        """
        until = _day(query.get("until")) or last
        since = _day(query.get("since")) or max(until - (DAYS - 1) * _DAY, min(first, until))
        since, until = sorted((since, until))
        return cls(since, until, query.get("account", ""), query.get("campaign", ""))

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.until - self.since) // _DAY + 1

    @property
    def before(self) -> Filters:
        """The same for the period of the same length that ends the day before."""
        return replace(self, since=self.since - self.days * _DAY, until=self.since - _DAY)

    def conditions(self, tool: str | None = None, day: str = "date") -> tuple[str, list[Any]]:
        """The condition of a query, and its parameters.

        Args:
            tool: The tool whose model is asked; None: a model of all tools, with a column for it.
            day: The column with the day; empty: all days.
        """
        parts: list[str] = []
        values: list[Any] = []
        if day:
            parts.append(f"{day} BETWEEN %s AND %s")
            values += [self.since, self.until]
        if self.account:
            parts.append("account = %s")
            values.append(self.account)
        if self.campaign:
            its_tool, _, number = self.campaign.partition(":")
            parts.append("CAST(campaign_id AS varchar) = %s AND %s = " + ("tool" if tool is None else "%s"))
            values += [number, its_tool, *([] if tool is None else [tool])]
        return " AND ".join(parts) or "true", values

    def link(self, **changed: str) -> str:
        """The query string of this page with something changed."""
        given = {"since": f"{self.since}", "until": f"{self.until}", "account": self.account}
        return query_string(given | {"campaign": self.campaign} | changed)


def query_string(parameters: Mapping[str, str]) -> str:
    """Parameters as the end of an address; without the empty ones."""
    given = {name: value for name, value in parameters.items() if value}
    return f"?{urlencode(given)}" if given else ""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
