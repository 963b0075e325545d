"""Makes the persons and prospect lists of a seeded account."""

import random
from collections.abc import Sequence

from tests.sandbox import vocabulary
from tests.sandbox.ids import prospect_id
from tests.sandbox.model import Person, Prospect, ProspectEmail, ProspectList

_DAY = 86_400


def person(rng: random.Random, number: int) -> Person:
    """One made-up person; about one in 150 has no e-mail, one in 20 a mixed-case one."""
    first, last = rng.choice(vocabulary.FIRST_NAMES), rng.choice(vocabulary.LAST_NAMES)
    custom = rng.sample(vocabulary.LABELS, rng.choice((0, 1, 2, 2, len(vocabulary.LABELS))))
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        email=None if number % 150 == 149 else _email(rng, number),
        locality=rng.choice(vocabulary.LOCALITIES),
        industry=rng.choice(vocabulary.INDUSTRIES),
        country=rng.choice(vocabulary.COUNTRIES),
        source_page=f"https://www.linkedin.com/in/example-{number}" if number % 3 == 0 else None,
        skills=rng.choice(vocabulary.SKILLS),
        links=[f"https://{number}.example.com/"] if number % 40 == 7 else None,
        custom_fields={label: rng.choice(vocabulary.CUSTOM_VALUES) for label in custom},
        job_position=rng.choice(vocabulary.POSITIONS),
        phone=f"1555{number:07d}",
    )


def _email(rng: random.Random, number: int) -> str:
    text = f"person{number}@{rng.choice(vocabulary.DOMAINS)}"
    return text.title() if number % 20 == 3 else text


def people(rng: random.Random, count: int, first_number: int) -> list[Person]:
    """`count` persons with consecutive numbers."""
    return [person(rng, first_number + index) for index in range(count)]


def prospect(rng: random.Random, who: Person) -> Prospect:
    """A person as a member of a list, with none, one or several addresses."""
    emails = [] if who.email is None else [_address(rng, who.email)]
    extras = rng.choice((0, 0, 0, 1, 2))
    emails += [_address(rng, f"{who.number}.{extra}@Private.example.com") for extra in range(extras)]
    if rng.random() < 0.03:
        emails.clear()
    return Prospect(prospect_id(who.number), who.first_name, who.last_name, tuple(emails))


def _address(rng: random.Random, email: str) -> ProspectEmail:
    if rng.random() < 0.5:
        return ProspectEmail(email, probability=rng.randint(0, 100))
    return ProspectEmail(
        email,
        probability=rng.choice((0, 50, 99, 100)),
        is_verified=rng.random() < 0.7,
        job_status=rng.choice(("current", "previous", None)),
        is_valid_format=True,
        is_disposable=False,
        is_webmail=rng.random() < 0.3,
        is_gibberish=False,
        smtp_status=rng.choice((1, 2, 3, None)),
    )


def prospect_lists(rng: random.Random, members: Sequence[Person], now: int, size: float) -> list[ProspectList]:
    """Lists of every kind: small, empty, deleted, one with a repeated prospect and one of about 1,200.

    Args:
        rng: The account's own randomness.
        members: Persons to draw from.
        now: Epoch seconds of the world's clock.
        size: 1.0 gives the big list 1,200 prospects; at least 20 remain.
    """
    big = max(20, int(1_200 * size))
    sizes = (14, 0, 37, big, 5, 3)
    made = []
    for index, (count, name) in enumerate(
        zip(sizes, ("FirstSend", "Empty", "Lead LIST", "All prospects", "Old", "EMAIL"), strict=True)
    ):
        chosen = [prospect(rng, members[(index * 31 + place) % len(members)]) for place in range(count)]
        made.append(ProspectList(rng.randrange(10**6, 10**7), name, now - (200 - index) * _DAY, None, chosen))
    made[2].prospects.append(made[2].prospects[0])
    for old in made[4:]:
        old.deletion_date = now - 30 * _DAY
    return made
