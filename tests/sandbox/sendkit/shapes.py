"""The records as the API shows them: the documented keys, and secrets where there might be some."""

from collections import Counter
from datetime import datetime
from typing import Any

from tests.sandbox.sendkit.model import (
    KINDS,
    SECRET,
    Blocked,
    Campaign,
    Cell,
    Lead,
    Mailbox,
    Member,
    Thread,
    Workspace,
)
from tests.sandbox.sendkit.rules import Rules
from tests.sandbox.sendkit.world import daily

Json = dict[str, Any]


def instant(moment: datetime | None) -> str | None:
    """An instant as the API writes it."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def workspace(one: Workspace) -> Json:
    """A workspace; its keys are not documented."""
    return {"_id": one.id, "name": one.name, "role": "owner", "apiKey": SECRET}


def stats(one: Campaign) -> Json:
    """The counters of a campaign's whole life."""
    totals, statuses = one.totals(), one.statuses()
    return {
        "sent": totals["sent"],
        "delivered": totals["sent"] - totals["bounced"],
        "opened": totals["opened"],
        "clicked": totals["clicked"],
        "replied": statuses["replied"],
        "bounced": totals["bounced"],
        "unsubscribed": statuses["unsubscribed"],
    }


def campaign(one: Campaign, rules: Rules) -> Json:
    """A campaign in the list."""
    more = {"totalLeads": len(one.members), "contacted": len(one.members), "contactedLeads": len(one.members),
            "totalEmailsSent": one.totals()["sent"]}  # fmt: skip
    return {
        "_id": one.id,
        "name": one.name,
        "status": one.status,
        "stats": {**(more if rules.decorated else {}), **stats(one)},
        "sequence": [_step(step.order, step.name, step.subject, step.wait_days) for step in one.steps],
        "sendingSchedule": {
            "timezone": "Europe/Kyiv", "startTime": "09:00", "endTime": "17:00", "workingDays": [1, 2, 3, 4, 5],
        },
        "trackOpens": True,
        "trackClicks": True,
        "stopOnReply": True,
        "startedAt": instant(one.started_at),
        "completedAt": None,
        "createdAt": instant(one.created_at),
    }  # fmt: skip


def _step(order: int, name: str, subject: str | None, wait_days: int | None) -> Json:
    if subject is None:
        return {"type": "wait", "name": name, "order": order, "waitDays": wait_days}
    return {"type": "email", "name": name, "order": order, "subject": subject, "body": f"<p>{name}</p>"}


def campaign_details(one: Campaign, owner: Workspace, rules: Rules) -> Json:
    """A campaign by itself, with its webhook."""
    older = rules.analytics == "older"
    return {
        **campaign(one, rules),
        "userId": "664f0a1b2c3d4e5f6a7b8c9d",
        "workspaceId": owner.id,
        **({"mailboxes": list(owner.mailboxes)} if older else {"mailboxCount": len(owner.mailboxes)}),
        "mailboxRotation": "round-robin",
        "includeUnsubscribeLink": False,
        "emailIntervalMinutes": 15,
        "leadCounts": {"total": len(one.members), "active": one.statuses()["active"]},
        "updatedAt": instant(one.updated_at),
        "settings": {"webhook": {"enabled": True, "url": f"https://hooks.example.com/{SECRET}", "secret": SECRET}},
    }


def analytics(one: Campaign, rules: Rules) -> Json:
    """A campaign's analytics in either form."""
    steps: dict[tuple[int, str | None], Counter[str]] = {}
    for (_, step, variant, follow), counters in one.cells.items():
        if follow is None:
            steps.setdefault((step, variant), Counter()).update(counters)
    shown = {
        "campaign": {"id": one.id, "name": one.name, "status": one.status, "startedAt": instant(one.started_at)},
        "stats": stats(one),
        "stepAnalytics": [
            {"_id": {"sequenceStep": step, "variant": variant}, **_counters(counters)}
            for (step, variant), counters in sorted(steps.items(), key=str)
        ],
        "statusBreakdown": dict(one.statuses()),
        "totalReplied": one.statuses()["replied"],
    }
    if rules.analytics == "current":
        main = _sum(one, lambda cell: cell[3] is None)
        shown["bySequence"] = {"main": main, "subsequence": _sum(one, lambda cell: cell[3] is not None)}
        shown["subsequences"] = [
            {
                "id": follow.id,
                "name": follow.name,
                "trigger": {"type": "ai_tag", "value": follow.trigger},
                "enabled": True,
                "archived": follow.archived,
                "addedCount": 18,
                "currentlyEnrolled": 9,
                "stats": {name: _of(one, follow.id)[name] for name in ("sent", "opened")},
            }
            for follow in one.subsequences
        ]
    return shown


def _counters(counters: Counter[str]) -> Json:
    return {name: counters[name] for name in KINDS}


def _sum(one: Campaign, belongs: Any) -> Json:
    cells: dict[Cell, Counter[str]] = one.cells
    return _counters(sum((counters for cell, counters in cells.items() if belongs(cell)), Counter()))


def _of(one: Campaign, subsequence_id: str) -> Json:
    return _sum(one, lambda cell: cell[3] == subsequence_id)


def days(one: Campaign) -> list[Json]:
    """A campaign's days, oldest first; their keys are not documented."""
    return [{"_id": day, **_counters(counters)} for day, counters in daily(one).items()]


def member(one: Member, rules: Rules) -> Json:
    """A lead of a campaign; the full row is not documented."""
    shown = {"_id": one.lead.id, "email": one.lead.email, "firstName": one.lead.first_name}
    return {
        "_id": one.id,
        "leadId": one.lead.id if rules.plain_lead_ids else shown,
        "status": one.status,
        "currentStep": 1,
        "emailHistory": [{"step": 0, "openedAt": None}],
    }


def lead(one: Lead) -> Json:
    """A lead."""
    return {
        "_id": one.id,
        "email": one.email,
        "firstName": one.first_name,
        "lastName": one.last_name,
        "companyName": "Example Ltd",
        "jobTitle": "Buyer",
        "tags": one.tags,
        "emailVerified": one.verified,
        "emailVerificationResult": "deliverable",
        "segProtected": False,
        "segProvider": None,
        "segProviderName": None,
        "city": one.city,
        "state": None,
        "country": "UA",
        "createdAt": instant(one.created_at),
    }


def mailbox(one: Mailbox) -> Json:
    """A mailbox; the reference names the fields and shows no payload."""
    return {
        "_id": one.id,
        "email": one.email,
        "displayName": "Sender",
        "provider": "google",
        "status": "active",
        "connectionType": "oauth",
        "dailySendLimit": 50,
        "sentToday": one.sent_today,
        "sendingEnabled": True,
        "signature": "<p>Best</p>",
        "warmup": {
            "enabled": True,
            "status": "running",
            "currentDay": 3,
            "currentVolume": 6,
            "metrics": {"sent": 18},
        },
        "tags": [],
        "bounceRate": one.bounce_rate,
        "totalSent": 100,
        "setupStatus": {"healthScore": 92},
        "lastError": None,
        "createdAt": instant(one.created_at),
        "smtp": {"host": "smtp.example.com", "password": SECRET},
    }


def thread(one: Thread) -> Json:
    """A conversation."""
    return {
        "id": one.id,
        "lead": {
            "_id": one.lead.id,
            "email": one.lead.email,
            "firstName": one.lead.first_name,
            "lastName": one.lead.last_name,
            "companyName": "Example Ltd",
        },
        "campaign": {"_id": one.campaign.id, "name": one.campaign.name},
        "status": "active",
        "aiTag": one.ai_tag,
        "tags": one.lead.tags,
        "repliedAt": instant(one.replied_at),
        "lastMessage": {
            "content": one.text, "from": one.lead.email, "receivedAt": instant(one.replied_at), "isFromLead": True,
        },
        "isRead": one.unread == 0,
        "unreadCount": one.unread,
        "messageCount": one.messages,
    }  # fmt: skip


def blocked(one: Blocked, owner: Workspace) -> Json:
    """An entry of the do-not-contact list."""
    domain = {} if one.email else {"domain": "example.net"}
    return {
        "_id": one.id,
        "email": one.email,
        **domain,
        "entryType": "email" if one.email else "domain",
        "workspaceId": owner.id,
        "reason": one.reason,
        "unsubscribedAt": instant(one.created_at),
        "createdAt": instant(one.created_at),
        "updatedAt": instant(one.created_at),
    }


def overview(owner: Workspace) -> Json:
    """The counters of a workspace."""
    all_campaigns = owner.campaigns.values()
    total: Counter[str] = sum((one.totals() for one in all_campaigns), Counter())
    replied = sum(one.statuses()["replied"] for one in all_campaigns)
    parts: dict[str, Counter[str]] = {"main": Counter(), "subsequence": Counter()}
    for one in all_campaigns:
        for cell, counters in one.cells.items():
            parts["main" if cell[3] is None else "subsequence"].update(counters)
    shares = {"open": total["opened"], "click": total["clicked"], "reply": replied, "positiveReply": replied // 2,
              "bounce": total["bounced"]}  # fmt: skip
    return {
        "totalSent": total["sent"],
        "totalOpened": total["opened"],
        "totalClicked": total["clicked"],
        "totalBounced": total["bounced"],
        "totalReplied": replied,
        "totalPositiveReplied": replied // 2,
        "totalCampaigns": len(owner.campaigns),
        "activeCampaigns": sum(one.status == "active" for one in all_campaigns),
        "bySequence": {name: _counters(counters) for name, counters in parts.items()},
        "rates": {name: f"{100 * count / max(1, total['sent']):.1f}" for name, count in shares.items()},
    }
