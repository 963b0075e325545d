"""What the commands must know of a source: all that is not the same for each."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import dlt
from dlt.extract import DltResource

from pipelines.configuration import Configuration, Section, account_names
from pipelines.misspelt import OWN_LIMIT, misspelt
from pipelines.results import cause
from sources.budget import Budget
from sources.client import ApiClient
from sources.decoding import DecodingProcesses
from sources.errors import ConfigurationError, CredentialsRefused
from sources.outcomes import Calls
from sources.reading import Reading
from sources.record_tables import REJECTED_ROWS, SYNC_RUNS
from sources.slices import Slice
from sources.snovio.days import Days
from sources.tables import Table

logger = logging.getLogger(__name__)

State = Mapping[str, Any]
"""What dlt keeps of a source."""

ALWAYS: Final = (REJECTED_ROWS.name, SYNC_RUNS.name)
"""Tables that every load writes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How an account is to be read, beside its settings.

    Args:
        full_refresh: Read everything again.
        days: Read only these days, of tables that are asked by days; None: what is new.
    """

    full_refresh: bool = False
    days: Days | None = None


WHAT_IS_NEW: Final = Asked()


@dataclass(slots=True)
class Planned:
    """What a load would ask.

    Args:
        calls: By table, those of other kinds under names of their own.
        notes: What the figures rest on.
    """

    calls: dict[str, Calls] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Planner(Protocol):
    """Plans the load of one account."""

    def look(self, pipeline: dlt.Pipeline) -> None:
        """Look into the warehouse, before the API is asked."""
        ...

    def planned(self, api: Any, minutes: Callable[[int], int]) -> Planned:
        """Tell what a load would ask, with two calls at most; `minutes` tells how long so many calls take."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands, told by its state and the warehouse alone.

    Args:
        next_load: What the next load will ask; None: nobody knows.
        unfinished: What is not read to its end, in words.
        notes: What else the operator should know.
    """

    next_load: Calls | None = None
    unfinished: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A source, as the commands use it.

    Args:
        name: Its name: that of the dlt source, of the dataset by default, and the beginning of its pipelines' names.
        dlt_source: The dlt source, whose parameters are its settings.
        tables: Its tables, in the order in which they are read.
        default_tables: Those that are read when none is named.
        credentials: The settings that each of its accounts must have, the first of which tells that there is one.
        where: Where the operator finds them, as a sentence.
        base_url: Where its API is.
        requests_per_minute: The rate that is kept by default.
        block_seconds: Seconds of silence after a 429, by default.
        settings: Reads from dlt's configuration how an account is read; no credentials are needed.
        api: Makes the API of an account.
        greeting: Makes the one call that costs nothing and shows that the credentials hold; says what came.
        reading: Begins a read of an account, of some tables, with a run's id and the bounds of a slice.
        resources: The dlt resources of a read.
        look: Looks up what a read must know of the warehouse before it begins.
        planner: Plans a load of some tables by the settings of an account and what dlt keeps of it.
        standing: Tells how an account stands, by its settings and what dlt keeps of it.
        described: Says in words what the state knows of a table.
        kept_aside: Names the places, with dots between levels, where the state keeps something of a table beside what
            belongs to its resource.
        asked_by_days: Tables that can be asked for a range of days.
        read_with: Tables without calls of their own, and the table whose answers hold their rows.
    """

    name: str
    dlt_source: Callable[..., Any]
    tables: Mapping[str, Table]
    default_tables: Sequence[str]
    credentials: Sequence[str]
    where: str
    base_url: str
    requests_per_minute: int
    block_seconds: float
    settings: Callable[[Section, str, Asked], Any]
    api: Callable[[Configuration, Budget, DecodingProcesses | None], ApiClient]
    greeting: Callable[[Any], str]
    reading: Callable[[Any, Any, Sequence[str], str, Slice], Reading]
    resources: Callable[[Any], list[DltResource]]
    look: Callable[[Any, dlt.Pipeline], object]
    planner: Callable[[Any, Sequence[str], State], Planner]
    standing: Callable[[dlt.Pipeline, Any, State], Standing]
    described: Callable[[State, str], list[str]]
    kept_aside: Callable[[str], list[str]]
    asked_by_days: Sequence[str] = ()
    read_with: Mapping[str, str] = field(default_factory=dict)

    def pipeline_name(self, account: str) -> str:
        """The name of the dlt pipeline of an account, and of its lock."""
        return f"{self.name}_{account}"

    def account_names(self, wanted: str | None) -> list[str]:
        """The accounts that a command is for; see `configuration.account_names`."""
        return account_names(self.name, wanted, self.credentials)

    def settings_of(self, account: str, asked: Asked = WHAT_IS_NEW) -> Any:
        """How an account is read.

        Raises:
            ConfigurationError: A setting is wrong.
        """
        return self.settings(Section(self.name, account, self.credentials[0]), account, asked)

    def configured(self, account: str, asked: Asked = WHAT_IS_NEW) -> Configuration:
        """All settings of an account.

        Raises:
            ConfigurationError: One is missing or wrong.
        """
        section = Section(self.name, account, self.credentials[0])
        return Configuration(
            settings=self.settings(section, account, asked),
            credentials={name: section.required(name, self.where) for name in self.credentials},
            base_url=section.text("base_url", self.base_url),
            requests_per_minute=section.number_of_account("requests_per_minute", self.requests_per_minute),
            block_seconds=section.number("block_seconds", self.block_seconds),
            own_limit=section.flag_of_account(OWN_LIMIT, default=False),
            section=section.name,
        )

    def each_configured(
        self, wanted: str | None, asked: Asked = WHAT_IS_NEW
    ) -> dict[str, Configuration | ConfigurationError]:
        """All settings of every account that a command is for; one account's mistake never stops the others.

        Raises:
            ConfigurationError: That of the first account, where no account has its settings right.
        """
        known = [*inspect.signature(self.dlt_source).parameters, OWN_LIMIT]
        for slip in misspelt(self.name, known, self.credentials):
            logger.warning(slip)
        found: dict[str, Configuration | ConfigurationError] = {}
        for account in self.account_names(wanted):
            try:
                found[account] = self.configured(account, asked)
            except ConfigurationError as error:
                found[account] = error
        mistakes = [one for one in found.values() if isinstance(one, ConfigurationError)]
        if len(mistakes) == len(found):
            raise mistakes[0]
        return found

    @contextmanager
    def opened(
        self, configuration: Configuration, budget: Budget, processes: DecodingProcesses | None = None
    ) -> Iterator[ApiClient]:
        """Open the API of an account.

        Args:
            configuration: The account's settings.
            budget: What the run may spend.
            processes: Decode large answers.

        Raises:
            CredentialsRefused: The API refuses the account's credentials; says where those stand.
        """
        try:
            with self.api(configuration, budget, processes) as api:
                yield api
        except Exception as error:
            known = cause(error)
            if isinstance(known, CredentialsRefused):
                raise CredentialsRefused(f"{known} {self._advice(configuration.section)}") from None
            raise

    def _advice(self, section: str) -> str:
        variables = " and ".join(f"{section}.{name}".upper().replace(".", "__") for name in self.credentials)
        return f"Check {' and '.join(self.credentials)} in [{section}] of .dlt/secrets.toml, or {variables}."

    def ordered(self, names: Collection[str]) -> list[str]:
        """Tables in the order in which they are read."""
        return [name for name in self.tables if name in names]
