"""The warehouse rows of what is asked once for a campaign: its details, replies and recipients."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.sandbox import details
from tests.sandbox.conversations import Conversation, conversations
from tests.sandbox.dates import instant, wall_clock
from tests.sandbox.ids import prospect_id
from tests.sandbox.model import Account, Campaign
from tests.sandbox.shapes_campaign import recipient_word

Row = dict[str, Any]
Tables = dict[str, list[Row]]

CAMPAIGN_TABLES = (
    *("campaign_details", "campaign_steps", "campaign_step_contents", "email_step_contents"),
    *("campaign_replies", "campaign_reply_messages", "recipient_statuses"),
)
"""What `campaign_tables` makes."""

_DEAL = ("event", "pipeline_id", "stage_id", "potential_value", "currency")
_SENDING = (
    "sending_priority", "daily_sending_all", "daily_sending_new_recipients", "skip_unverifiable", "skip_unverified",
    "skip_who_replied", "skip_company_domain_who_replied", "skip_recipients_without_variables_data",
    "skip_other_recipients_email_addresses", "skip_recipients_added_to_my_another_campaign",
    "skip_recipients_added_to_team_another_campaign", "one_click_unsubscribe", "delay_type", "delay_from", "delay_to",
)  # fmt: skip
_STEP = ("type", "next", "yes", "no", "waiting_type", "waiting_val", "action", "goal_name", "body")


def campaign_tables(account: Account) -> Tables:
    """Details, steps, variants and their texts, replies and their messages, recipients of a campaign's list."""
    campaigns = list(account.campaigns.values())
    detailed = [campaign for campaign in campaigns if campaign.has_details]
    replies = [reply for campaign in campaigns for reply in _replies(account, campaign)]
    return {
        "campaign_details": [_details(account, campaign) for campaign in detailed],
        "campaign_steps": [row for campaign in detailed for row in _steps(campaign)],
        "campaign_step_contents": [row for campaign in detailed for row in _variants(campaign, with_text=False)],
        "email_step_contents": [row for campaign in detailed for row in _variants(campaign, with_text=True)],
        "campaign_replies": [row for row, _ in replies],
        "campaign_reply_messages": [message for _, messages in replies for message in messages],
        "recipient_statuses": [row for campaign in campaigns for row in _statuses(account, campaign)],
    }


def _details(account: Account, campaign: Campaign) -> Row:
    linkedin_only = details.has_no_email(campaign)
    sending = details.sending_settings(campaign) or {}
    deals = details.deals(account, campaign) or {}
    return {
        "id": campaign.id,
        "status": details.status(campaign),
        "title": campaign.name,
        "email_accounts": list(campaign.sender_ids),
        "linkedin_accounts": list(account.linkedin_ids) if linkedin_only else [],
        "priority": details.priority(campaign),
        "tracking__open": None if linkedin_only else True,
        "tracking__link_click": None if linkedin_only else campaign.id % 2 == 0,
        **{f"sending_settings__{name}": sending.get(name) for name in _SENDING},
        "recipients__list_id": campaign.list_id,
        "recipients__black_list_id": next((one.id for one in account.do_not_email_lists), None),
        "schedule_id": next((one.id for one in account.schedules), None),
        "start_campaign_at": wall_clock(instant(campaign.created_at)),
        "complete_campaign_at": None,
        "timezone": "America/New_York",
        "complete_campaign_after_last_step": False,
        "archive_in_months": 3,
        "provider_matching": False,
        "sequence__entry": details.steps(campaign)[0].ref,
        **{f"deals__{name}": deals.get(name) for name in _DEAL},
    }


def _steps(campaign: Campaign) -> Iterator[Row]:
    for index, step in enumerate(details.steps(campaign)):
        yield {
            "campaign_id": campaign.id,
            "step_id": step.ref,
            "step_index": index,
            **{name: getattr(step, name) for name in _STEP},
            "value": [step.value] if isinstance(step.value, int) else step.value,
            "content_slots": len(step.variants) or None,
            "subject": None,
        }


def _variants(campaign: Campaign, *, with_text: bool) -> Iterator[Row]:
    for step in details.steps(campaign):
        for one in step.variants:
            text = {"subject": one.subject, "body": one.content.body} if with_text else {}
            yield {
                "campaign_id": campaign.id,
                "step_id": step.ref,
                "content_id": one.id,
                **text,
                "plain_text": one.plain_text,
                "usage": one.usage,
            }


def _replies(account: Account, campaign: Campaign) -> list[tuple[Row, list[Row]]]:
    """Each record's row and those of its messages; records that agree in the key are numbered by what they hold."""
    if campaign.started_at is None:
        return []
    found = [_reply(campaign, one) for one in conversations(account, campaign)]
    found.sort(key=_stable_content)
    seen: Counter[tuple[str, str]] = Counter()
    for row, messages in found:
        key = row["contact"], row["reply_type"]
        for one in (row, *messages):
            one["occurrence"] = seen[key]
        seen[key] += 1
    return found


def _stable_content(reply: tuple[Row, list[Row]]) -> str:
    stable = {name: value for name, value in reply[0].items() if name != "prospect_id"}
    return json.dumps([stable, reply[1]], ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _reply(campaign: Campaign, record: Conversation) -> tuple[Row, list[Row]]:
    email = record.person.email
    key = {
        "campaign_id": campaign.id,
        "contact": (email or "").lower() or record.person.source_page or "",
        "reply_type": record.type,
        "occurrence": 0,
    }
    row = {
        **key,
        "campaign": campaign.name,
        "prospect_id": prospect_id(record.prospect),
        "prospect_name": record.person.name,
        "prospect_email": email,
        "linked_in_profile": record.person.source_page,
        "received_at": instant(record.received_at),
        "prospect_email_lower": email and email.lower(),
    }
    messages = [
        {
            **key,
            "position": position,
            "subject": record.subject(event),
            "message": record.message(event),
            "received_at": instant(event.at),
        }
        for position, event in enumerate(record.events)
    ]
    return row, messages


def _statuses(account: Account, campaign: Campaign) -> Iterator[Row]:
    """Every address of the campaign's list once, whatever its case."""
    found = account.lists.get(campaign.list_id)
    if found is None or found.deletion_date is not None:
        return
    emails = sorted(one.email for member in found.prospects for one in member.emails if len(one.email) <= 100)
    for lower, email in {email.lower(): email for email in emails}.items():
        status = recipient_word(account, campaign, email)
        yield {
            "campaign_id": campaign.id,
            "email_lower": lower,
            "email": email,
            "exist": status is not None,
            "status": status,
        }
