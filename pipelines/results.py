"""What a load came to, for each account and as a whole, with the exit codes that schedulers see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pipelines.full_disk import disk_full
from sources.errors import OutreachError, StopReason
from sources.outcomes import Outcome

OK: Final = 0
FAILED: Final = 1
PARTIAL: Final = 3
BUDGET: Final = 6
SIGNALLED: Final = {StopReason.SIGTERM: 143, StopReason.SIGINT: 130}


@dataclass(slots=True)
class AccountReport:
    """What loading one account came to."""

    account: str
    run_id: str
    exit_code: int = OK
    error: str | None = None
    calls: int = 0
    seconds: float = 0.0
    stopped: str | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    stored: dict[str, int] = field(default_factory=dict)
    calls_by_table: dict[str, int] = field(default_factory=dict)
    new_columns: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What a load came to."""

    source: str
    accounts: list[AccountReport]
    warehouse: str
    dataset: str

    @property
    def exit_code(self) -> int:
        """One code for all accounts: 1 before 4 before 3 before 6; 4 only when every account was refused."""
        return overall(account.exit_code for account in self.accounts)


def overall(exit_codes: Iterable[int]) -> int:
    """One code for those of all accounts."""
    codes = set(exit_codes)
    if len(codes) == 1:
        return codes.pop()
    first = (*SIGNALLED.values(), FAILED)
    if any(code in codes for code in first):
        return next(code for code in first if code in codes)
    return BUDGET if codes == {OK, BUDGET} else PARTIAL


def cause(error: BaseException) -> BaseException:
    """The error of ours behind what dlt raised, or the innermost one, in our words if it tells of a full disk."""
    seen: BaseException = error
    while True:
        if isinstance(seen, OutreachError):
            return seen
        inner = seen.__cause__ or seen.__context__
        if inner is None:
            return disk_full(seen) or seen
        seen = inner
