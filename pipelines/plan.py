"""What a load would ask now: least and most calls for each table, told with two calls at most. Nothing is written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import dlt

from pipelines import warehouse
from pipelines.configuration import SnovioConfiguration, account_names, snovio
from pipelines.load import Request, selected_tables
from pipelines.looking import known, looking, states
from pipelines.results import OK, overall
from sources.budget import Budget
from sources.errors import ApiError, CredentialsRefused, OutreachError, Stopped
from sources.outcomes import Calls
from sources.snovio.activity_plan import MOST_UNREAD
from sources.snovio.api import ROWS_PER_PAGE, SnovioApi
from sources.snovio.counting import Answer
from sources.snovio.known import MOST_GAINED, MOST_UNKNOWN, Known, total
from sources.snovio.plan import ASKED_FOR_CAMPAIGNS, planned
from sources.snovio.reading import AccountReading
from sources.snovio.standstill import question
from sources.snovio.tables import LIST_PROSPECTS, PIPELINE_STAGES, RECIPIENT_ACTIVITY

logger = logging.getLogger(__name__)

TOKEN: Final = "token"  # noqa: S105  # the name under which token calls are counted
_MOST_CALLS: Final = 2
_MOST_SECONDS: Final = 60.0
_MINUTES_A_TOKEN: Final = 55
"""A token holds an hour and is renewed five minutes early."""
_ASIDE: Final = (
    "not in these figures: retries, waits after a 429, and what was made, edited or deleted since the last load "
    "(campaigns, lists, pipelines, settings)"
)


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


def plan(request: Request, project: Path) -> Plan:
    """Plan a load of every account asked for; one account's failure never stops the others.

    Raises:
        ConfigurationError: A setting is wrong.
        UnknownTable: A table's name is wrong.
        OutreachError: The only account asked for cannot be planned.
    """
    tables = selected_tables(request.select, request.exclude)
    configurations = [snovio(name, full_refresh=request.full_refresh) for name in account_names(request.account)]
    plans = []
    for configuration in configurations:
        account = configuration.settings.account
        try:
            plans.append(_planned(configuration, tables, request, project))
        except OutreachError as error:
            if len(configurations) == 1:
                raise
            logger.error("account %s: %s", account, error)  # noqa: TRY400  # the text says what to do
            plans.append(AccountPlan(account, exit_code=error.exit_code, error=str(error)))
    return Plan(plans)


def _planned(
    configuration: SnovioConfiguration, tables: Sequence[str], request: Request, project: Path
) -> AccountPlan:
    settings = configuration.settings
    found: Known | None = None
    today = datetime.now(UTC).date()
    with looking(project, destination=request.destination, dataset=request.dataset) as pipeline:
        state = states(pipeline).get(settings.account, {}) if pipeline else {}
        if pipeline and state:
            found = known(pipeline, state, settings)
            today = _today(pipeline, settings.account, found, today)
    budget = Budget(max_requests=_MOST_CALLS, max_seconds=_MOST_SECONDS)
    made = AccountPlan(settings.account, configuration.requests_per_minute)
    with configuration.api(budget) as api:
        reading = AccountReading(api, settings, tables, run_id="plan")
        with closing(reading.readers):
            quiet = None
            if found is None:
                found = _listed(reading, state, made.notes)
            else:
                quiet = _quiet(api, found, reading, today, made.notes)
            made.tables = planned(found, settings, tables, reading.today, quiet)
    _count_tokens(made)
    made.calls_spent = budget.calls
    made.notes += _assumptions(found, made, quiet)
    return made


def _listed(reading: AccountReading, state: Any, notes: list[str]) -> Known:
    """What is known once the campaigns are asked for, because no load has listed them."""
    if not reading.selected.intersection(ASKED_FOR_CAMPAIGNS):
        return Known(state, ())
    notes.append("no load has listed the campaigns yet: they were asked for")
    try:
        return Known(state, reading.campaigns(known=False))
    except Stopped:
        raise OutreachError(
            "the campaigns could not be read with two calls; run again, or run outreach check"
        ) from None


def _today(pipeline: dlt.Pipeline, account: str, found: Known | None, today: date) -> date:
    """The day by the API's clock, which nobody has asked yet: that of the last load, if it ran today by ours."""
    query = f"SELECT max(started_at) FROM sync_runs WHERE account = '{account}'"  # noqa: S608  # the name is checked
    [(last_run,)] = warehouse.read(pipeline, query)
    ran_today = last_run is not None and last_run.astimezone(UTC).date() == today
    return (found.last_load if found and ran_today else None) or today


def _quiet(api: SnovioApi, found: Known, reading: AccountReading, today: date, notes: list[str]) -> set[int] | None:
    """Campaigns that stand still, told by one question about all that showed nothing lately."""
    asked = question(found, reading.settings, reading.selected, today)
    if asked is None:
        return None
    try:
        counters = Answer(
            api.campaign_analytics(campaign_ids=asked.campaign_ids, date_from=asked.since, date_to=asked.date_to)
        )
    except CredentialsRefused:
        raise
    except (ApiError, Stopped) as error:
        notes.append(f"whether anything moved could not be asked, so everything may have: {error}")
        return None
    if not asked.is_still(counters):
        notes.append(f"something moved since {asked.since}, and one question cannot tell what: everything may have")
        return None
    quiet = {*asked.campaign_ids, *(row["id"] for row in found.campaigns if row["started_at"] is None)}
    perhaps = len(found.campaigns) - len(quiet)
    notes.append(f"{len(asked.campaign_ids):,} campaigns stand still since {asked.since}; {perhaps:,} may have moved")
    return quiet


def _count_tokens(made: AccountPlan) -> None:
    """Note the token calls: one, and one more for each further hour."""
    minutes = made.minutes(made.calls.most)
    made.tables = {TOKEN: Calls(1, 1 + minutes // _MINUTES_A_TOKEN), **made.tables}


def _assumptions(found: Known, made: AccountPlan, quiet: set[int] | None) -> list[str]:
    """What the most rests on."""
    lines = []
    if not found.state:
        lines.append(
            f"most: no list has more than one page ({ROWS_PER_PAGE:,} rows), and one more for each further "
            f"{ROWS_PER_PAGE:,} rows of a list"
        )
        if RECIPIENT_ACTIVITY.name in made.tables:
            lines.append(f"most: no campaign has more than {MOST_UNREAD:,} events of recipients")
    elif quiet is None or len(quiet) < len(found.campaigns):
        lines.append(
            f"most: no list gained more than {MOST_GAINED:,} rows, and one more for each further "
            f"{ROWS_PER_PAGE:,} rows of a list"
        )
    unlisted = LIST_PROSPECTS.name in made.tables and "lists_seen" not in found.state
    if unlisted or (PIPELINE_STAGES.name in made.tables and "pipelines_seen" not in found.state):
        lines.append(
            f"most: no more prospect lists than campaigns (at least {MOST_UNKNOWN}), and {MOST_UNKNOWN} pipelines; "
            "nobody has listed them yet"
        )
    return [*lines, _ASIDE]
