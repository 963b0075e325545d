"""Makes the events of a seeded campaign: bursts, silent stretches, twins, re-opens."""

import random
from collections.abc import Iterator, Sequence

from tests.sandbox.model import Account, Campaign, Completion, Event, Person

_DAY = 86_400
MOODS = ("interested", "maybe", "not_interested", "", "", "auto")
"""What replies are noted as, by frequency."""
LINKEDIN_KINDS = (
    "connection_request", "connection_request", "accepted", "connection_reply", "message", "message",
    "message_reply", "view", "like", "follow", "failed_connection_request", "in_mail",
)  # fmt: skip
"""What LinkedIn events are noted as, likewise."""


def sending_times(rng: random.Random, started: int, now: int, count: int) -> list[int]:
    """Epoch seconds of `count` e-mails, oldest first: most fall on a few days, most days are silent."""
    days = max(1, (now - started) // _DAY + 1)
    bursts = rng.sample(range(days), max(1, days // 6))
    chosen = rng.choices(bursts, weights=[rng.random() ** 2 + 0.01 for _ in bursts], k=count)
    midnight = started - started % _DAY
    times = [midnight + day * _DAY + rng.randrange(7 * 3600, 18 * 3600) for day in chosen]
    return sorted(at for at in times if started <= at <= now)


class CampaignEvents:
    """Draws all events of one campaign and files them in the account, newest first.

    Args:
        rng: The campaign's own randomness.
        account: Where the events go.
        campaign: Already has its people and contents.
        now: Epoch seconds; nothing is later.
        serials: Unique numbers for the rows.
    """

    def __init__(
        self, rng: random.Random, account: Account, campaign: Campaign, now: int, serials: Iterator[int]
    ) -> None:
        self._rng, self._account, self._campaign = rng, account, campaign
        self._now, self._serials = now, serials

    def fill(self, sent: int) -> None:
        """Draws about `sent` e-mails and what follows from them."""
        for table in self._account.events:
            self._account.events[table][self._campaign.id] = []
        self._account.completed[self._campaign.id] = []
        if self._campaign.started_at is None:
            return
        for at in sending_times(self._rng, self._campaign.started_at, self._now, sent):
            self._email(at)
        self._twins()
        for by_campaign in self._account.events.values():
            by_campaign[self._campaign.id].sort(key=lambda event: -event.at)
        self._complete()

    def fill_linkedin(self, count: int) -> None:
        """Draws LinkedIn events only."""
        self.fill(0)
        started = self._campaign.started_at or self._now
        for index, at in enumerate(sending_times(self._rng, started, self._now, count)):
            self._add(
                "linkedin",
                at,
                self._rng.choice(self._campaign.people),
                0,
                LINKEDIN_KINDS[index % len(LINKEDIN_KINDS)],
            )
        self._account.events["linkedin"][self._campaign.id].sort(key=lambda event: -event.at)

    def _add(self, table: str, at: int, person: Person, step: int, note: str = "") -> None:
        if at <= self._now:
            content = self._campaign.contents[step]
            event = Event(next(self._serials), at, person, content, step, note)
            self._account.events[table][self._campaign.id].append(event)

    def _email(self, at: int) -> None:
        """One e-mail with its bounce, or its opens, clicks and reply."""
        rng = self._rng
        person = rng.choice(self._campaign.people)
        step = 0 if rng.random() < 0.6 else rng.randrange(len(self._campaign.contents))
        self._add("emails_sent", at, person, step)
        luck = rng.random()
        if luck < 0.04:
            self._add("bounces", at + 40, person, step)
            return
        if luck < 0.55:
            for _ in range(rng.choice((1, 1, 2, 3))):
                self._add("email_opens", at + _lag(rng), person, step)
        if luck < 0.16:
            self._add("email_clicks", at + _lag(rng), person, step)
        if luck < 0.13:
            self._add("email_replies", at + _lag(rng), person, step, rng.choice(MOODS))
        if luck > 0.99:
            self._add("unsubscribes", at + _lag(rng), person, step)

    def _twins(self) -> None:
        """Repeats some rows in their very second: identical, with another text, or of another person."""
        for table in ("emails_sent", "email_opens", "email_clicks", "email_replies"):
            rows = self._account.events[table][self._campaign.id]
            for event in self._rng.sample(rows, len(rows) // 25):
                self._add(table, event.at, event.person, event.step, event.note)
                self._add(table, event.at, event.person, (event.step + 1) % len(self._campaign.contents))
                self._add(table, event.at, self._rng.choice(self._campaign.people), event.step)

    def _complete(self) -> None:
        seen: set[str] = set()
        for event in self._account.events["emails_sent"][self._campaign.id]:
            email = event.person.email
            if email and email not in seen and event.person.number % 3 == 0:
                seen.add(email)
                self._account.completed[self._campaign.id].append(Completion(next(self._serials), event.person))


def _lag(rng: random.Random) -> int:
    """Seconds until somebody reacts: minutes mostly, sometimes days."""
    return int(60 + rng.expovariate(1 / 20_000))


def draw_people(rng: random.Random, pool: Sequence[Person], sent: int) -> list[Person]:
    """The recipients of a campaign: fewer than its e-mails, so that people repeat."""
    return rng.sample(list(pool), min(len(pool), max(3, sent // 2)))
