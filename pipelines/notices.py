"""What the operator is told of a load without asking: what, where, since when, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipelines.results import FAILED, PARTIAL, AccountReport, Report
from sources.outcomes import Outcome

_TO_DO: Final[Mapping[int, str]] = {
    FAILED: "run it again; if it fails again, see its log",
    2: "mend the command line or the setting that the message names",
    PARTIAL: "the next load tries again what failed; look into it if it stays",
    4: "renew the credentials",
    5: "another load of the account is running: let it end, or space the loads further apart",
}
_MOST_NAMED: Final = 10

LastGood = Mapping[tuple[str, str], datetime]
"""When each account's table was last read without a failure, by account and table."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell.

    Args:
        where: The account and, where it is about one, the table.
        what: What happened.
        since: What is known of its beginning.
        to_do: What to do.
    """

    where: str
    what: str
    since: str
    to_do: str

    def __str__(self) -> str:
        return f"- {self.where}: {self.what}\n  since: {self.since}\n  to do: {self.to_do}"


def notices(report: Report, last_good: LastGood) -> list[Notice]:
    """Everything about a load that the operator should hear of; nothing where it went well.

    Args:
        report: What the load came to.
        last_good: When tables were last read well, this load included.
    """
    return [notice for account in report.accounts for notice in _of_account(account, last_good)]


def as_text(report: Report, told: list[Notice]) -> str:
    """The notices as one message."""
    head = (
        f"outreach load {report.source}: exit code {report.exit_code}, {report.warehouse}, dataset {report.dataset}"
    )
    return "\n".join([head, *map(str, told)])


def of_error(source: str, error: Exception, exit_code: int) -> str:
    """The message about a load that did not begin."""
    to_do = _TO_DO.get(exit_code, _TO_DO[FAILED])
    return f"outreach load {source}: exit code {exit_code}\n{Notice('all accounts', str(error), 'this load', to_do)}"


def of_marts(source: str, problem: str) -> str:
    """The message about marts that could not be built, or whose tests failed, after a load that is committed."""
    to_do = "what was loaded is committed; run: outreach marts"
    return f"outreach load {source}: the marts failed\n{Notice('marts', problem, 'this load', to_do)}"


def _of_account(account: AccountReport, last_good: LastGood) -> Iterator[Notice]:
    name = f"account {account.account}"
    if account.error:
        good = max((when for (whose, _), when in last_good.items() if whose == account.account), default=None)
        yield Notice(name, account.error, _since(good), _TO_DO.get(account.exit_code, _TO_DO[FAILED]))
    for outcome in account.outcomes:
        yield from _of_table(f"{name}, {outcome.table}", outcome, last_good.get((account.account, outcome.table)))
    if account.new_columns:
        what = f"the API sends fields that are not documented: {_named(account.new_columns)}"
        yield Notice(name, what, "this load", "they are loaded as text; query them, or exclude_columns")


def _of_table(where: str, outcome: Outcome, good: datetime | None) -> Iterator[Notice]:
    if outcome.failures:
        failed = [f"{unit}: {why}" if unit else why for unit, why in outcome.failures.items()]
        yield Notice(where, f"{outcome.word}: {_named(failed)}", _since(good), _TO_DO[PARTIAL])
    for alert in outcome.alerts:
        yield Notice(where, alert, "this load", "nothing is lost, but loads cost more calls; see docs/operations.md")
    if outcome.rejected:
        what = f"{outcome.rejected:,} rows could not be understood"
        yield Notice(where, what, "this load", "look into the table rejected_rows, which keeps them with the reason")


def _since(good: datetime | None) -> str:
    return "never read well" if good is None else f"last read well at {good:%Y-%m-%d %H:%M} UTC"


def _named(what: list[str]) -> str:
    more = len(what) - _MOST_NAMED
    return "; ".join(what[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
