"""What the endpoints answer that are asked once for a campaign."""

from collections.abc import Callable

from tests.sandbox import details, shapes_campaign
from tests.sandbox.answers import Answer, bad_request, not_found
from tests.sandbox.conversations import conversations
from tests.sandbox.questions import Question

_MOST_EMAILS = 100
_LONGEST_EMAIL = 100


def _campaign_details(question: Question) -> Answer:
    campaign = question.campaign()
    if campaign is None or not campaign.has_details:
        return not_found()
    return Answer(shapes_campaign.campaign_details(question.account, campaign))


def _email_step_contents(question: Question) -> Answer:
    campaign, ids = question.campaign(), question.call.ids
    found = campaign and details.variant(campaign, ids["step_id"], ids["content_id"])
    return Answer(shapes_campaign.email_step_content(found)) if found else not_found()


def _campaign_replies(question: Question) -> Answer:
    """A page cut by offset; nothing says how long a page is, or whether more follows."""
    campaign = question.campaign()
    if campaign is None:
        return not_found()
    offset = question.number_of("offset", 0)
    page = conversations(question.account, campaign)[offset : offset + question.rules.replies_page_size]
    return Answer({"data": [shapes_campaign.campaign_reply(one, campaign, question.salt) for one in page]})


def _recipient_statuses(question: Question) -> Answer:
    campaign, emails = question.campaign(), question.parameters.get("emails[]") or []
    if campaign is None:
        return not_found()
    if not 1 <= len({email.lower() for email in emails}) == len(emails) <= _MOST_EMAILS:
        return bad_request(f"emails must be 1 to {_MOST_EMAILS} different addresses")
    if any(len(email) > _LONGEST_EMAIL for email in emails):
        return bad_request(f"an e-mail must not be longer than {_LONGEST_EMAIL} characters")
    if sum(map(len, emails)) > question.rules.longest_url > 0:
        return Answer({"message": "URI Too Long"}, 414)
    shown = [shapes_campaign.recipient_status(question.account, campaign, email) for email in emails]
    return Answer({"data": shown})


ANSWERS: dict[str, Callable[[Question], Answer]] = {
    "campaign_details": _campaign_details,
    "email_step_contents": _email_step_contents,
    "campaign_replies": _campaign_replies,
    "recipient_statuses": _recipient_statuses,
}
"""Endpoint -> its answer."""
