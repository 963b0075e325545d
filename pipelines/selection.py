"""Which tables a load reads, by what the command line names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pendulum

from pipelines.source import ALWAYS, Asked, Source
from pipelines.warehouse import DUCKDB
from sources.errors import ConfigurationError, OutreachError
from sources.snovio.days import Days


class NotByDays(OutreachError):
    """The command line asks for days that cannot be read."""

    exit_code = ConfigurationError.exit_code


class UnknownTable(OutreachError):
    """The command line names a table that does not exist."""

    exit_code = ConfigurationError.exit_code

    def __init__(self, source: Source, option: str, names: Sequence[str]) -> None:
        known = ", ".join(source.tables)
        super().__init__(f"{option}: no table {', '.join(names)}. Tables of {source.name} are: {known}.")


@dataclass(frozen=True, slots=True)
class Request:
    """What a load is asked to do.

    Args:
        select: Only these tables; empty: the default set.
        exclude: Not these.
        account: An account's name, `all`, or None for the one under the source itself.
        full_refresh: Read everything again, replacing what is there.
        since: Read only days from this one on, of the tables that are asked by days; the state stays as it is.
        until: Likewise no later ones.
        max_minutes: End after so many minutes, with what was read committed.
        max_requests: End after so many calls, with what was read committed.
        destination: A dlt destination.
        dataset: The dataset; empty: that of the source's name.
    """

    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    account: str | None = None
    full_refresh: bool = False
    since: date | None = None
    until: date | None = None
    max_minutes: float | None = None
    max_requests: int | None = None
    destination: str = DUCKDB
    dataset: str = ""

    @property
    def range(self) -> Days | None:
        """The days to read; None: what is new."""
        if self.since is None and self.until is None:
            return None
        return Days(self.since or date.min, self.until or date.max)

    @property
    def asked(self) -> Asked:
        """How each account is to be read."""
        return Asked(self.full_refresh, self.range)

    def dataset_of(self, source: Source) -> str:
        """The dataset that is loaded."""
        return self.dataset or source.name


def tables_of(source: Source, request: Request) -> list[str]:
    """The tables that a load reads, in order.

    Raises:
        UnknownTable: A name is wrong.
        NotByDays: A range of days is asked for of a table whose endpoint takes none, or it ends before it begins.
    """
    if request.range is None:
        return selected_tables(source, request.select, request.exclude)
    if not len(request.range):
        raise NotByDays(f"--since {request.since} is after --until {request.until}.")
    if request.since and request.since > pendulum.tomorrow("UTC").date():
        raise NotByDays(f"--since {request.since} lies in the future.")
    if request.full_refresh:
        raise NotByDays("--full-refresh reads all days; leave out --since and --until.")
    if not source.asked_by_days:
        raise NotByDays(f"--since, --until: no table of {source.name} can be asked for a range of days.")
    of_the_default = [*set(source.default_tables).intersection(source.asked_by_days)]
    tables = selected_tables(source, request.select or of_the_default, request.exclude)
    if others := [name for name in request.select if name not in source.asked_by_days]:
        raise NotByDays(
            f"{', '.join(others)}: no range of days can be asked for; only of {', '.join(source.asked_by_days)}."
        )
    return tables


def selected_tables(source: Source, select: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """The tables to read, in order.

    Raises:
        UnknownTable: A name is wrong.
    """
    check_names(source, "--select", select)
    check_names(source, "--exclude", exclude)
    chosen = set(select or source.default_tables)
    chosen |= {source.read_with[name] for name in chosen if name in source.read_with}  # the same calls show both
    if not chosen - set(exclude):
        raise UnknownTable(source, "--select", ["left: --exclude names all of them"])
    return source.ordered((chosen - set(exclude)).union(ALWAYS))


def check_names(source: Source, option: str, names: Sequence[str]) -> None:
    """Refuse names of tables that do not exist.

    Raises:
        UnknownTable: One does not.
    """
    if unknown := sorted(set(names) - source.tables.keys()):
        raise UnknownTable(source, option, unknown)
