"""Profiles of prospects: a call each, so a run asks for a few, and the next one goes on."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import dlt
from dlt.extract import DltResource

from sources import values
from sources.errors import NotFound
from sources.outcomes import Outcome
from sources.readers import once
from sources.snovio.api import Row as Payload
from sources.snovio.members import Prospect
from sources.snovio.nested import inner_rows
from sources.snovio.parts import cleared, handed_on_with
from sources.snovio.reading import AccountReading
from sources.snovio.tables import (
    LIST_PROSPECTS,
    PROSPECT_CAMPAIGNS,
    PROSPECT_JOBS,
    PROSPECT_LISTS_JOINED,
    PROSPECT_PROFILES,
    PROSPECT_SOCIALS,
)
from sources.tables import Row, Table
from sources.writing import units

_NESTED: Final = frozenset({
    "social", "currentJob", "currentJobs", "previousJob", "previousJobs", "lists", "campaigns",
})  # fmt: skip
_BY_EMAIL: Final = "by_email"


def prospect_profiles(reading: AccountReading) -> list[DltResource]:
    """Profiles of the prospects of lists, those never asked for first; a prospect is replaced whole."""
    profiles = reading.kept(PROSPECT_PROFILES, lambda: _Profiles(reading))
    parts = [
        units(
            reading,
            table,
            handed_on_with(reading, PROSPECT_PROFILES, partial(profiles.rows_of_part, table.name)),
            after=(PROSPECT_PROFILES.name,),
            asks=False,
        )
        for table in _PARTS
    ]
    return [units(reading, PROSPECT_PROFILES, profiles.read, after=(LIST_PROSPECTS.name,)), *parts]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the API told of a prospect: its profile, None if there is none; and whether its id was refused."""

    profile: Payload | None
    id_is_refused: bool = False


class _Profiles:
    """Asks for profiles.

    Whether the API takes the ids of list prospects is unknown. Where it does not find one, but finds the prospect by
    its e-mail, ids are refused, and prospects are asked for by e-mail from then on.

    Args:
        reading: The read this is part of.
    """

    def __init__(self, reading: AccountReading) -> None:
        self._reading = reading
        self._calls_left = reading.settings.profiles_per_run
        self._counting = threading.Lock()
        self._is_by_email = False
        self._parts: defaultdict[str, list[list[Row]]] = defaultdict(list)

    def read(self, outcome: Outcome) -> Iterator[list[Row] | None]:
        """Ask for as many prospects as the setting allows."""
        reading = self._reading
        self._is_by_email = bool(dlt.current.resource_state(PROSPECT_PROFILES.name).get(_BY_EMAIL))
        members = reading.look_for_members(reading.pipeline)
        if not any(members.prospects.values()):
            outcome.notes.append("no prospects are known: load list_prospects and list_prospect_emails")
        queue = members.queue(reading.now - timedelta(days=reading.settings.sweep_days))
        for step in reading.readers.read(queue[: self._calls_left], once(self._ask)):
            if step is None:
                yield None
                continue
            prospect, brought = step
            with reading.one(outcome, f"prospect {prospect.id}"):
                asked = brought()
                if asked is not None:
                    reading.succeeded(outcome, f"prospect {prospect.id}")
                    if asked.id_is_refused:
                        dlt.current.resource_state(PROSPECT_PROFILES.name)[_BY_EMAIL] = True
                    yield self._rows(prospect, asked.profile)

    def rows_of_part(self, table: str) -> Iterator[list[Row]]:
        """Hand on what profiles brought for a table."""
        kept = self._parts[table]
        while kept:
            yield kept.pop()

    def _ask(self, prospect: Prospect) -> _Asked | None:
        """Ask for one prospect, in a thread; None once all calls are spent."""
        is_by_email = self._is_by_email
        if not is_by_email:
            found = self._called(lambda: [self._reading.api.prospect_profile(prospect.id)])
            if found or found is None:
                return _Asked(found[0]) if found else None
        if prospect.email is None:
            return _Asked(None)
        email = prospect.email
        found = self._called(lambda: self._reading.api.prospect_profiles_by_email(email))
        if found:
            self._is_by_email = True
            return _Asked(found[0], id_is_refused=not is_by_email)
        return None if found is None else _Asked(None)

    def _called(self, call: Callable[[], list[Payload]]) -> list[Payload] | None:
        """The profiles that a call brings, none if there is no such prospect; None if no call is left."""
        with self._counting:
            if self._calls_left <= 0:
                return None
            self._calls_left -= 1
        try:
            return call()
        except NotFound:
            return []

    def _rows(self, prospect: Prospect, profile: Payload | None) -> list[Row]:
        """The row of a profile; those of its parts are kept until they are handed on."""
        reading = self._reading
        known = {"id": prospect.id, "observed_at": reading.now, "is_found": profile is not None}
        for table, rows_of in _PARTS.items():
            if table.name in reading.unfinished:
                rows = rows_of(reading, profile or {}, prospect.id)
                self._parts[table.name].append(rows or [cleared(reading, table, id=prospect.id)])
        if profile is None:
            return [{"account": reading.account, **known}]
        own = {name: profile[name] for name in profile if name not in _NESTED}
        return reading.convert_object(PROSPECT_PROFILES, own, **known)


def _jobs(reading: AccountReading, profile: Payload, prospect_id: str) -> list[Row]:
    places = {True: ("currentJob", "currentJobs"), False: ("previousJob", "previousJobs")}
    return [
        row
        for is_current, names in places.items()
        for index, job in enumerate(_inner(profile, *names))
        for row in reading.convert_all(PROSPECT_JOBS, [job], id=prospect_id, is_current=is_current, job_index=index)
    ]


def _socials(reading: AccountReading, profile: Payload, prospect_id: str) -> list[Row]:
    return [
        row
        for index, social in enumerate(_inner(profile, "social"))
        for row in reading.convert_all(PROSPECT_SOCIALS, [social], id=prospect_id, social_index=index)
    ]


def _lists(reading: AccountReading, profile: Payload, prospect_id: str) -> list[Row]:
    return reading.convert_all(PROSPECT_LISTS_JOINED, _inner(profile, "lists"), id=prospect_id)


def _campaigns(reading: AccountReading, profile: Payload, prospect_id: str) -> list[Row]:
    known = {"account": reading.account, "id": prospect_id}
    campaigns = profile.get("campaigns") or []
    return [
        {**known, "campaign_index": index, "statistics": values.listed(campaign)}
        for index, campaign in enumerate(campaigns if isinstance(campaigns, list) else [campaigns])
    ]


def _inner(profile: Payload, *names: str) -> list[Payload]:
    """The rows under the first of some names that is there."""
    return inner_rows(next((profile[name] for name in names if profile.get(name)), None))


_PARTS: Final[Mapping[Table, Callable[[AccountReading, Payload, str], list[Row]]]] = {
    PROSPECT_JOBS: _jobs,
    PROSPECT_SOCIALS: _socials,
    PROSPECT_LISTS_JOINED: _lists,
    PROSPECT_CAMPAIGNS: _campaigns,
}
"""What makes the rows of each table that a profile fills."""
