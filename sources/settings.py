"""What the settings of every source have in common. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from sources.errors import ConfigurationError
from sources.tables import Table

MOST_DAYS: Final = 3_650
"""The most days that a setting may name."""

_ACCOUNT_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")


def check_account(section: str, name: str) -> None:
    """Refuse a name of an account that could break a statement or a path.

    Args:
        section: Where dlt finds the source's settings, such as `sources.snovio`.
        name: The account's name.

    Raises:
        ConfigurationError: It is none.
    """
    if not _ACCOUNT_NAME.fullmatch(name):
        raise ConfigurationError(
            f"{section}.accounts",
            f"{name!r} is no account name: use lower-case letters, digits, - and _ (at most 40).",
        )


def check_days(section: str, **settings: int) -> None:
    """Refuse a number of days out of bounds.

    Raises:
        ConfigurationError: One is.
    """
    for name, days in settings.items():
        if not 0 <= days <= MOST_DAYS:
            raise ConfigurationError(f"{section}.{name}", f"{days} is no number of days from 0 to {MOST_DAYS}.")


def excluded_columns(section: str, names: Sequence[str], tables: Collection[Table]) -> dict[str, frozenset[str]]:
    """Resolve `exclude_columns`: `column` means every table that has it, `table.column` one.

    A column that the named table has not means those of the tables that its answers fill, too: the message of
    `campaign_replies` stands in `campaign_reply_messages`.

    Raises:
        ConfigurationError: A name is unknown, or is part of a key.
    """
    setting = f"{section}.exclude_columns"
    excluded: dict[str, set[str]] = {}
    for name in names:
        table_name, _, column_name = name.rpartition(".")
        having = [(table, column) for table in tables for column in table.columns if column.name == column_name]
        endpoints = {table.endpoint for table in tables if table.name == table_name}
        found = [pair for pair in having if table_name in ("", pair[0].name)]
        found = found or [pair for pair in having if pair[0].endpoint in endpoints]
        if not found:
            raise ConfigurationError(setting, f"no table has a column {name!r}.")
        keys = [table.name for table, column in found if column.name in table.key]
        if keys:
            raise ConfigurationError(setting, f"{name!r} is part of the key of {', '.join(keys)} and must stay.")
        for table, column in found:
            excluded.setdefault(table.name, set()).add(column.name)
    return {name: frozenset(columns) for name, columns in excluded.items()}
