"""What was loaded, against the vendor's own counters: the net under every read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from pipelines import warehouse
from pipelines.configuration import ALL_ACCOUNTS
from pipelines.looking import looking
from pipelines.results import FAILED, OK, PARTIAL
from pipelines.snovio import SNOVIO
from sources.errors import ConfigurationError, OutreachError

MARTS: Final = ("snovio__reconciliation", "snovio__reconciliation_of_feeds")
"""The marts that compare: with the API's counters, and what the API shows in two feeds."""

_EQUAL: Final = "equal"
_UNEXPLAINED: Final = "unexplained"
_TOLERANCE: Final = re.compile(r"(\d+(?:\.\d+)?)(%?)")


class NothingToVerify(OutreachError):
    """There are no counters, or no events, to compare."""

    exit_code = ConfigurationError.exit_code


class VerifyFailed(OutreachError):
    """The comparison could not be made."""

    exit_code = FAILED


class BadTolerance(OutreachError):
    """A tolerance that says nothing."""

    exit_code = ConfigurationError.exit_code


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an unexplained difference may go.

    Args:
        rows: So many events or people.
        share: Or such a part of the vendor's figure.
    """

    rows: int = 0
    share: float = 0.0

    @classmethod
    def of(cls, text: str) -> Tolerance:
        """Read it from the command line: `5` or `1%`.

        Raises:
            BadTolerance: It is neither.
        """
        found = _TOLERANCE.fullmatch(text.strip())
        if found is None or (not found[2] and "." in found[1]):
            raise BadTolerance(f"--tolerance: {text!r} is neither a number of rows such as 5 nor a share such as 1%.")
        return cls(share=float(found[1]) / 100) if found[2] else cls(rows=int(found[1]))

    def covers(self, difference: int, counted: int) -> bool:
        """Whether a difference from the vendor's figure is within it."""
        return abs(difference) <= max(self.rows, math.floor(self.share * counted))


@dataclass(frozen=True, slots=True)
class Difference:
    """What nothing explains.

    Args:
        campaign_id: The campaign.
        campaign: Its name; None where it was not loaded.
        date: The day, UTC.
        measure: What is counted.
        loaded: Counted from the rows.
        counted: By the vendor.
    """

    campaign_id: int
    campaign: str | None
    date: date
    measure: str
    loaded: int
    counted: int


@dataclass(slots=True)
class AccountVerdict:
    """One account.

    Args:
        account: The account.
        compared: Figures of a campaign, a day and a measure that were compared.
        equal: Those that agree.
        explained: Those that do not, by likely cause.
        tolerated: Those that nothing explains, within the tolerance.
        unexplained: The others.
    """

    account: str
    compared: int = 0
    equal: int = 0
    explained: dict[str, int] = field(default_factory=dict)
    tolerated: int = 0
    unexplained: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the comparison."""

    warehouse: str
    accounts: Sequence[AccountVerdict]

    @property
    def exit_code(self) -> int:
        """3 if anything is unexplained."""
        return PARTIAL if any(account.unexplained for account in self.accounts) else OK


def verify(
    project: Path, *, account: str | None, tolerance: Tolerance, destination: str, dataset: str = ""
) -> Verdict:
    """Build the mart of the comparison and judge it.

    Args:
        project: The project folder.
        account: An account's name; None or `all`: every one.
        tolerance: How far an unexplained difference may go.
        destination: A dlt destination.
        dataset: The dataset of Snov.io's tables; empty: that of its name.

    Raises:
        NothingToVerify: Counters or events were never loaded.
        VerifyFailed: The mart could not be built.
        AlreadyRunning: A load is running.
        LoadUnfinished: A killed load left the warehouse half-written.
        ConfigurationError: The destination or the dataset is wrong.
    """
    from pipelines import marts_build  # noqa: PLC0415  # dbt takes a second to import: after the arguments were read

    marts = marts_build.build(
        project, destination=destination, dataset=dataset, select=[f"+{mart}" for mart in MARTS], tested=False
    )
    if marts.failed:
        failed = "; ".join(f"{name}: {message}" for name, message in marts.failed.items())
        raise VerifyFailed(f"the comparison could not be built: {failed}")
    where = warehouse.described(destination, project)
    accounts: dict[str, AccountVerdict] = {}
    for row in _rows(project, destination, marts.schema):
        if account in {None, ALL_ACCOUNTS, row["account"]}:
            _judge(accounts.setdefault(row["account"], AccountVerdict(row["account"])), row, tolerance)
    if not accounts:
        raise NothingToVerify(
            f"{where} holds nothing to compare{f' of account {account}' if account else ''}: it takes the daily "
            "counters and the events. Run: outreach load snovio --select "
            "campaigns,campaign_analytics,emails_sent,email_opens,email_clicks,email_replies,recipient_activity"
        )
    return Verdict(where, [accounts[name] for name in sorted(accounts)])


def _rows(project: Path, destination: str, schema: str) -> Iterator[Mapping[str, Any]]:
    rows = " UNION ALL ".join(f"SELECT * FROM {mart}" for mart in MARTS)  # noqa: S608  # our own marts
    query = f"SELECT * FROM ({rows}) AS compared ORDER BY account, campaign_id, date, measure"  # noqa: S608
    with looking(SNOVIO, project, destination=destination, dataset=schema) as pipeline:
        if pipeline is not None:
            yield from warehouse.read_named(pipeline, query)


def _judge(found: AccountVerdict, row: Mapping[str, Any], tolerance: Tolerance) -> None:
    found.compared += 1
    if row["verdict"] == _EQUAL:
        found.equal += 1
    elif row["verdict"] != _UNEXPLAINED:
        found.explained[row["likely_cause"]] = found.explained.get(row["likely_cause"], 0) + 1
    elif tolerance.covers(row["difference"], row["counted"]):
        found.tolerated += 1
    else:
        found.unexplained.append(Difference(**{name: row[name] for name in Difference.__slots__}))
