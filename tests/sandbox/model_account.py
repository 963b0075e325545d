"""The records of an account's small lists: custom fields, senders, schedules, pipelines..."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class CustomField:
    """The definition of a custom field."""

    label: str
    required: bool = False
    type: str = "string"

    @property
    def key(self) -> str:
        """The PHP-like key."""
        return f"customFields['{self.label}']"


@dataclass(frozen=True)
class Sender:
    """A sender e-mail account. Without `imap_username` it has no IMAP; `shows_imap` says if the key is there."""

    id: int
    sender_name: str
    email_from: str
    valid: bool = True
    suspended: bool = False
    limitation: int = 50
    provider: str = "gmail"
    tags: tuple[str, ...] = ()
    imap_username: str | None = None
    imap_valid: bool | None = None
    shows_imap: bool = True


@dataclass(frozen=True)
class Warmup:
    """The warm-up of a sender. A silent one sent nothing yet; rates are percent."""

    id: int
    sender: Sender
    start_date: date
    status: str = "active"
    reply_rate: int = 30
    sent_today: int = 2
    is_silent: bool = False
    error: str | None = None


@dataclass(frozen=True)
class ScheduleDay:
    """One weekday of a schedule; times are wall-clock `HH:MM`."""

    day: str
    enabled: bool
    start_time: str
    end_time: str


@dataclass(frozen=True)
class Schedule:
    """A campaign schedule; its days go from sunday to saturday."""

    id: int
    name: str
    timezone: str
    days: tuple[ScheduleDay, ...]


@dataclass(frozen=True)
class DoNotEmailList:
    """A do-not-email list; `total` counts its entries."""

    id: int
    name: str
    owner: str
    total: int


@dataclass(frozen=True)
class Stage:
    """One stage of a pipeline."""

    id: int
    name: str
    order: int
    deals_count: int
    deals_value: float


@dataclass(frozen=True)
class Pipeline:
    """A deal pipeline. `created_at` is epoch seconds."""

    id: int
    name: str
    deals_count: int
    deals_value: float
    created_at: int
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Webhook:
    """A webhook subscription. `created_at` is epoch seconds."""

    id: int
    end_point: str
    event_object: str
    event_action: str
    status: str
    created_at: int


@dataclass(frozen=True)
class Balance:
    """Credits and limits of an account."""

    balance: Decimal
    teamwork: bool
    unique_recipients_used: int
    limit_resets_in: int
    expires_in: int
