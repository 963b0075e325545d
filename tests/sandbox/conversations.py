"""What recipients answered: the replies among a campaign's events, by contact and way, each growing over time."""

from collections import defaultdict
from dataclasses import dataclass

from tests.sandbox.model import Account, Campaign, Event, Person

_TYPES = {"connection_reply": "linkedinInvite", "message_reply": "linkedinMessage"}
_SPLIT = 3
"""The replies of every so many persons are two records: duplicates of one prospect."""


@dataclass(frozen=True)
class Conversation:
    """The replies of one prospect in one way, oldest first."""

    person: Person
    type: str
    half: int
    events: tuple[Event, ...]

    @property
    def received_at(self) -> int:
        """Epoch seconds of the first reply."""
        return self.events[0].at

    @property
    def prospect(self) -> int:
        """The number of the prospect; a duplicate has another one."""
        return self.person.number + self.half * 10**9

    def subject(self, event: Event) -> str:
        """A reply's subject; empty on LinkedIn."""
        return f"Re: {event.content.subject}" if self.type == "email" else ""

    def message(self, event: Event) -> str:
        """A reply's text."""
        return f"Дякую, {self.person.first_name}: reply {event.serial}\n> quoted"


def conversations(account: Account, campaign: Campaign) -> list[Conversation]:
    """All conversations of a campaign, the newest first."""
    found: dict[tuple[int, str, int], list[Event]] = defaultdict(list)
    replies = [("email", event) for event in account.events["email_replies"][campaign.id]]
    replies += [(_TYPES.get(event.note, ""), event) for event in account.events["linkedin"][campaign.id]]
    for word, event in replies:
        if word:
            half = event.serial % 2 if event.person.number % _SPLIT == 0 else 0
            found[event.person.number, word, half].append(event)
    made = []
    for (_, word, half), events in found.items():
        events.sort(key=lambda event: (event.at, event.serial))
        made.append(Conversation(events[-1].person, word, half, tuple(events)))
    return sorted(made, key=lambda one: (-one.received_at, one.events[0].serial, one.type))
