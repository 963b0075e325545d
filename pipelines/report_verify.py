"""What `outreach verify` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from pipelines.verify import AccountVerdict, Difference, Verdict

_MOST: Final = 200
"""So many differences of an account are printed."""


def verify_as_json(verdict: Verdict) -> dict[str, Any]:
    """What came of the comparison."""
    return {
        "warehouse": verdict.warehouse,
        "exit_code": verdict.exit_code,
        "accounts": [asdict(account) for account in verdict.accounts],
    }


def verify_as_table(verdict: Verdict) -> Group:
    """The same, each unexplained difference a row."""
    parts: list[Any] = []
    for account in verdict.accounts:
        parts.append(Text(_summary(account)))
        if account.unexplained:
            parts.append(_grid(account.unexplained[:_MOST]))
        if (more := len(account.unexplained) - _MOST) > 0:
            parts.append(Text(f"and {more:,} more; --json names them all"))
    if verdict.exit_code:
        parts.append(
            Text(
                "read again what differs: outreach load snovio --full-refresh; then verify again before you trust it"
            )
        )
    return Group(*parts)


def _summary(account: AccountVerdict) -> str:
    causes = ", ".join(f"{count:,} {cause}" for cause, count in sorted(account.explained.items()))
    explained = f"{sum(account.explained.values()):,} explained{f' ({causes})' if causes else ''}"
    tolerated = f", {account.tolerated:,} within the tolerance" if account.tolerated else ""
    return (
        f"account {account.account}: {account.compared:,} figures compared, {account.equal:,} equal, "
        f"{explained}{tolerated}, {len(account.unexplained):,} unexplained"
    )


def _grid(differences: list[Difference]) -> Grid:
    grid = Grid("campaign", "name", "day", "measure")
    for title in ("loaded", "counted"):
        grid.add_column(title, justify="right")
    for one in differences:
        name = Text(one.campaign or "")
        grid.add_row(str(one.campaign_id), name, f"{one.date}", one.measure, f"{one.loaded:,}", f"{one.counted:,}")
    return grid
