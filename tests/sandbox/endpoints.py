"""What each endpoint answers, by its table's name."""

from collections.abc import Callable
from typing import Any, TypeVar

from tests.sandbox import endpoints_campaign, endpoints_people, shapes, shapes_account
from tests.sandbox.activity import recipient_activity
from tests.sandbox.analytics import Scope, campaign_analytics
from tests.sandbox.answers import Answer, bad_request, error, not_found
from tests.sandbox.ids import digest
from tests.sandbox.model import EVENT_TABLES, Event
from tests.sandbox.questions import Question

Record = TypeVar("Record")


def answer(question: Question) -> Answer:
    """The undisturbed answer to a question; 400 when a parameter is missing or nonsense."""
    reply = _ANSWERS.get(question.call.endpoint)
    if reply is None:
        return not_found()
    try:
        return reply(question)
    except ValueError as problem:
        return bad_request(str(problem))


def event_page(question: Question) -> Answer:
    """A page of an event list: cut by offset, then rid of the rows the server hides."""
    table, campaign = question.call.endpoint, question.campaign()
    if campaign is None:
        return not_found()
    rules, offset = question.rules, question.number_of("offset", 0)
    rows = _in_order(question.account.events[table][campaign.id], rules.order)
    shown = [row for row in rows[offset : offset + rules.page_size] if not rules.hides(table, row.serial, row.at)]
    shape = shapes.sent_event if table == "emails_sent" else shapes.prospect_event
    return Answer([shape(row, campaign, rules, question.salt) for row in shown])


def _in_order(rows: list[Event], order: str) -> list[Event]:
    if order == "newest_first":
        return rows
    if order == "oldest_first":
        return rows[::-1]
    return sorted(rows, key=lambda row: digest(row.serial))


def _campaigns(question: Question) -> Answer:
    return Answer([shapes.campaign(record) for record in question.account.campaigns.values()])


def _campaign_progress(question: Question) -> Answer:
    campaign = question.campaign()
    if campaign is None:
        return error(422, "error_422_data_message")
    return Answer(shapes.campaign_progress(campaign, len(question.account.completed[campaign.id])))


def _completed_prospects(question: Question) -> Answer:
    campaign = question.campaign()
    if campaign is None:
        return not_found()
    done = question.account.completed[campaign.id]
    return Answer([shapes.completed_prospect(record, campaign, question.salt) for record in done])


def _campaign_analytics(question: Question) -> Answer:
    first, last, longest = question.day("date_from"), question.day("date_to"), question.rules.analytics_longest_days
    if last < first:
        return bad_request("date_from must not be after date_to")
    if 0 < longest <= (last - first).days:
        return Answer({"errors": f"The period must not exceed {longest} days"}, 422)
    scope = Scope(
        campaigns=_ids(question, "campaign_id"),
        senders=_ids(question, "sender_email"),
        linkedin=_ids(question, "sender_linkedin"),
        owners=question.texts("campaign_owner"),
    )
    if scope.owners and not question.rules.team_plan:
        return Answer({"message": "Your plan does not allow viewing team records"}, 403)
    return Answer(campaign_analytics(question.account, scope, first, last, question.rules))


def _ids(question: Question, name: str) -> set[int]:
    return {int(part) for part in question.texts(name)}


def _recipient_activity(question: Question) -> Answer:
    campaign = question.campaign()
    if campaign is None:
        return not_found()
    first, last = question.day("dateFrom"), question.day("dateTo")
    if (last - first).days > 30:
        return Answer({"errors": "The period must not exceed 31 days"}, 422)
    offset, limit = question.number_of("offset", 0), question.number_of("limit", 100)
    if not 1 <= limit <= 1_000:
        return bad_request("limit must be between 1 and 1000")
    return Answer(recipient_activity(question.account, campaign, question.rules, (first, last), offset, limit))


def _prospect_lists(question: Question) -> Answer:
    return Answer([shapes.prospect_list(record, question.rules) for record in question.account.lists.values()])


def _list_prospects(question: Question) -> Answer:
    record = question.account.lists.get(question.number_of("listId", 0))
    if record is None or record.deletion_date is not None:
        return not_found()
    page = max(1, question.number_of("page", 1))
    per_page = min(question.rules.max_per_page, question.number_of("perPage", 100))
    return Answer(shapes.list_prospects(record, page, per_page, question.rules))


def _pipeline_stages(question: Question) -> Answer:
    for record in question.account.pipelines:
        if record.id == question.call.ids["pipeline_id"]:
            return Answer({"data": shapes_account.pipeline_stages(record)})
    return not_found()


def _data(shape: Callable[[Record], Any], records: list[Record]) -> dict[str, Any]:
    return {"data": [shape(record) for record in records]}


_ANSWERS: dict[str, Callable[[Question], Answer]] = {
    **dict.fromkeys(EVENT_TABLES, event_page),
    "campaigns": _campaigns,
    "campaign_progress": _campaign_progress,
    "campaign_analytics": _campaign_analytics,
    "recipient_activity": _recipient_activity,
    "completed_prospects": _completed_prospects,
    "prospect_lists": _prospect_lists,
    "list_prospects": _list_prospects,
    "custom_fields": lambda asked: Answer([shapes_account.custom_field(one) for one in asked.account.custom_fields]),
    "sender_accounts": lambda asked: Answer(_data(shapes_account.sender_account, asked.account.senders)),
    "campaign_schedules": lambda asked: Answer(_data(shapes_account.campaign_schedule, asked.account.schedules)),
    "do_not_email_lists": lambda asked: Answer(
        _data(shapes_account.do_not_email_list, asked.account.do_not_email_lists)
    ),
    "pipelines": lambda asked: Answer(_data(shapes_account.pipeline, asked.account.pipelines)),
    "pipeline_stages": _pipeline_stages,
    **endpoints_campaign.ANSWERS,
    **endpoints_people.ANSWERS,
    "webhooks": lambda asked: Answer(shapes_account.webhooks(asked.account)),
    "account_balance": lambda asked: Answer(shapes_account.account_balance(asked.account)),
}
