"""One read of one account: what its tables share while they are read."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, ClassVar, Final, Protocol, TypeVar

import dlt

from sources import erased, values
from sources.erased import ErasedPeople
from sources.erasing import tells_of_people
from sources.errors import (
    CannotBeRead,
    CredentialsRefused,
    NotInPlan,
    RateLimited,
    Stopped,
    StopReason,
    Unreachable,
    WrongAnswer,
)
from sources.outcomes import Calls, Outcome
from sources.readers import Readers
from sources.record_tables import REJECTED_ROWS
from sources.slices import Slice
from sources.tables import BadRow, Row, Table

Item = TypeVar("Item")

logger = logging.getLogger(__name__)

LISTS_AT_ONCE: Final = 4
"""So many lists are read at once: enough to use the allowed rate when an answer takes four seconds."""

_IN_A_ROW: Final = 3
"""So many failures of one kind say that the next one will fail too."""
_FIELDS_NAMED: Final = 8


class Api(Protocol):
    """What every API tells of itself."""

    @property
    def calls(self) -> Mapping[str, int]:
        """How many calls were sent, by table."""
        ...

    @property
    def calls_left(self) -> int | None:
        """How many calls the budget still allows; None: no bound."""
        ...

    @property
    def server_time(self) -> datetime | None:
        """The API's clock as of the last answer."""
        ...


class Reading(ABC):
    """Reads one account once. All tables of a load share it: the clock, the slice, what failed.

    Args:
        api: The account's API.
        account: The account's configured name.
        selected: The tables that are read.
        run_id: The run, as `sync_runs` names it.
        bounds: What one dlt run may take; without bounds if left out.
        excluded: The columns that stay null, by table.
        full_refresh: Whether everything is read again.
        erase_key: What the hashes of erased people are made with, if people were erased.
    """

    section: ClassVar[str]
    """Where dlt finds the source's settings."""
    unstable: ClassVar[frozenset[str]] = frozenset()
    """Columns that may change from call to call."""

    def __init__(
        self,
        api: Api,
        account: str,
        selected: Collection[str],
        run_id: str,
        bounds: Slice | None = None,
        *,
        excluded: Mapping[str, frozenset[str]],
        full_refresh: bool,
        erase_key: str | None,
    ) -> None:
        self.api = api
        self.account = account
        self.selected = frozenset(selected)
        self.run_id = run_id
        self.started_at = datetime.now(UTC)
        self.slice = bounds or Slice()
        """What the dlt run that is under way may still take."""
        self.readers = Readers(LISTS_AT_ONCE, lambda: api.calls_left, self.slice.may_ask)
        self.outcomes: dict[str, Outcome] = {}
        self.stopped: StopReason | None = None
        self.unfinished: set[str] = set()
        """Tables whose resources were entered in this slice and are not through."""
        self.unread: set[str] = set()
        """Tables that were entered and are not read to their end; another slice goes on with them."""
        self.again: set[str] = set()
        """Tables that must be read once more, in a slice of their own."""
        self.unkeyed: set[str] = set()
        """Tables with rows whose key could not be read: what seems gone from them may be there."""
        self.planned: dict[str, Calls] | None = None
        """What the tables should ask, told before the read changed anything."""
        self.erased = ErasedPeople()
        """Who must stay out."""
        self._erase_key = erase_key
        self._knows_erased = False
        self._excluded = excluded
        self._full_refresh = full_refresh
        self._entered: set[str] = set()
        self._open: dict[str, Iterator[Any]] = {}
        self._rejecting = threading.Lock()
        self._rejected: dict[tuple[str, str], Row] = {}
        self._halted: CannotBeRead | None = None
        self._unreachable = 0
        self._not_in_plan = Counter[str]()

    @abstractmethod
    def plan(self, state: Mapping[str, Any]) -> None:
        """Tell in `planned` what the read should ask; once, before it changes what the state says of anything."""

    @cached_property
    def pipeline(self) -> dlt.Pipeline:
        """The pipeline that runs this read; dlt reads settings each time that it is asked which one that is."""
        return dlt.current.pipeline()

    @property
    def now(self) -> datetime:
        """The API's clock as of the last answer; the runner's own before the first."""
        return self.api.server_time or datetime.now(UTC)

    @property
    def today(self) -> date:
        """The UTC day on which the read began, by the API's clock where it is behind ours."""
        return min(self.started_at, self.now).date()

    def look_for_erased(self, pipeline: dlt.Pipeline) -> None:
        """Who was erased from the warehouse; looked for once a read.

        Raises:
            ConfigurationError: Somebody was, and the key is missing or is another one.
        """
        if not self._knows_erased:
            self.erased = erased.find(pipeline, f"{self.section}.erase_key", self._erase_key)
            self._knows_erased = True

    def excluded(self, table: Table) -> frozenset[str]:
        """The columns of a table that stay null."""
        return self._excluded.get(table.name, frozenset())

    def convert(self, table: Table, payload: Mapping[str, Any], **known: Any) -> Row | None:
        """Convert one payload, or reject it with its reason and return None.

        A value outside the key that cannot be understood becomes null, and the payload is kept in `rejected_rows`
        too: a campaign with one bad field is not a campaign that is gone.
        """
        problems: list[str] = []
        try:
            row = table.row(payload, {"account": self.account, **known}, self.excluded(table), problems)
        except BadRow as problem:
            self.unkeyed.add(table.name)
            self.reject(table, payload, str(problem), known)
            return None
        if problems:
            self.reject(table, payload, f"loaded with empty values: {'; '.join(problems)}", known)
        return row

    def convert_object(self, table: Table, payload: Mapping[str, Any], **known: Any) -> list[Row]:
        """Convert the one object that an endpoint answers with: one row, or none if it is rejected.

        Raises:
            WrongAnswer: It has none of the documented fields, so it is something else.
        """
        if not any(place.split(".")[0] in payload for column in table.columns for place in column.places):
            found = sorted(payload)[:_FIELDS_NAMED]
            raise WrongAnswer(table.name, f"the answer has no documented field, but {found}", 200)
        row = self.convert(table, payload, **known)
        return [] if row is None else [row]

    def convert_all(self, table: Table, payloads: list[Row], **known: Any) -> list[Row]:
        """Convert the payloads of a whole list, rejecting those without a usable or with a repeated key."""
        rows: dict[tuple[Any, ...], Row] = {}
        for payload in payloads:
            row = self.convert(table, payload, **known)
            if row is None:
                continue
            key = tuple(row[name] for name in table.key)
            if key in rows:
                self.reject(table, payload, f"{', '.join(table.key)}: {key} is there twice", known)
            else:
                rows[key] = row
        return list(rows.values())

    def reject(self, table: Table, payload: Mapping[str, Any], reason: str, known: Mapping[str, Any]) -> None:
        """Keep a row that cannot be loaded for `rejected_rows`."""
        hidden = {place for column in table.columns if column.name in self.excluded(table) for place in column.places}
        shown = {key: value for key, value in payload.items() if key not in hidden}
        content = values.payload_text(shown)
        # Ids of event rows are not known to be stable: the same row must not be rejected anew under another id.
        unstable = {place for column in table.columns if column.name in self.unstable for place in column.places}
        digest = values.digest(values.payload_text({key: shown[key] for key in shown if key not in unstable}))
        row = {
            "account": self.account,
            "endpoint": table.name,
            "row_hash": digest,
            "campaign_id": known.get("campaign_id"),
            "list_id": known.get("list_id"),
            "reason": reason,
            "row": content,
            "rejected_at": self.now,
        }
        with self._rejecting:
            self.outcome(table.name).rejected += 1
            self._rejected.setdefault((table.name, digest), row)

    def take_rejected(self) -> list[Row]:
        """The rows rejected since the last call."""
        hidden = dict.fromkeys(self.excluded(REJECTED_ROWS))
        with self._rejecting:
            rows, self._rejected = [{**row, **hidden} for row in self._rejected.values()], {}
        self.outcome(REJECTED_ROWS.name).rows += len(rows)
        return rows

    def outcome(self, table: str) -> Outcome:
        """What reading a table has come to so far."""
        return self.outcomes.setdefault(table, Outcome(table))

    def enter(self, table: Table, *, asks: bool) -> None:
        """Note that a slice comes to a table.

        Args:
            table: The table.
            asks: Whether it asks the API, and so is read once over all slices and not anew in each.
        """
        if tells_of_people(table):
            self.look_for_erased(self.pipeline)
        self.unfinished.add(table.name)
        if asks and table.name not in self._entered:
            self._entered.add(table.name)
            self.unread.add(table.name)

    def reads(self, table: str) -> bool:
        """Whether a table was entered: all that are read are, before any of them reads."""
        return table in self._entered

    def wait_for(self, tables: Collection[str], passed: Collection[str] = ()) -> Iterator[None]:
        """Give other tables their turn until some of them are read.

        Where one of those needs another slice, this one ends.

        Args:
            tables: Which to wait for.
            passed: Those of them that need not be read to their end; looked at again and again.

        Raises:
            CannotBeRead: One of them met what all would meet: nothing more is to be asked.
        """
        while waiting := self.unread.intersection(tables).difference(passed):
            if not self.unfinished.intersection(waiting):
                self.slice.close()
            yield None
        if self._halted is not None:
            raise self._halted

    def pieces(self, table: Table, read: Callable[[Outcome], Iterator[Item]]) -> Iterator[Item]:
        """Read one table, going on where the slice before left it, and not at all once it is read to its end."""
        if table.name in self.unread:
            pieces = self._open.get(table.name) or self.table(table, read)
            self._open[table.name] = pieces
            for piece in pieces:  # noqa: UP028  # `yield from` would end the pieces with this slice
                yield piece
            del self._open[table.name]
            if table.name in self.again:
                self.again.remove(table.name)
            else:
                self.unread.remove(table.name)

    def table(self, table: Table, read: Callable[[Outcome], Iterator[Item]], *, asks: bool = True) -> Iterator[Item]:
        """Read one table: account for its seconds, and keep its failure from stopping the others.

        Args:
            table: The table.
            read: Yields what goes to the warehouse.
            asks: Whether it asks the API; a table that does not is written whatever failed before.

        Raises:
            CredentialsRefused: Nothing can be read.
        """
        outcome = self.outcome(table.name)
        if asks and self._halted is not None:
            outcome.failures[""] = f"not asked, because of an earlier failure: {self._halted}"
            return
        began = time.monotonic()
        outcome.unfinished = True
        try:
            yield from read(outcome)
        except Stopped as stop:
            self.stopped, outcome.stopped = stop.reason, True
        except CredentialsRefused:
            raise
        except CannotBeRead as error:
            nothing_read = not any(outcome.read for outcome in self.outcomes.values())
            if isinstance(error, RateLimited) or (isinstance(error, Unreachable) and nothing_read):
                self._halted = error
            outcome.failures[""] = str(error)
            logger.error("%s: %s", table.name, error)  # noqa: TRY400  # the text says all, a traceback adds nothing
        finally:
            outcome.seconds += time.monotonic() - began
            outcome.unfinished = False

    def succeeded(self, outcome: Outcome, label: str) -> None:
        """Note that a campaign or list was read."""
        self._unreachable = 0
        outcome.read += 1
        outcome.failures.pop(label, None)

    @contextmanager
    def one(self, outcome: Outcome, label: str) -> Iterator[None]:
        """Read one campaign or list, or a part of it: its failure is recorded and the next one is read.

        Raises:
            RateLimited: The API refused too often; the whole read ends.
            Unreachable: Three in a row could not be reached; the whole read ends.
            NotInPlan: The plan lacked the method for the first three; the table ends.
        """
        try:
            yield
        except (RateLimited, Unreachable) as error:
            self._unreachable += 1
            if isinstance(error, RateLimited) or self._unreachable >= _IN_A_ROW:
                self._halted = error
                raise
            self._failed(outcome, label, error)
        except (CredentialsRefused, Stopped):
            raise
        except CannotBeRead as error:
            self._failed(outcome, label, error)
            self._not_in_plan[outcome.table] += isinstance(error, NotInPlan)
            if self._not_in_plan[outcome.table] >= _IN_A_ROW and not outcome.read:
                raise

    def _failed(self, outcome: Outcome, label: str, error: Exception) -> None:
        outcome.failures[label] = str(error)
        logger.error("%s, %s: %s", outcome.table, label, error)

    def whole_list(self, table: Table, ask: Callable[[], list[Row]], *, known: bool) -> list[Row]:
        """Ask for a list that other tables hang on.

        An empty answer after earlier ones with rows is asked for again, and is an error if it stays empty: a failure
        of the API must never look like everything being gone. A full refresh takes it as it is.
        """
        known = known and not self._full_refresh
        rows = self.convert_all(table, ask() or (ask() if known else []))
        if known and not rows:
            raise self.emptied(table)
        return rows

    def emptied(self, table: Table) -> WrongAnswer:
        """Makes the error for a list that is empty, asked twice, after an earlier load saw rows."""
        self.outcome(table.name).read += 1
        return WrongAnswer(
            table.name,
            "the list is empty, asked twice, but an earlier load saw rows. No history is closed; if everything "
            "was really removed, load once with --full-refresh",
            200,
        )
