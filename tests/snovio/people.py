"""A model of the analytics: cells are sets of facts about people, whose distinct counts do not add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

START = date(2025, 1, 1)
ADDITIVE = ("emails_sent",)


def on(number: int) -> date:
    return START + timedelta(number)


class Fact(NamedTuple):
    """An e-mail or an open; `uid` tells the e-mails apart that one person got."""

    name: str
    person: str
    uid: str = ""


Facts = frozenset[Fact]
World = Mapping[tuple[int, date], Facts]


def counters(cells: Iterable[Facts]) -> dict[str, int]:
    """What the API answers about all of some cells; empty: nothing happened."""
    facts = frozenset[Fact]().union(*cells)
    found = {
        "emails_sent": sum(fact.name == "sent" for fact in facts),
        "total_contacted": len({fact.person for fact in facts if fact.name == "sent"}),
        "email_opens": len({fact.person for fact in facts if fact.name == "opened"}),
    }
    return {name: number for name, number in found.items() if number}


def facts(subject: int, day: date, sent: Iterable[str], opened: Iterable[str] = ()) -> Facts:
    """A cell: an e-mail for each of the first people, an open for each of the others."""
    sends = [Fact("sent", person, f"{subject} {day} {number}") for number, person in enumerate(sent)]
    return frozenset([*sends, *(Fact("opened", person) for person in opened)])
