"""Makes one seeded account: its campaigns and the small lists around them."""

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from tests.sandbox import vocabulary
from tests.sandbox.canary import CANARY
from tests.sandbox.dates import instant
from tests.sandbox.ids import digest
from tests.sandbox.model import Account, Campaign, Person
from tests.sandbox.model_account import (
    Balance,
    CustomField,
    DoNotEmailList,
    Pipeline,
    Schedule,
    ScheduleDay,
    Sender,
    Stage,
    Warmup,
    Webhook,
)
from tests.sandbox.seed_events import CampaignEvents, draw_people
from tests.sandbox.seed_people import people, prospect_lists

_DAY = 86_400
_HISTORY_DAYS = 120
_STATUSES = ("Active", "Paused", "Draft", "Completed", "Active", "Archived", "Active")
_WEEK = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_SHARES = (1.0, 0.35, 0.0, 0.6, 2.2, 0.15, 0.5, 0.0, 0.02, 0.8, 0.25, 0.4)
_LINKEDIN_ONLY = 7
"""The campaign at this place of an account has LinkedIn events only."""


def seed_account(
    seed: int, name: str, now: int, campaigns: int, scale: float, size: float, serials: Iterator[int]
) -> Account:
    """One account; equal arguments give equal accounts.

    Args:
        seed: The world's seed.
        name: The account's configured name.
        now: Epoch seconds of the world's clock.
        campaigns: How many campaigns.
        scale: Multiplies the events.
        size: 1.0 for a full account, less for a smaller one.
        serials: Unique numbers for event rows.
    """
    rng = random.Random(f"{seed}/{name}")
    account = Account(
        name=name,
        client_id=digest("client", seed, name),
        client_secret=f"{CANARY}secret-{digest('secret', seed, name)}",
        user_id=rng.randrange(10**6, 10**7),
    )
    pool = people(rng, max(60, int(900 * size * max(1.0, scale / 4))), rng.randrange(1, 100) * 10**6)
    account.lists = {made.id: made for made in prospect_lists(rng, pool, now, size)}
    _fill_small_lists(account, rng, now)
    for index in range(campaigns):
        _add_campaign(account, rng, index, now, int(300 * size * scale * _SHARES[index % 12]), pool, serials)
    return account


def _add_campaign(
    account: Account,
    rng: random.Random,
    index: int,
    now: int,
    sent: int,
    pool: list[Person],
    serials: Iterator[int],
) -> None:
    status = _STATUSES[index % len(_STATUSES)]
    created = now - rng.randrange(_HISTORY_DAYS // 2, _HISTORY_DAYS) * _DAY - rng.randrange(_DAY)
    campaign = Campaign(
        id=200_000 + len(account.campaigns) * 11 + rng.randrange(10) + account.user_id % 997 * 1_000,
        name=vocabulary.CAMPAIGN_NAMES[index % len(vocabulary.CAMPAIGN_NAMES)],
        list_id=rng.choice(list(account.lists)),
        status=status,
        created_at=created,
        updated_at=created + rng.randrange(_DAY),
        started_at=None if status == "Draft" else created + 3_600,
        sender_ids=tuple(sender.id for sender in rng.sample(account.senders, 2)),
        contents=tuple(vocabulary.content(index * 3 + step) for step in range(3)),
        people=draw_people(rng, pool, max(sent, 20)),
    )
    account.campaigns[campaign.id] = campaign
    events = CampaignEvents(random.Random(f"{account.client_id}/{index}"), account, campaign, now, serials)
    if index % 12 == _LINKEDIN_ONLY:
        events.fill_linkedin(60)
    else:
        events.fill(sent)


def _fill_small_lists(account: Account, rng: random.Random, now: int) -> None:
    account.custom_fields = [
        CustomField(label, required=label == "Phone", type="number" if label == "Deal size" else "string")
        for label in vocabulary.LABELS
    ]
    account.senders = _senders(rng)
    account.warmups = _warmups(account.senders, now)
    account.schedules = _schedules(rng)
    account.do_not_email_lists = [
        DoNotEmailList(rng.randrange(1, 10**4), "Do-not-email List", "List Owner", rng.randrange(500)),
        DoNotEmailList(rng.randrange(10**4, 10**5), "Домени конкурентів", "Олена Example", 0),
    ]
    account.pipelines = _pipelines(rng, now)
    account.webhooks = _webhooks(rng, now)
    account.balance = Balance(
        Decimal(rng.randrange(100, 5_000_000)) / 100, False, rng.randrange(3_000), rng.randrange(31), 359
    )


def _senders(rng: random.Random) -> list[Sender]:
    first = rng.randrange(10_000, 90_000)
    return [
        Sender(first, "Den Johnson", "den@example.com", True, False, 50, "hostinger", ("Den's account",),
               "den@example.com", True),
        Sender(first + 7, "Anna", "anna@example.com", False, False, 50, "godaddy", ("Work", "DE 🇩🇪"),
               "anna@example.com", False),
        Sender(first + 9, "Zoë No-Imap", "Zoe@example.org", True, True, 200, "gmail"),
        Sender(first + 12, "Old", "old@example.org", True, False, 10, "smtp", shows_imap=False),
    ]  # fmt: skip


def _warmups(senders: list[Sender], now: int) -> list[Warmup]:
    today = instant(now).date()
    return [
        Warmup(senders[0].id + 1_000, senders[0], today - timedelta(days=45)),
        Warmup(senders[1].id + 1_000, senders[1], today - timedelta(days=3), "error", error="Cannot connect"),
        Warmup(senders[2].id + 1_000, senders[2], today + timedelta(days=4), "pending", is_silent=True),
    ]


def _schedules(rng: random.Random) -> list[Schedule]:
    def days(enabled: tuple[str, ...]) -> tuple[ScheduleDay, ...]:
        return tuple(ScheduleDay(day, day in enabled, "09:00", "17:30") for day in _WEEK)

    first = rng.randrange(1_000, 9_000)
    return [
        Schedule(first, "UA Monday & Saturday", "Europe/Kyiv", days(("monday", "saturday"))),
        Schedule(first + 1, "Weekdays", "America/New_York", days(_WEEK[1:6])),
    ]


def _pipelines(rng: random.Random, now: int) -> list[Pipeline]:
    first = rng.randrange(10**5, 10**6)
    stages = tuple(
        Stage(first * 10 + place, stage, place, rng.randrange(60), rng.randrange(10**5) / 2)
        for place, stage in enumerate(("Lead in", "Contact made", "Won"), start=1)
    )
    return [
        Pipeline(first, "Test pipeline", 65, 1_241_600, now - 300 * _DAY, stages),
        Pipeline(first + 5, "Pipeline", 0, 0, now - 400 * _DAY, ()),
    ]


def _webhooks(rng: random.Random, now: int) -> list[Webhook]:
    secret = f"{CANARY}{digest('hook', rng.random(), length=12)}"
    return [
        Webhook(8, f"https://hooks.example.com/catch/{secret}/a?key={secret}", "campaign_email", "sent", "active",
                now - 90 * _DAY),
        Webhook(14, f"https://user:{secret}@hooks.example.net:8443/{secret}", "campaign_reply", "received",
                "deactivated", now - 80 * _DAY),
    ]  # fmt: skip
