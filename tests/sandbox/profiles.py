"""What is known of a prospect beyond its list: records made of the prospect and its account alone."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.sandbox import vocabulary
from tests.sandbox.ids import digest
from tests.sandbox.model import Account, Prospect, ProspectList


@dataclass(frozen=True)
class Job:
    """A job, of today or before."""

    company: str
    position: str
    start: date
    end: date | None


@dataclass(frozen=True)
class Profile:
    """A prospect with its jobs, its pages, its lists and its campaigns."""

    prospect: Prospect
    lists: tuple[ProspectList, ...]
    campaigns: tuple[dict[str, object], ...]

    @property
    def number(self) -> int:
        """Decides what is drawn."""
        return int(digest("profile", self.prospect.id, length=8), 16)

    @property
    def id(self) -> str:
        """The id in the answer, in another form than that of lists."""
        return f"{digest('profile id', self.prospect.id, length=20)}_-=="

    @property
    def industry(self) -> str | None:
        """The industry."""
        return vocabulary.INDUSTRIES[self.number % len(vocabulary.INDUSTRIES)]

    @property
    def updated_at(self) -> int:
        """Epoch seconds of the last change."""
        return 1_500_000_000 + self.number % 10**8

    @property
    def links(self) -> list[str]:
        """Pages of the prospect."""
        return [f"https://www.linkedin.com/in/example-{self.number}-{place}" for place in range(self.number % 3)]

    @property
    def current(self) -> list[Job]:
        """Jobs of today."""
        return [self._job(place, None) for place in range(self.number % 2)]

    @property
    def previous(self) -> list[Job]:
        """Earlier jobs."""
        return [self._job(place, date(2018, 7, 31)) for place in range(5, 5 + self.number // 7 % 3)]

    def _job(self, place: int, end: date | None) -> Job:
        position = vocabulary.POSITIONS[(self.number + place) % len(vocabulary.POSITIONS)]
        return Job(f"Example {place} GmbH", position, date(2015, 1, 1) + timedelta(place), end)


def profiles(account: Account) -> list[Profile]:
    """The profiles of all prospects in lists that are not deleted, each once."""
    living = [found for found in account.lists.values() if found.deletion_date is None]
    members = {member.id: member for found in living for member in found.prospects}
    holding = {found.id: {member.id for member in found.prospects} for found in living}
    first = next(iter(account.campaigns.values()), None)
    made = []
    for member in members.values():
        lists = tuple(found for found in living if member.id in holding[found.id])
        in_campaign = first is not None and int(digest(member.id, length=6), 16) % 3 == 0
        statistics = ({"id": first.id, "name": first.name, "sent": 2},) if first and in_campaign else ()
        made.append(Profile(member, lists, statistics))
    return made
