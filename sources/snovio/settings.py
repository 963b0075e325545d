"""What a load of one account is told, and the API's documented limits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sources import erased, settings
from sources.snovio.days import Days
from sources.tables import Table

MOST_PROSPECTS_PER_PAGE: Final = 5_000
"""Documented maximum of `perPage` for the prospects of a list."""
PROSPECTS_PER_PAGE: Final = 1_000
"""What is asked for lists that fit: larger pages may time out."""
PROFILES_PER_RUN: Final = 100
"""Calls for profiles that a run spends if nothing else is set: two minutes."""
FUTURE_TOLERANCE_DAYS: Final = 1
"""An event further in the future than this is rejected, so that it cannot poison a watermark."""
MOST_CHARACTERS_OF_IDS: Final = 5_800
"""Of the ids in a URL; with host, path and days it stays below 6,000."""
_COMMA: Final = len("%2C")
EARLIEST_YEAR: Final = 2000
"""An event before it is rejected: it is an empty date, and every day since would have to be cleared by a sweep."""

SECTION: Final = "sources.snovio"
"""Where dlt finds the settings."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one account is read.

    Args:
        account: The account's configured name.
        start_date: Events before this day are not read; None: from the campaign's start.
        lookback_days: Days before the last loaded one that are read again at every load.
        sweep_days: Running campaigns are read whole at least so often; 0: at every load.
        full_refresh: Read everything again now.
        profiles_per_run: At most so many calls for profiles of prospects.
        range: Read only these days, of the tables that are asked by days, and leave the state as it is.
        linkedin_senders: LinkedIn account ids whose counters are wanted: the API does not list them.
        campaign_owners: E-mail addresses of campaign owners, likewise; needs a higher plan.
        excluded: Columns that stay null, by table.
        erase_key: What the hashes of erased people are made with.
    """

    account: str = "default"
    start_date: date | None = None
    lookback_days: int = 3
    sweep_days: int = 7
    full_refresh: bool = False
    profiles_per_run: int = PROFILES_PER_RUN
    range: Days | None = None
    linkedin_senders: Sequence[str] = ()
    campaign_owners: Sequence[str] = ()
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    erase_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        settings.check_account(SECTION, self.account)
        settings.check_days(SECTION, lookback_days=self.lookback_days, sweep_days=self.sweep_days)
        erased.check_key(f"{SECTION}.erase_key", self.erase_key)


def prospects_per_page(contacts: int) -> int:
    """How many prospects of a list of so many are asked for at once."""
    return PROSPECTS_PER_PAGE if contacts < PROSPECTS_PER_PAGE else MOST_PROSPECTS_PER_PAGE


def fitting(campaign_ids: Iterable[int]) -> Iterator[int]:
    """As many as fit into a URL."""
    left = MOST_CHARACTERS_OF_IDS
    for campaign_id in campaign_ids:
        left -= len(str(campaign_id)) + _COMMA
        if left >= 0:
            yield campaign_id


def excluded_columns(names: Sequence[str], tables: Collection[Table]) -> dict[str, frozenset[str]]:
    """Resolve `exclude_columns`: `column` means every table that has it, `table.column` one.

    Raises:
        ConfigurationError: A name is unknown, or is part of a key.
    """
    return settings.excluded_columns(SECTION, names, tables)
