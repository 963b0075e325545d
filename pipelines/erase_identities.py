"""Whom an address is of: the ids and pages by which the warehouse knows the same person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.erase_sql import Rows
from sources.erased import PSEUDONYM, normal
from sources.persons import Told, told_by
from sources.tables import Table


@dataclass(frozen=True, slots=True)
class Identities:
    """By what a person is known; each as `normal` writes it.

    Args:
        emails: Their addresses: those that were named, and those that nobody else has.
        others: Their ids, and the ids and pages that stand beside these addresses alone.
        shared: Further addresses of theirs that somebody else has too.
    """

    emails: frozenset[str]
    others: frozenset[str]
    shared: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Addresses, ids and pages."""
        return self.emails | self.others

    @property
    def needles(self) -> list[str]:
        """What can be looked for in a text: an id could be anything there."""
        return sorted(one for one in self.all if "@" in one or "/" in one)


@dataclass(slots=True)
class _Beside:
    """What stands in rows together with what.

    Args:
        ids: Addresses by id, in lists of people.
        hints: Addresses, and ids of lists of people, by an id or page that is not known to be stable.
    """

    ids: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    hints: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def identities(rows: Rows, tables: Iterable[Table], emails: Collection[str]) -> Identities:
    """Find out by what people are known.

    An id of a list of people is theirs if one of their addresses stands beside it. So are its other addresses, unless
    another id has them too. A page, or an id that is not known to be stable, is theirs only if it stands beside
    nobody else: some pages are shared.

    Args:
        rows: The dataset.
        tables: Its tables.
        emails: Addresses of theirs.
    """
    beside = _beside(rows, tables)
    named = {normal(email) for email in emails}
    ids = {number for number, found in beside.ids.items() if found & named}
    further = set[str]().union(*(beside.ids[number] for number in ids)) - named
    shared = {email for number, found in beside.ids.items() if number not in ids for email in found & further}
    emails_of = named | (further - shared)
    hints = {hint for hint, found in beside.hints.items() if found <= emails_of | ids}
    return Identities(frozenset(emails_of), frozenset(ids | hints), frozenset(shared))


def _beside(rows: Rows, tables: Iterable[Table]) -> _Beside:
    found = _Beside()
    for table in tables:
        there = rows.columns(table.name)
        for told in told_by(table):
            for owner, other, is_id in _pairs(told):
                if {owner, other} <= there:
                    into = found.ids if is_id else found.hints
                    for email, value in rows.different(table.name, owner, other):
                        if email and value and not str(email).startswith(PSEUDONYM):
                            into[normal(str(value))].add(normal(str(email)))
    return found


def _pairs(told: Told) -> Iterator[tuple[str, str, bool]]:
    """Columns to look at together: whose it is, what stands beside, and whether that is an id of a list of people."""
    for email in told.emails[:1]:
        yield from ((email, number, True) for number in told.ids)
    for owner in (told.emails or told.ids)[:1]:
        yield from ((owner, hint, False) for hint in told.hints)
