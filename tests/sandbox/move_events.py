"""The moves of the event lists."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from tests.sandbox import vocabulary
from tests.sandbox.ids import digest
from tests.sandbox.model import EVENT_TABLES, HIDDEN_EVENTS, Content, Event, Person
from tests.sandbox.seed_events import LINKEDIN_KINDS, MOODS
from tests.sandbox.state import WorldState

_NOTES = {"email_replies": MOODS, "linkedin": LINKEDIN_KINDS}
"""Table -> the notes that added events bear in turn."""


class EventMoves(WorldState):
    """Moves of the event lists; every one takes the account's name first."""

    def events(self, account: str, table: str, campaign_id: int) -> list[Event]:
        """The events of a list, newest first: the world's own list, not a copy."""
        return self.account(account).events[table][campaign_id]

    def add_events(
        self, account: str, table: str, campaign_id: int, count: int = 1, at: datetime | None = None
    ) -> list[Event]:
        """Adds events, by default at the head of the list: not older than what is there, not after now.

        Args:
            account: Whose.
            table: One of the event tables, or of the events that only analytics count.
            campaign_id: The campaign.
            count: How many.
            at: One aware time for all of them (in one second); wherever it belongs in the list.
        """
        rows = self.events(account, table, campaign_id)
        if at is not None:
            return [self._insert(account, table, campaign_id, int(at.timestamp())) for _ in range(count)]
        newest = rows[0].at if rows else 0
        times = sorted(max(newest, self.now_seconds - self.rng.randrange(120)) for _ in range(count))
        return [self._insert(account, table, campaign_id, moment) for moment in times]

    def add_late_events(self, account: str, table: str, campaign_id: int, day: date, count: int = 1) -> list[Event]:
        """Adds events somewhere in a UTC day of the past (never after now)."""
        midnight = int(datetime.combine(day, time(), UTC).timestamp())
        span = max(1, min(86_400, self.now_seconds - midnight))
        return [self._insert(account, table, campaign_id, midnight + self.rng.randrange(span)) for _ in range(count)]

    def _insert(self, account: str, table: str, campaign_id: int, at: int) -> Event:
        campaign = self.account(account).campaigns[campaign_id]
        step = self.rng.randrange(len(campaign.contents))
        person = self.rng.choice(campaign.people)
        serial, notes = self.next_serial(), _NOTES.get(table, ("",))
        event = Event(serial, at, person, campaign.contents[step], step, notes[serial % len(notes)])
        rows = self.events(account, table, campaign_id)
        rows.insert(bisect_left(rows, -at, key=lambda row: -row.at), event)
        return event

    def add_twin(self, account: str, table: str, campaign_id: int, index: int = 0) -> Event:
        """Repeats the event at `index`: a row that differs in nothing but its ids."""
        rows = self.events(account, table, campaign_id)
        twin = replace(rows[index], serial=self.next_serial())
        rows.insert(index, twin)
        return twin

    def delete_events(
        self,
        account: str,
        table: str,
        campaign_id: int,
        count: int | None = None,
        *,
        index: int | None = None,
        day: date | None = None,
        where: Callable[[Event], bool] | None = None,
    ) -> list[Event]:
        """Deletes `count` random events, the one at `index`, all of a UTC `day`, or those `where` holds."""
        rows = self.events(account, table, campaign_id)
        if index is not None:
            return [rows.pop(index)]
        if day is not None:
            first, last = day_span(rows, day)
            gone = rows[first:last]
        elif where is not None:
            gone = [row for row in rows if where(row)]
        else:
            gone = self.rng.sample(rows, min(count or 1, len(rows)))
        serials = {row.serial for row in gone}
        rows[:] = [row for row in rows if row.serial not in serials]
        return gone

    def edit_events(
        self, account: str, table: str, campaign_id: int, count: int = 1, change: str = "subject"
    ) -> list[Event]:
        """Changes random events in place: their `subject`, the person's `name`, or the `email_case`."""
        rows = self.events(account, table, campaign_id)
        chosen = self.rng.sample(rows, min(count, len(rows)))
        for row in chosen:
            if change == "subject":
                row.content = _other_content(row.content)
            else:
                row.person = _other_person(row.person, change)
        return chosen

    def spoil_event(self, account: str, table: str, campaign_id: int, name: str, index: int = 0) -> Event:
        """Makes one row wrong wherever it is shown from now on; `name` is one of `spoiling.SPOILERS`."""
        event = self.events(account, table, campaign_id)[index]
        event.spoiled = name
        return event

    def move_events(self, rng: random.Random, account: str) -> None:
        """A random mix of event moves on every started campaign."""
        for campaign in list(self.account(account).campaigns.values()):
            if campaign.started_at is None:
                continue
            for table in EVENT_TABLES:
                self.add_events(account, table, campaign.id, rng.randrange(4))
                if rng.random() < 0.3:
                    self.add_late_events(account, table, campaign.id, self.now.date() - timedelta(days=1), 2)
                if rng.random() < 0.3:
                    self.delete_events(account, table, campaign.id, rng.randrange(1, 3))
                if rng.random() < 0.2:
                    self.edit_events(account, table, campaign.id, 1, rng.choice(("subject", "name", "email_case")))

    def move_hidden_events(self, rng: random.Random, account: str) -> None:
        """Now and then adds and deletes events that no list shows, and lets a recent e-mail bounce."""
        for campaign in list(self.account(account).campaigns.values()):
            if campaign.started_at is None:
                continue
            for table in HIDDEN_EVENTS:
                if rng.random() < 0.15:
                    self.delete_events(account, table, campaign.id)
            for table in ("unsubscribes", "linkedin"):
                if rng.random() < 0.3:
                    self.add_events(account, table, campaign.id, rng.randrange(1, 4))
            sent = self.events(account, "emails_sent", campaign.id)[:20]
            if sent and rng.random() < 0.3:
                self._bounce(account, campaign.id, rng.choice(sent))

    def _bounce(self, account: str, campaign_id: int, email: Event) -> None:
        (bounced,) = self.add_events(account, "bounces", campaign_id, at=datetime.fromtimestamp(email.at, UTC))
        bounced.person, bounced.content, bounced.step = email.person, email.content, email.step


def day_span(rows: list[Event], day: date) -> tuple[int, int]:
    """Indexes [first, last) of a UTC day's events in a newest-first list."""
    midnight = int(datetime.combine(day, time(), UTC).timestamp())
    return time_span(rows, midnight, midnight + 86_400)


def time_span(rows: list[Event], start: int, end: int) -> tuple[int, int]:
    """Indexes [first, last) of the events with start <= at < end in a newest-first list."""
    return bisect_right(rows, -end, key=lambda row: -row.at), bisect_right(rows, -start, key=lambda row: -row.at)


def _other_content(content: Content) -> Content:
    changed = vocabulary.content(100 + int(digest(content.subject_shown, length=3), 16))
    return replace(changed, body=content.body, body_shown=content.body_shown)


def _other_person(person: Person, change: str) -> Person:
    if change == "name":
        return replace(person, last_name=f"{person.last_name}-Edited")
    if change == "email_case":
        return replace(person, email=person.email and person.email.swapcase())
    raise ValueError(f"unknown change {change!r}: subject, name or email_case")
