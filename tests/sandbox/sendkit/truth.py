"""The rows a warehouse must hold of a workspace: computed from the model.

Where the reference shows no payload the row is kept as it came: that column is the shape without its secrets.
`read_at` and `observed_at` are left out.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.sandbox.sendkit import shapes, truth_people
from tests.sandbox.sendkit.model import KINDS, Campaign, Workspace
from tests.sandbox.sendkit.rules import Rules
from tests.sandbox.sendkit.world import daily

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def truth(owner: Workspace, rules: Rules) -> Tables:
    """Every table of a workspace after a sweep of the still world."""
    campaigns = owner.campaigns.values()
    tables: Tables = {
        "workspaces": [_workspace(owner)],
        "campaigns": [_campaign(one, owner, rules) for one in campaigns],
        "campaign_steps": [row for one in campaigns for row in _steps(one)],
        "campaign_analytics": [_analytics(one, rules) for one in campaigns],
        "campaign_step_analytics": [row for one in campaigns for row in _step_analytics(one)],
        "subsequences": [row for one in campaigns for row in _subsequences(one)]
        if rules.analytics == "current"
        else [],
        "campaign_daily_analytics": [
            {"campaign_id": one.id, "date": date.fromisoformat(day), "payload": {"_id": day, **_counters(counters)}}
            for one in campaigns
            for day, counters in daily(one).items()
        ],
        "campaign_leads": [
            {
                "campaign_id": one.id,
                "id": member.id,
                "lead_id": member.lead.id,
                "email": None if rules.plain_lead_ids else member.lead.email,
                "status": member.status,
                "payload": shapes.member(member, rules),
            }
            for one in campaigns
            for member in one.members.values()
        ],
        "leads": [truth_people.lead(one) for one in owner.leads.values()],
        "inbox_threads": [truth_people.thread(one) for one in owner.threads.values()],
        "mailboxes": [truth_people.mailbox(one) for one in owner.mailboxes.values()],
        "do_not_contact": [truth_people.blocked(one, owner) for one in owner.blocked.values()],
        "overview": [_overview(owner)],
    }
    return {table: [{"account": owner.name, **row} for row in rows] for table, rows in tables.items()}


def _counters(counters: Mapping[str, int]) -> Row:
    return {name: counters[name] for name in KINDS}


def _prefixed(prefix: str, counters: Mapping[str, Any]) -> Row:
    return {f"{prefix}__{name}": value for name, value in counters.items()}


def _workspace(one: Workspace) -> Row:
    return {"id": one.id, "payload": {"_id": one.id, "name": one.name, "role": "owner"}}


def _stats(one: Campaign) -> Row:
    totals, statuses = one.totals(), one.statuses()
    return {
        "stats__sent": totals["sent"],
        "stats__delivered": totals["sent"] - totals["bounced"],
        "stats__opened": totals["opened"],
        "stats__clicked": totals["clicked"],
        "stats__replied": statuses["replied"],
        "stats__bounced": totals["bounced"],
        "stats__unsubscribed": statuses["unsubscribed"],
    }


def _campaign(one: Campaign, owner: Workspace, rules: Rules) -> Row:
    older, known = rules.analytics == "older", rules.decorated
    members = len(one.members)
    return {
        "id": one.id,
        "name": one.name,
        "status": one.status,
        **_stats(one),
        "stats__total_leads": members if known else None,
        "stats__contacted": members if known else None,
        "stats__contacted_leads": members if known else None,
        "stats__total_emails_sent": one.totals()["sent"] if known else None,
        "sending_schedule__timezone": "Europe/Kyiv",
        "sending_schedule__start_time": "09:00",
        "sending_schedule__end_time": "17:00",
        "sending_schedule__working_days": [1, 2, 3, 4, 5],
        "track_opens": True,
        "track_clicks": True,
        "stop_on_reply": True,
        "started_at": one.started_at,
        "completed_at": None,
        "created_at": one.created_at,
        "user_id": "664f0a1b2c3d4e5f6a7b8c9d",
        "workspace_id": owner.id,
        "mailboxes": list(owner.mailboxes) if older else None,
        "mailbox_count": None if older else len(owner.mailboxes),
        "mailbox_rotation": "round-robin",
        "include_unsubscribe_link": False,
        "email_interval_minutes": 15,
        "lead_counts__total": members,
        "lead_counts__active": one.statuses()["active"],
        "updated_at": one.updated_at,
    }


def _steps(one: Campaign) -> list[Row]:
    return [
        {
            "campaign_id": one.id,
            "position": step.order,
            "type": "email" if step.subject else "wait",
            "name": step.name,
            "subject": step.subject,
            "body": f"<p>{step.name}</p>" if step.subject else None,
            "wait_days": step.wait_days,
        }
        for step in one.steps
    ]


def _totals(one: Campaign, *, main: bool) -> Row:
    return {
        kind: sum(counters[kind] for cell, counters in one.cells.items() if (cell[3] is None) == main)
        for kind in KINDS
    }


def _analytics(one: Campaign, rules: Rules) -> Row:
    older, nothing = rules.analytics == "older", dict.fromkeys(KINDS)
    return {
        "campaign_id": one.id,
        "name": one.name,
        "status": one.status,
        "started_at": one.started_at,
        **_stats(one),
        **_prefixed("by_sequence__main", nothing if older else _totals(one, main=True)),
        **_prefixed("by_sequence__subsequence", nothing if older else _totals(one, main=False)),
        "status_breakdown": dict(one.statuses()),
        "total_replied": one.statuses()["replied"],
    }


def _step_analytics(one: Campaign) -> list[Row]:
    rows: dict[tuple[int, str], Row] = {}
    for (_, step, variant, follow), counters in one.cells.items():
        if follow is None:
            empty = {
                "campaign_id": one.id,
                "sequence_step": step,
                "variant": variant or "",
                **dict.fromkeys(KINDS, 0),
            }
            row = rows.setdefault((step, variant or ""), empty)
            row.update({kind: row[kind] + counters[kind] for kind in KINDS})
    return list(rows.values())


def _subsequences(one: Campaign) -> list[Row]:
    def count(subsequence_id: str, kind: str) -> int:
        return sum(counters[kind] for cell, counters in one.cells.items() if cell[3] == subsequence_id)

    return [
        {
            "campaign_id": one.id,
            "id": follow.id,
            "name": follow.name,
            "trigger__type": "ai_tag",
            "trigger__value": follow.trigger,
            "enabled": True,
            "archived": follow.archived,
            "added_count": 18,
            "currently_enrolled": 9,
            "stats__sent": count(follow.id, "sent"),
            "stats__opened": count(follow.id, "opened"),
        }
        for follow in one.subsequences
    ]


def _overview(owner: Workspace) -> Row:
    campaigns = owner.campaigns.values()
    main, other = ([_totals(one, main=main) for one in campaigns] for main in (True, False))
    sums = {kind: sum(row[kind] for row in main + other) for kind in KINDS}
    replied = sum(one.statuses()["replied"] for one in campaigns)
    counts = {"open": sums["opened"], "click": sums["clicked"], "reply": replied, "positive_reply": replied // 2,
              "bounce": sums["bounced"]}  # fmt: skip
    return {
        "total_sent": sums["sent"],
        "total_opened": sums["opened"],
        "total_clicked": sums["clicked"],
        "total_bounced": sums["bounced"],
        "total_replied": replied,
        "total_positive_replied": replied // 2,
        "total_campaigns": len(owner.campaigns),
        "active_campaigns": sum(one.status == "active" for one in campaigns),
        **_prefixed("by_sequence__main", {kind: sum(row[kind] for row in main) for kind in KINDS}),
        **_prefixed("by_sequence__subsequence", {kind: sum(row[kind] for row in other) for kind in KINDS}),
        **{
            f"rates__{name}": float(f"{100 * count / max(1, sums['sent']):.1f}") / 100
            for name, count in counts.items()
        },
    }
