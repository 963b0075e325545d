"""What a load would ask now: least and most calls for each table, told with two calls at most. Nothing is written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipelines.configuration import Configuration
from pipelines.looking import looking, states
from pipelines.results import OK, overall
from pipelines.selection import Request, selected_tables
from pipelines.source import Source
from sources.budget import Budget
from sources.errors import OutreachError
from sources.outcomes import Calls, total

logger = logging.getLogger(__name__)

_MOST_CALLS: Final = 2
_MOST_SECONDS: Final = 60.0


@dataclass(slots=True)
class AccountPlan:
    """What loading one account would ask.

    Args:
        account: The account.
        requests_per_minute: The rate that a load keeps; 0: none.
        tables: Least and most calls by table, those for tokens included.
        calls_spent: Calls that the plan itself took.
        notes: What the figures rest on.
        exit_code: What became of the plan.
        error: What went wrong.
    """

    account: str
    requests_per_minute: int = 0
    tables: dict[str, Calls] = field(default_factory=dict)
    calls_spent: int = 0
    notes: list[str] = field(default_factory=list)
    exit_code: int = OK
    error: str | None = None

    @property
    def calls(self) -> Calls:
        """All tables together."""
        return total(self.tables.values())

    def minutes(self, calls: int) -> int:
        """Minutes that a load waits for the rate: ceil(calls / requests_per_minute) - 1, at least 0.

        The window slides: as many calls as a minute allows come at once, and as many again each minute later.
        """
        return max(0, calls - 1) // self.requests_per_minute if self.requests_per_minute else 0


@dataclass(slots=True)
class Plan:
    """What a load of all accounts asked for would ask."""

    accounts: list[AccountPlan]

    @property
    def calls(self) -> Calls:
        """All accounts together."""
        return total(account.calls for account in self.accounts)

    @property
    def exit_code(self) -> int:
        """One code for all accounts, as for a load."""
        return overall(account.exit_code for account in self.accounts)


def plan(source: Source, request: Request, project: Path) -> Plan:
    """Plan a load of every account asked for; one account's failure never stops the others.

    Raises:
        ConfigurationError: A setting is wrong.
        UnknownTable: A table's name is wrong.
        OutreachError: The only account asked for cannot be planned.
    """
    tables = selected_tables(source, request.select, request.exclude)
    configurations = source.each_configured(request.account, request.asked)
    plans = []
    for account, configuration in configurations.items():
        try:
            if isinstance(configuration, OutreachError):
                raise configuration
            plans.append(_planned(source, configuration, tables, request, project))
        except OutreachError as error:
            if len(configurations) == 1:
                raise
            logger.error("account %s: %s", account, error)  # noqa: TRY400  # the text says what to do
            plans.append(AccountPlan(account, exit_code=error.exit_code, error=str(error)))
    return Plan(plans)


def _planned(
    source: Source, configuration: Configuration, tables: Sequence[str], request: Request, project: Path
) -> AccountPlan:
    account = configuration.account
    made = AccountPlan(account, configuration.requests_per_minute)
    with looking(source, project, destination=request.destination, dataset=request.dataset_of(source)) as pipeline:
        state = states(source, pipeline, account).get(account, {}) if pipeline else {}
        planner = source.planner(configuration.settings, tables, state)
        if pipeline:
            planner.look(pipeline)
    budget = Budget(max_requests=_MOST_CALLS, max_seconds=_MOST_SECONDS)
    with source.opened(configuration, budget) as api:
        found = planner.planned(api, made.minutes)
    made.tables, made.notes, made.calls_spent = found.calls, found.notes, budget.calls
    return made
