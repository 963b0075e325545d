"""What a load of one account is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sources import erased, settings

SECTION: Final = "sources.sendkit"
"""Where dlt finds the settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one account is read.

    Args:
        account: The account's configured name.
        workspace_id: The configured workspace; None with a key that is bound to one.
        lookback_days: Days before the last ones loaded that are read again.
        sweep_days: Everything is read whole at least so often; 0: at every load.
        archived_campaigns: Whether archived campaigns are asked for too: it is unknown whether the list has them.
        full_refresh: Read everything again now.
        excluded: Columns that stay null, by table.
        erase_key: What the hashes of erased people are made with.
    """

    account: str = "default"
    workspace_id: str | None = None
    lookback_days: int = 3
    sweep_days: int = 7
    archived_campaigns: bool = True
    full_refresh: bool = False
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    erase_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        settings.check_account(SECTION, self.account)
        settings.check_days(SECTION, lookback_days=self.lookback_days, sweep_days=self.sweep_days)
        erased.check_key(f"{SECTION}.erase_key", self.erase_key)

    @property
    def replaces_everything(self) -> bool:
        """Whether what is known already counts for nothing."""
        return self.full_refresh or self.sweep_days == 0
