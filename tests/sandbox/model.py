"""The records of a sandbox world. They know neither JSON nor tables: `shapes` and `truth` do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tests.sandbox.ids import digest
from tests.sandbox.model_account import (
    Balance,
    CustomField,
    DoNotEmailList,
    Pipeline,
    Schedule,
    Sender,
    Warmup,
    Webhook,
)

EVENT_TABLES = ("emails_sent", "email_opens", "email_clicks", "email_replies")
"""The four event lists, named as their warehouse tables."""

HIDDEN_EVENTS = ("bounces", "unsubscribes", "linkedin")
"""Events that no list shows; analytics and recipient activity count them."""


@dataclass(frozen=True, eq=False)
class Person:
    """A prospect as event rows and lists show it. Edits replace the record, so identity is equality."""

    number: int
    first_name: str
    last_name: str
    email: str | None
    locality: str | None = None
    industry: str | None = None
    country: str | None = None
    source: str = "copy"
    source_page: str | None = None
    skills: str = ""
    links: list[str] | None = None
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    company: str = "Example Agency"
    job_position: str = "Manager"
    phone: str = "15550100"

    @property
    def name(self) -> str:
        """First and last name joined."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, eq=False)
class Content:
    """What one step of a campaign sends: the readable texts and the texts as the API shows them."""

    subject: str
    body: str
    subject_shown: str
    body_shown: str


@dataclass(slots=True, eq=False)
class Event:
    """One row of an event list (or a hidden event). `at` is epoch seconds, UTC.

    `serial` is unique in the world and carries the row's ids; `step` counts the e-mails of the sequence from 0;
    `note` is a reply's mood or a LinkedIn event's kind; `spoiled` names the fault in the shown row, if any.
    """

    serial: int
    at: int
    person: Person
    content: Content
    step: int = 0
    note: str = ""
    spoiled: str = ""

    @property
    def phone(self) -> str:
        """The person's phone as a row shows it: the profiles of two rows of one person may differ."""
        return self.person.phone if self.serial % 3 else f"{self.person.phone}9"


@dataclass(eq=False)
class Campaign:
    """A campaign with what its details need. Times are epoch seconds."""

    id: int
    name: str
    list_id: int
    status: str
    created_at: int
    updated_at: int
    started_at: int | None
    sender_ids: tuple[int, ...]
    contents: tuple[Content, ...]
    people: list[Person] = field(default_factory=list)
    edition: int = 0
    """How often its settings were changed; they follow from it."""
    has_details: bool = True

    @property
    def hash(self) -> str:
        """The undocumented hash of the campaign list."""
        return digest("campaign", self.id)

    @property
    def owner_email(self) -> str:
        """The team member it belongs to."""
        return ("ann.owner@example.com", "ben.owner@example.com")[self.id % 2]


@dataclass(frozen=True, eq=False)
class Completion:
    """A prospect that reached the end of a campaign."""

    serial: int
    person: Person


@dataclass(frozen=True)
class ProspectEmail:
    """One address of a list's prospect. `probability` is a percentage, 0 to 100."""

    email: str
    probability: int = 99
    is_verified: bool | None = None
    job_status: str | None = "any"
    domain_type: str | None = "linkedin_email"
    is_valid_format: bool | None = None
    is_disposable: bool | None = None
    is_webmail: bool | None = None
    is_gibberish: bool | None = None
    smtp_status: int | None = None


@dataclass(frozen=True, eq=False)
class Prospect:
    """A member of a prospect list."""

    id: str
    first_name: str
    last_name: str
    emails: tuple[ProspectEmail, ...] = ()

    @property
    def name(self) -> str:
        """First and last name joined."""
        return f"{self.first_name} {self.last_name}"


@dataclass(eq=False)
class ProspectList:
    """A prospect list, newest prospect first. Times are epoch seconds."""

    id: int
    name: str
    creation_date: int
    deletion_date: int | None = None
    prospects: list[Prospect] = field(default_factory=list)


@dataclass(eq=False)
class Account:
    """Everything one pair of credentials can see."""

    name: str
    client_id: str
    client_secret: str
    user_id: int
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    events: dict[str, dict[int, list[Event]]] = field(
        default_factory=lambda: {table: {} for table in (*EVENT_TABLES, *HIDDEN_EVENTS)}
    )
    """Table -> campaign id -> events, newest first."""
    completed: dict[int, list[Completion]] = field(default_factory=dict)
    lists: dict[int, ProspectList] = field(default_factory=dict)
    custom_fields: list[CustomField] = field(default_factory=list)
    senders: list[Sender] = field(default_factory=list)
    warmups: list[Warmup] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    do_not_email_lists: list[DoNotEmailList] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    webhooks: list[Webhook] = field(default_factory=list)
    balance: Balance = field(default_factory=lambda: Balance(Decimal(25_000), False, 0, 29, 359))

    @property
    def linkedin_ids(self) -> tuple[int, int]:
        """Its LinkedIn sender accounts."""
        return self.user_id + 1, self.user_id + 2
