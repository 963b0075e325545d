"""The world behind the SendKit sandbox: workspaces, a clock, and the moves that change them."""

import random
from collections import Counter
from datetime import datetime, timedelta

from tests.sandbox.ids import digest
from tests.sandbox.sendkit.model import (
    Blocked,
    Campaign,
    Lead,
    Mailbox,
    Member,
    Step,
    Subsequence,
    Thread,
    Workspace,
)
from tests.sandbox.sendkit.rules import Rules

_STATUSES = ("pending", "active", "active", "completed", "completed", "bounced", "unsubscribed", "replied", "removed")
_CAMPAIGN_STATUSES = ("active", "active", "paused", "completed", "draft", "archived")
_NAMES = ("Ann", "Ben", "Zoë", "Łukasz", "Олена", "李", "José")


class World:
    """Workspaces that depend on the arguments alone; its methods are its moves.

    Args:
        seed: Decides everything that is drawn.
        now: The world's clock, aware.
        workspaces: Names; every one gets the same size.
        campaigns: Campaigns of each.
        leads: Leads of each.
    """

    def __init__(
        self,
        seed: int,
        now: datetime,
        workspaces: tuple[str, ...] = ("default",),
        campaigns: int = 6,
        leads: int = 230,
    ) -> None:
        self.now = now
        self.rules = Rules()
        self.rng = random.Random(f"sendkit/{seed}")
        self.workspaces: dict[str, Workspace] = {}
        self._serial = 0
        for name in workspaces:
            self.workspaces[name] = workspace = Workspace(self._id(now - timedelta(days=400)), name)
            for number in range(leads):
                self.add_lead(name, now - timedelta(days=200, minutes=-90 * number))
            for number in range(campaigns):
                self.add_campaign(name, _CAMPAIGN_STATUSES[number % len(_CAMPAIGN_STATUSES)], number)
            self._fill(workspace, leads)

    def _id(self, created_at: datetime) -> str:
        """24 hex characters that grow with the time of creation."""
        self._serial += 1
        return f"{int(created_at.timestamp()):08x}{digest('sendkit', self._serial, length=10)}{self._serial:06x}"

    def _fill(self, workspace: Workspace, count: int) -> None:
        for number in range(8):
            created = self.now - timedelta(days=90 - number)
            one = Mailbox(self._id(created), f"sender{number}@example.com", created, sent_today=number)
            workspace.mailboxes[one.id] = one
        for number in range(count // 2):
            created = self.now - timedelta(days=60, minutes=-number)
            address = None if number % 10 == 9 else f"Gone{number}@Example.org"
            reason = ("manual", "bounce", "complaint", "unsubscribe_link")[number % 4]
            entry = Blocked(self._id(created), address, reason, created)
            workspace.blocked[entry.id] = entry
        campaign = next(iter(workspace.campaigns.values()), None)
        for number, lead in enumerate(list(workspace.leads.values())[: count // 2] if campaign else ()):
            assert campaign is not None
            self.reply(workspace.name, campaign.id, lead.id, self.now - timedelta(hours=300 - number))

    def add_lead(self, name: str, created_at: datetime | None = None) -> Lead:
        """A new lead, created now if no other time is given."""
        created = created_at or self.now
        number = self._serial
        first = _NAMES[number % len(_NAMES)]
        tags = ["vip"] if number % 5 == 0 else []
        email = f"{'Person' if number % 7 == 0 else 'person'}{number}@example.org"
        lead = Lead(self._id(created), email, first, "Example", tags, created, "Kyiv" if number % 3 else None)
        self.workspaces[name].leads[lead.id] = lead
        return lead

    def remove_lead(self, name: str, lead_id: str) -> None:
        """Removes a lead and its places in campaigns."""
        workspace = self.workspaces[name]
        del workspace.leads[lead_id]
        for campaign in workspace.campaigns.values():
            for member in [one for one in campaign.members.values() if one.lead.id == lead_id]:
                del campaign.members[member.id]

    def add_campaign(self, name: str, status: str = "active", number: int = 0) -> Campaign:
        """A campaign with steps, members and, unless it is a draft, twelve days of counters."""
        workspace, began = self.workspaces[name], self.now - timedelta(days=20 + number)
        started = None if status == "draft" else began
        steps = [
            Step(0, "Initial Email", "Quick question, {{firstName}}"),
            Step(1, "Wait 3 days", wait_days=3),
            Step(2, "Follow-up", "Re: Quick question"),
        ]
        follow = [Subsequence(self._id(began), "Interested follow-up", "interested", archived=number % 2 == 1)]
        campaign = Campaign(
            self._id(began), f"Campaign {number}", status, began, started, began, steps, follow if number < 3 else []
        )
        members = self.rng.sample(list(workspace.leads.values()), min(len(workspace.leads), 20 + 40 * number))
        for lead in members if started else ():
            member = Member(self._id(began), lead, self.rng.choice(_STATUSES))
            campaign.members[member.id] = member
        for ago in range(12) if started else ():
            self._send(campaign, ago, self.rng.randrange(1, 30))
        workspace.campaigns[campaign.id] = campaign
        return campaign

    def _send(self, campaign: Campaign, days_ago: int, count: int) -> None:
        day = (self.now - timedelta(days=days_ago)).date()
        opened = self.rng.randrange(count + 1)
        for step, variant in ((0, "A"), (0, "B"), (2, None)):
            campaign.count(
                day, step, variant, None, sent=count, opened=opened, clicked=opened // 2, bounced=count // 9
            )
        for follow in campaign.subsequences:
            campaign.count(day, 0, None, follow.id, sent=2, opened=1, clicked=0, bounced=0)

    def send(self, name: str, campaign_id: str, *, days_ago: int = 0, count: int = 5) -> None:
        """Counts e-mails of a day."""
        self._send(self.workspaces[name].campaigns[campaign_id], days_ago, count)

    def delete_campaign(self, name: str, campaign_id: str) -> None:
        """Removes a campaign; its conversations stay."""
        del self.workspaces[name].campaigns[campaign_id]

    def rename_campaign(self, name: str, campaign_id: str, new_name: str) -> None:
        """Gives a campaign another name."""
        campaign = self.workspaces[name].campaigns[campaign_id]
        campaign.name, campaign.updated_at = new_name, self.now

    def change_members(self, name: str, campaign_id: str, status: str, count: int = 1) -> None:
        """Gives some members of a campaign another status."""
        members = [
            one
            for one in self.workspaces[name].campaigns[campaign_id].members.values()
            if one.status not in {status, "replied", "unsubscribed"}
        ]
        for member in members[:count]:
            member.status = status

    def reply(self, name: str, campaign_id: str, lead_id: str, at: datetime) -> Thread:
        """A lead replies."""
        workspace = self.workspaces[name]
        lead, campaign = workspace.leads[lead_id], workspace.campaigns[campaign_id]
        thread = Thread(self._id(at), lead, campaign, at, f"Thanks, {lead.first_name} 🙂")
        workspace.threads[thread.id] = thread
        return thread

    def move(self, name: str) -> None:
        """Something of everything that happens in a day."""
        workspace = self.workspaces[name]
        self.now += timedelta(days=1)
        first, second, *_ = list(workspace.campaigns)
        self.send(name, first, days_ago=0)
        self.send(name, first, days_ago=1)
        self.change_members(name, first, "replied", 2)
        self.rename_campaign(name, second, "Another name")
        for _ in range(3):
            self.add_lead(name)
        thread = next(iter(workspace.threads.values()))
        thread.unread, thread.messages = 0, thread.messages + 1
        del workspace.blocked[next(iter(workspace.blocked))]
        next(iter(workspace.mailboxes.values())).sent_today += 1


def daily(campaign: Campaign) -> dict[str, Counter[str]]:
    """Day as ISO text -> counters."""
    days: dict[str, Counter[str]] = {}
    for (day, *_), counters in sorted(campaign.cells.items(), key=lambda item: item[0][0]):
        days.setdefault(day.isoformat(), Counter()).update(counters)
    return days
