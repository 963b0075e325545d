"""What a campaign is set to: its settings, the steps of its sequence and the variants of their texts."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import BY_CAMPAIGN, CAMPAIGN_ID, ROW_VERSION
from sources.tables import REMOVED_MARK, Column, Table

_ENDPOINT: Final = "GET /v2/campaigns/{id}"
_CURSOR: Final = "campaigns whose own row changed, all at their sweep"
_WITH_DETAILS: Final = "none: read with campaign_details"
_STEP_ID: Final = Column("step_id", "text", "The step; the API calls it `_ref`.", "_ref", mark="I")

_SENDING: Final = (
    Column("sending_settings__sending_priority", "text", "What is sent first.", "sending_settings.sending_priority"),
    Column(
        "sending_settings__daily_sending_all",
        "integer",
        "E-mails a day; null: no limit.",
        "sending_settings.daily_sending_all",
    ),
    Column(
        "sending_settings__daily_sending_new_recipients",
        "integer",
        "New recipients a day; null: no limit.",
        "sending_settings.daily_sending_new_recipients",
    ),
    *(
        Column(f"sending_settings__{name}", "boolean", meaning, f"sending_settings.{name}")
        for name, meaning in (
            ("skip_unverifiable", "Whether unverifiable addresses are skipped."),
            ("skip_unverified", "Whether unverified addresses are skipped."),
            ("skip_who_replied", "Whether those who replied are skipped."),
            ("skip_company_domain_who_replied", "Whether colleagues of those who replied are skipped."),
            (
                "skip_recipients_without_variables_data",
                "Whether those without the texts' variables are skipped.",
            ),
            ("skip_other_recipients_email_addresses", "Whether further addresses of a recipient are skipped."),
            ("skip_recipients_added_to_my_another_campaign", "Whether those in another own campaign are skipped."),
            ("skip_recipients_added_to_team_another_campaign", "Whether those in the team's campaigns are skipped."),
            ("one_click_unsubscribe", "Whether e-mails offer to unsubscribe with one click."),
        )
    ),
    Column("sending_settings__delay_type", "text", "How the delay is told.", "sending_settings.delay_type"),
    Column("sending_settings__delay_from", "integer", "Shortest delay, seconds.", "sending_settings.delay_from"),
    Column("sending_settings__delay_to", "integer", "Longest delay, seconds.", "sending_settings.delay_to"),
)

CAMPAIGN_DETAILS: Final = Table(
    "campaign_details",
    _ENDPOINT,
    ("id",),
    (
        Column("id", "integer", "Campaign id; joins campaigns.id."),
        Column("status", "text", "The API's own word (new, active, paused ...); open vocabulary."),
        Column("title", "text", "Campaign name."),
        Column("email_accounts", "list", "Sender accounts, a list of ids; join sender_accounts.id."),
        Column("linkedin_accounts", "list", "LinkedIn senders, a list of ids."),
        Column("priority", "text", "low, medium or high."),
        Column("tracking__open", "boolean", "Whether opens are tracked; if not, zero says nothing.", "tracking.open"),
        Column("tracking__link_click", "boolean", "Whether clicks are tracked.", "tracking.link_click"),
        *_SENDING,
        Column("recipients__list_id", "integer", "Recipients; joins prospect_lists.id.", "recipients.list_id"),
        Column(
            "recipients__black_list_id",
            "integer",
            "Whom not to write to; joins do_not_email_lists.id.",
            "recipients.black_list_id",
        ),
        Column("schedule_id", "integer", "When it sends; joins campaign_schedules.id."),
        Column("start_campaign_at", "text", "When it is to start, wall-clock in `timezone`.", mark="I"),
        Column("complete_campaign_at", "text", "When it is to end, wall-clock in `timezone`.", mark="I"),
        Column("timezone", "text", "Zone in which its times are meant."),
        Column("complete_campaign_after_last_step", "boolean", "Whether it ends after the last step."),
        Column("archive_in_months", "integer", "Months after which it is archived."),
        Column("provider_matching", "boolean", "Whether senders are matched to recipients by mail provider."),
        Column("sequence__entry", "text", "The first step; joins campaign_steps.step_id.", "sequence.entry"),
        Column("deals__event", "list", "Events on which a deal is made, where configured.", "deals.event", mark="I"),
        Column(
            "deals__pipeline_id",
            "integer",
            "The deal's pipeline; joins pipelines.id.",
            "deals.pipeline_id",
            mark="I",
        ),
        Column(
            "deals__stage_id",
            "integer",
            "The deal's stage; joins pipeline_stages.id.",
            "deals.stage_id",
            mark="I",
        ),
        Column(
            "deals__potential_value",
            "decimal",
            "The deal's value in `deals__currency`.",
            "deals.potential_value",
            mark="I",
        ),
        Column("deals__currency", "text", "The currency of the deal's value.", "deals.currency", mark="I"),
        ROW_VERSION,
        REMOVED_MARK,
    ),
    grain="One row per campaign and version of its settings.",
    kept=BY_CAMPAIGN,
    calls="1 a campaign whose own row changed",
    cursor=_CURSOR,
    unit=("id",),
)

CAMPAIGN_STEPS: Final = Table(
    "campaign_steps",
    _ENDPOINT,
    ("campaign_id", "step_id"),
    (
        CAMPAIGN_ID,
        _STEP_ID,
        Column("step_index", "integer", "Order in the sequence, from 0.", mark=""),
        Column("type", "text", "email, delay, trigger, goal, linkedin; open vocabulary."),
        Column("next", "text", "The step that follows; joins step_id."),
        Column("yes", "text", "The step that follows if the condition holds; joins step_id."),
        Column("no", "text", "The step that follows if it does not; joins step_id."),
        Column("waiting_type", "text", "Unit of `waiting_val`: minutes, hours or days."),
        Column("waiting_val", "integer", "How long it waits, in `waiting_type`."),
        Column("action", "text", "What a trigger or LinkedIn step does."),
        Column("goal_name", "text", "Name of a goal."),
        Column("content_slots", "integer", "How many variants there may be."),
        Column("subject", "text", "Subject, where the step itself has one."),
        Column("body", "text", "Text, where the step itself has one."),
        Column("value", "list", "What a condition compares with, a list of numbers."),
        ROW_VERSION,
        REMOVED_MARK,
    ),
    grain="One row per step of a campaign's sequence and version of it.",
    kept=BY_CAMPAIGN,
    calls=_WITH_DETAILS,
    cursor=_CURSOR,
    unit=("campaign_id",),
)

CAMPAIGN_STEP_CONTENTS: Final = Table(
    "campaign_step_contents",
    _ENDPOINT,
    ("campaign_id", "step_id", "content_id"),
    (
        CAMPAIGN_ID,
        _STEP_ID,
        Column(
            "content_id",
            "integer",
            "The variant; the API calls it `id`, not unique among steps.",
            "id",
            mark="I",
        ),
        Column("plain_text", "boolean", "Whether it is sent as plain text."),
        Column("usage", "text", "active or pause."),
        ROW_VERSION,
        REMOVED_MARK,
    ),
    grain="One row per variant of a step's text and version of it, without the text.",
    kept=BY_CAMPAIGN,
    calls=_WITH_DETAILS,
    cursor=_CURSOR,
    unit=("campaign_id",),
)

EMAIL_STEP_CONTENTS: Final = Table(
    "email_step_contents",
    "GET /v2/campaigns/{id}/steps/{step_id}/content/{content_id}",
    ("campaign_id", "step_id", "content_id"),
    (
        CAMPAIGN_ID,
        Column("step_id", "text", "The step; joins campaign_steps.step_id.", ""),
        Column("content_id", "integer", "The variant; the API calls it `id`.", "id"),
        Column("subject", "text", "Subject with {{variables}}."),
        Column("body", "text", "Text with {{variables}}, HTML."),
        Column("plain_text", "boolean", "Whether it is sent as plain text."),
        Column("usage", "text", "active or pause."),
        ROW_VERSION,
        REMOVED_MARK,
    ),
    grain="One row per variant of an e-mail step and version of it, with the text.",
    kept=BY_CAMPAIGN,
    calls="1 a variant of the e-mails of a campaign whose own row changed",
    cursor=_CURSOR,
    unit=("campaign_id",),
    default=False,
)
