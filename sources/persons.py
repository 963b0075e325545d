"""Which columns of a table tell of which person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sources.tables import ACCOUNT, Column, Person, Table

_RECIPIENT: Final[tuple[Person, ...]] = ("email", "id", "hint", "detail")
_SENDER: Final[tuple[Person, ...]] = ("sender email", "sender detail")


@dataclass(frozen=True, slots=True)
class Told:
    """What a row tells of one person, the recipient or the sender: names of columns.

    Args:
        emails: Addresses; they tell whose the row is.
        ids: Ids in a list of people; they tell it too, and stay: nobody is known by them but to the vendor.
        hints: Ids and pages that tell it only where no address does.
        details: All else.
        is_main: Whether the row is about this person, so that fields that no column declares are taken for theirs.
    """

    emails: tuple[str, ...]
    ids: tuple[str, ...]
    hints: tuple[str, ...]
    details: tuple[str, ...]
    is_main: bool

    @property
    def emptied(self) -> tuple[str, ...]:
        """The columns that are null once the person is erased; addresses give way to pseudonyms."""
        return (*self.hints, *self.details)

    def undeclared(self, table: Table, names: Iterable[str]) -> list[str]:
        """Those of some columns of the table that are taken for the person's although nothing is known of them."""
        declared = {ACCOUNT.name, *(column.name for column in table.columns)}
        return [name for name in names if self.is_main and name not in declared and not name.startswith("_")]


@lru_cache
def told_by(table: Table) -> tuple[Told, ...]:
    """The persons that a row of the table can be matched with: the recipient first."""
    found: list[Told] = []
    for email, unlike in (("email", _RECIPIENT), ("sender email", _SENDER)):
        columns = [column for column in table.columns if column.person in unlike]
        told = Told(
            emails=_names(columns, email),
            ids=_names(columns, "id"),
            hints=_names(columns, "hint"),
            details=_names(columns, unlike[-1]),
            is_main=not found,
        )
        if told.emails or told.ids or told.hints:
            found.append(told)
    return tuple(found)


@lru_cache
def raw_columns(table: Table) -> tuple[str, ...]:
    """Columns of text in which anybody may be named."""
    return _names(table.columns, "raw")


def out_of_reach(table: Table) -> list[str]:
    """Columns with details of somebody whom nothing in the row tells."""
    matched = {name for told in told_by(table) for name in told.details}
    details = (column.name for column in table.columns if column.person in {_RECIPIENT[-1], _SENDER[-1]})
    return [name for name in details if name not in matched]


def _names(columns: Iterable[Column], person: str) -> tuple[str, ...]:
    return tuple(column.name for column in columns if column.person == person)
