"""What the endpoints of senders and of single prospects answer."""

from collections.abc import Callable
from datetime import timedelta

from tests.sandbox import shapes_prospect, shapes_sender
from tests.sandbox.answers import Answer, not_found
from tests.sandbox.model_account import Warmup
from tests.sandbox.profiles import profiles
from tests.sandbox.questions import Question


def _sender_account_checks(question: Question) -> Answer:
    number = question.number_of("sender_account_id", 0)
    for record in question.account.senders:
        if record.id == number:
            return Answer(shapes_sender.sender_account_check(record))
    return not_found()


def _warmups(question: Question) -> Answer:
    """One warm-up, or a page of all; a page is never longer than the server likes."""
    number = question.call.ids.get("warmup_id")
    if number is not None:
        found = _warmup(question, number)
        return Answer({"data": shapes_sender.warmup(found), "success": True}) if found else not_found()
    page = max(1, question.number_of("page", 1))
    per_page = min(question.rules.warmups_per_page, question.number_of("per_page", 20))
    records = question.account.warmups
    return Answer(
        {
            "data": [shapes_sender.warmup(one) for one in records[(page - 1) * per_page : page * per_page]],
            "success": True,
            "meta": {
                "total_items": len(records),
                "page": page,
                "per_page": per_page,
                "total_pages": -(-len(records) // per_page),
            },
        }
    )


def _warmup(question: Question, number: int) -> Warmup | None:
    return next((one for one in question.account.warmups if one.id == number), None)


def _warmup_statistics(question: Question) -> Answer:
    found = _warmup(question, question.call.ids["warmup_id"])
    if found is None:
        return not_found()
    if question.parameters.get("period") == "month":
        first, last = question.today - timedelta(days=30), question.today
    else:
        first, last = question.day("date_from"), question.day("date_to")
    if last < max(first, found.start_date):
        return Answer({"errors": "date_to must not be before date_from and the start"}, 422)
    if 0 < question.rules.warmup_longest_days < (last - first).days:
        return Answer({"errors": "The period is too long"}, 422)
    return Answer(shapes_sender.warmup_statistics(found, first, last))


def _prospect_profiles(question: Question) -> Answer:
    """By id, or by e-mail: then the same in an array."""
    number, email = question.parameters.get("id"), str(question.parameters.get("email")).lower()
    for record in profiles(question.account):
        shown = shapes_prospect.prospect_profile(record, question.rules)
        if number is not None and number in {record.id, record.prospect.id if question.rules.takes_list_ids else ""}:
            return Answer({"success": True, "data": shown})
        if number is None and any(one.email.lower() == email for one in record.prospect.emails):
            return Answer({"success": True, "data": [shown]})
    return not_found()


ANSWERS: dict[str, Callable[[Question], Answer]] = {
    "sender_account_checks": _sender_account_checks,
    "warmups": _warmups,
    "warmup_statistics": _warmup_statistics,
    "prospect_profiles": _prospect_profiles,
}
"""Endpoint -> its answer."""
