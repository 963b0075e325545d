"""What the lists of an event table cost in calls, told before they are asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product

from sources.outcomes import Calls, total
from sources.reading import LISTS_AT_ONCE
from sources.snovio import due
from sources.snovio.api import ROWS_PER_PAGE
from sources.snovio.coverage import UNKNOWN, Coverage, Span
from sources.snovio.known import MOST_GAINED, Known
from sources.snovio.pages import PageSizes
from sources.snovio.probed import Probed
from sources.snovio.settings import Settings
from sources.snovio.simulation import SimulatedList, blocks_of, down_to
from sources.tables import Row


@dataclass(slots=True)
class Moved:
    """Campaigns that may have moved, and those whose event lists bring rows whatever happened."""

    perhaps: set[int]
    surely: set[int] = field(default_factory=set)


class EventTable:
    """The lists of one event table.

    Args:
        known: What is known of the account.
        settings: How it is read.
        today: The UTC day of the load.
        table: The table's name.
        moved: Which campaigns may have moved; those that surely did are noted.
        probed: What the probe spares.
    """

    def __init__(  # all that a plan goes by
        self, known: Known, settings: Settings, today: date, table: str, moved: Moved, probed: Probed
    ) -> None:
        self._known = known
        self._settings = settings
        self._today = today
        self._table = table
        self._moved = moved
        self._probed = probed
        sizes = PageSizes(**known.of(table).get("page_sizes", {}))
        # Of the lists that are read at once, none sees what the others have just confirmed.
        late = 0 if sizes.confirmed >= sizes.confirmations_for_trust else LISTS_AT_ONCE - 1
        self._least_sizes, self._most_sizes = sizes, replace(sizes, confirmed=sizes.confirmed - late)
        rows = [known.coverage(table, campaign["id"]).total().rows for campaign in known.started]
        self._is_cut = 0 < sizes.largest < max(rows, default=0)
        self._page_length = sizes.largest if self._is_cut else ROWS_PER_PAGE

    def calls(self) -> Calls:
        """What all lists cost together."""
        return total(map(self._list, self._known.started))

    def _list(self, campaign: Row) -> Calls:
        """What one list costs."""
        confirmed = self._most_sizes.confirmed
        calls = self._asked(campaign)
        coverage = self._known.coverage(self._table, campaign["id"])
        if due.list_is_due(coverage, campaign, self._settings, self._today):
            return calls
        if not self._probed.is_spared(self._table, campaign):
            return calls
        self._most_sizes.confirmed = confirmed  # it may not be read, and so confirm nothing
        return Calls(0, calls.most if campaign["id"] in self._moved.perhaps else 0)

    def _asked(self, campaign: Row) -> Calls:
        """What one list costs if it is asked; also notes whether its campaign moved."""
        before = self._known.coverage(self._table, campaign["id"])
        begun = self._known.coverage(self._table, campaign["id"])
        swept = due.begin_list(begun, campaign, self._settings, self._today)
        if before.loaded_through is None or not (before.complete or before.sweep):
            self._moved.perhaps.add(campaign["id"])  # rows that were never read may lie there
        if UNKNOWN in before.recent.values() or (begun.sweep is not None and begun.first_day is not None):
            self._moved.surely.add(campaign["id"])
        futures = list(self._futures(campaign, before, begun.spans(), whole=begun.unordered))
        if begun.unordered:
            return self._in_no_order(futures, swept=swept)
        least, most = self._least(futures), self._most(futures)
        was_empty = before.loaded_through is not None and not before.total().rows
        if was_empty and campaign["id"] in self._moved.perhaps:
            least = 1  # a late row, older than what is read, ends the list at once
        # where a page begins hangs on how many rows share a second, and on where the read before was cut off
        if (spans := len(futures[0].spans)) > 1:
            return Calls(sum(map(_has_days, futures[0].spans)), most + spans)
        slack = max(one.rows for one in futures) > self._page_length
        return Calls(max(1, least - slack), most + slack)

    def _futures(
        self, campaign: Row, before: Coverage, spans: Iterable[Span], *, whole: bool
    ) -> Iterator[SimulatedList]:
        """What the list may hold by now, and how it will be read then."""
        start = self._settings.start_date
        days = [span._replace(since=max(filter(None, (span.since, start)), default=None)) for span in spans]
        skipped = (None, start) if start is not None and campaign["started_at"].date() < start else (None,)
        for (gained, unread), older in product(self._changes(campaign, before), skipped):
            blocks = blocks_of(
                before,
                lookback_days=self._settings.lookback_days,
                today=self._today,
                gained=gained,
                unread=unread,
                start=older,
            )
            if len(days) == 1 and days[0].since is not None and not whole:
                blocks = down_to(blocks, days[0].since)
            yield SimulatedList(tuple(blocks), tuple(days), before.first_day is not None)

    def _changes(self, campaign: Row, before: Coverage) -> list[tuple[int, int]]:
        """How many rows the list may have gained, and how many may lie in each stretch that was never read."""
        unread = (0,) if before.complete or before.sweep else (0, self._page_length)
        gained: tuple[int, ...] = (0,)
        if campaign["id"] in self._moved.perhaps and before.loaded_through is not None:
            gained = (0, 1, -before.total().rows % 100, MOST_GAINED)
        return [(came, lay) for came in dict.fromkeys(gained) for lay in unread]

    def _least(self, futures: Sequence[SimulatedList]) -> int:
        costs = []
        trust = self._least_sizes.confirmed
        for one in futures:
            trial = replace(self._least_sizes)
            costs.append(one.calls(trial, self._page_length))
            trust = max(trust, trial.confirmed)
        if self._moved.perhaps and not self._is_cut:
            # another list may have grown meanwhile, so that this one's page looks less like a full one
            longer = replace(self._least_sizes, largest=ROWS_PER_PAGE)
            costs += [self._cost(one, longer) for one in futures]
        self._least_sizes.confirmed = trust
        return min(costs)

    def _most(self, futures: Sequence[SimulatedList]) -> int:
        trials = [replace(self._most_sizes) for _ in futures]
        most = max(one.calls(trial, self._page_length) for one, trial in zip(futures, trials, strict=True))
        self._most_sizes.confirmed = min(trial.confirmed for trial in trials)
        return most

    def _in_no_order(self, futures: Sequence[SimulatedList], *, swept: bool) -> Calls:
        """A list in no order is read whole, at its sweep after the pages that show that it still is in none."""
        passes = [self._cost(replace(one, spans=()), self._least_sizes) for one in futures]
        pages = max(self._cost(one, self._most_sizes) for one in futures)
        return Calls(min(passes) + swept, max(passes) + pages * swept)

    def _cost(self, future: SimulatedList, sizes: PageSizes) -> int:
        return future.calls(replace(sizes), self._page_length)


def _has_days(span: Span) -> bool:
    """Whether a span holds any day; one that ends before the first day to read does not."""
    return span.before is None or span.since is None or span.since < span.before
