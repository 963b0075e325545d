"""The prospects of lists: whom to ask for where there is no list to ask for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

import dlt

from sources.erased import PSEUDONYM, ErasedPeople
from sources.snovio.tables import LIST_PROSPECT_EMAILS, LIST_PROSPECTS, PROSPECT_PROFILES, RECIPIENT_STATUSES
from sources.stored_tables import select, stored_tables
from sources.tables import Row

NEED_MEMBERS: Final = (RECIPIENT_STATUSES.name, PROSPECT_PROFILES.name)
"""Tables that ask for prospects one by one."""

_RECORDED: Final = "AND _dlt_load_id IN (SELECT load_id FROM _dlt_loads WHERE status = 0)"
"""Of a load that was killed while it wrote, a profile may be there without its jobs: it is asked for again."""

_LONGEST_EMAIL: Final = 100
"""Longer addresses are refused (documented)."""


class Prospect(NamedTuple):
    """A prospect, and an e-mail if there is one."""

    id: str
    email: str | None


@dataclass(slots=True)
class Members:
    """The prospects of lists.

    Args:
        prospects: Ids, by list.
        emails: Ids and their e-mails, by list.
        asked: When the profile of a prospect was asked for.
        erased: Who must not be asked for.
    """

    prospects: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    emails: dict[int, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    asked: dict[str, datetime] = field(default_factory=dict)
    erased: ErasedPeople = field(default_factory=ErasedPeople)

    def replace(self, list_id: int, rows: Iterable[Row], emails: Iterable[Row]) -> None:
        """Take what a list holds now: rows of the two tables of list prospects."""
        self.prospects[list_id] = {row["id"] for row in rows}
        self.emails[list_id] = {(row["id"], row["email"]) for row in emails}
        self.leave_out_erased(list_id)

    def leave_out_erased(self, list_id: int) -> None:
        """Leave out the erased people of a list, by whatever they are told in it."""
        found = self.emails[list_id]
        gone = {number for number in self.prospects[list_id] if self.erased.names(number)}
        gone |= {number for number, email in found if email.startswith(PSEUDONYM) or self.erased.names(email)}
        self.prospects[list_id] -= gone
        self.emails[list_id] = {(number, email) for number, email in found if number not in gone}

    def forget(self, list_id: int) -> None:
        """Leave out a list that is gone."""
        self.replace(list_id, (), ())

    def emails_of(self, list_id: int | None) -> list[str]:
        """The addresses of a list that may be asked for, each once, whatever its case."""
        found = sorted(email for _, email in self.emails.get(list_id or 0, ()))
        return list({email.lower(): email for email in found if len(email) <= _LONGEST_EMAIL}.values())

    def queue(self, before: datetime) -> list[Prospect]:
        """Whom to ask for: prospects never asked for, then those asked for before a moment, longest ago first."""
        email: dict[str, str] = {}
        for number, address in sorted(one for found in self.emails.values() for one in found):
            email.setdefault(number, address)
        every = sorted({number for found in self.prospects.values() for number in found})
        again = sorted((asked, number) for number in every if (asked := self.asked.get(number)) and asked < before)
        wanted = [*(number for number in every if number not in self.asked), *(number for _, number in again)]
        return [Prospect(number, email.get(number)) for number in wanted]


def find(pipeline: dlt.Pipeline, account: str, erased: ErasedPeople) -> Members:
    """Look into the pipeline's dataset.

    Args:
        pipeline: The pipeline that is about to load.
        account: Whose rows.
        erased: Who must not be asked for.
    """
    found = Members(erased=erased)
    with pipeline.sql_client() as client:
        there = stored_tables(client)

        def rows(table: str, columns: str, where: str = "") -> Sequence[Sequence[Any]]:
            query = f"SELECT {columns} FROM {table} WHERE account = %s {where}"  # noqa: S608  # names of our own
            return select(client, query, account) if table in there else ()

        for list_id, number in rows(LIST_PROSPECTS.name, "list_id, id"):
            found.prospects[list_id].add(number)
        for list_id, number, email in rows(LIST_PROSPECT_EMAILS.name, "list_id, id, email"):
            found.emails[list_id].add((number, email))
        found.asked = dict(rows(PROSPECT_PROFILES.name, "id, observed_at", _RECORDED))  # type: ignore[arg-type]  # two columns
    for list_id in {*found.prospects, *found.emails}:
        found.leave_out_erased(list_id)
    return found
