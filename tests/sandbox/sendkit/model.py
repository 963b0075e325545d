"""The records of a SendKit world. They know neither JSON nor tables: `shapes` and `truth` do."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.sandbox.canary import CANARY

SECRET = f"{CANARY}webhook-secret-value"
"""Stands wherever an answer may hold a secret."""

KINDS = ("sent", "opened", "clicked", "bounced")
"""What is counted of each e-mail."""


@dataclass
class Lead:
    """A lead of a workspace."""

    id: str
    email: str
    first_name: str
    last_name: str
    tags: list[str]
    created_at: datetime
    city: str | None = None
    verified: bool = True


@dataclass
class Member:
    """A lead's place in a campaign."""

    id: str
    lead: Lead
    status: str


@dataclass(frozen=True)
class Step:
    """A step of a sequence; without a subject it is a wait."""

    order: int
    name: str
    subject: str | None = None
    wait_days: int | None = None


@dataclass(frozen=True)
class Subsequence:
    """What follows a certain reply."""

    id: str
    name: str
    trigger: str
    archived: bool = False


Cell = tuple[date, int, str | None, str | None]
"""Day, step, A/B variant, subsequence."""


@dataclass
class Campaign:
    """A campaign, its members, and what it counted: cell -> counters."""

    id: str
    name: str
    status: str
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    steps: list[Step]
    subsequences: list[Subsequence]
    members: dict[str, Member] = field(default_factory=dict)
    cells: dict[Cell, Counter[str]] = field(default_factory=dict)

    def count(self, day: date, step: int, variant: str | None, subsequence: str | None, **more: int) -> None:
        """Adds to a cell."""
        self.cells.setdefault((day, step, variant, subsequence), Counter()).update(more)

    def totals(self) -> Counter[str]:
        """The counters of the campaign's whole life."""
        return sum(self.cells.values(), Counter())

    def statuses(self) -> Counter[str]:
        """Members by status."""
        return Counter(member.status for member in self.members.values())


@dataclass
class Mailbox:
    """A mailbox that campaigns send from."""

    id: str
    email: str
    created_at: datetime
    sent_today: int = 0
    bounce_rate: str = "1.5"


@dataclass
class Thread:
    """A conversation."""

    id: str
    lead: Lead
    campaign: Campaign
    replied_at: datetime
    text: str
    unread: int = 1
    messages: int = 2
    ai_tag: str | None = "interested"


@dataclass
class Blocked:
    """An entry of the do-not-contact list; without an address it blocks a domain."""

    id: str
    email: str | None
    reason: str
    created_at: datetime


@dataclass
class Workspace:
    """A workspace with everything in it, by id."""

    id: str
    name: str
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    blocked: dict[str, Blocked] = field(default_factory=dict)
