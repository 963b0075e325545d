"""Faults of paging and of the shown values: they change the question before it is answered."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.questions import Question


def _offset_ignored(question: Question) -> None:
    """The first page comes again, whether pages are asked for by offset or by number."""
    question.parameters.pop("offset", None)
    question.parameters.pop("page", None)


def _endless_pages(question: Question) -> None:
    """Past the end the last page comes again."""
    campaign = question.campaign()
    if campaign is not None and question.call.endpoint in question.account.events:
        total = len(question.account.events[question.call.endpoint][campaign.id])
        if question.number_of("offset", 0) >= total:
            question.parameters["offset"] = max(0, total - question.rules.page_size)


def _rules(**defaults: Any) -> Callable[..., None]:
    """A fault that sets rules for the call; its options overwrite the defaults."""

    def ask(question: Question, **options: Any) -> None:
        question.rules = question.rules.copy_rules(**{**defaults, **options})

    return ask


def _hidden_rows(question: Question, every: int) -> None:
    """The server drops every nth row after it has cut the page. The truth leaves these rows out too."""
    question.rules = question.rules.copy_rules(hidden={question.call.endpoint: every})


def _hidden_days(question: Question, every: int) -> None:
    """Likewise every nth UTC day, which leaves whole pages empty."""
    question.rules = question.rules.copy_rules(hidden_days={question.call.endpoint: every})


ASKED: dict[str, Callable[..., None]] = {
    "offset_ignored": _offset_ignored,
    "endless_pages": _endless_pages,
    "page_size": _rules(page_size=500),
    "max_per_page": _rules(max_per_page=100),
    "wrong_order": _rules(order="oldest_first"),
    "unstable_ids": _rules(unstable_ids=True),
    "date_form": _rules(date_form="mixed"),
    "hidden_rows": _hidden_rows,
    "hidden_days": _hidden_days,
}
"""Name -> change of the question; options are the keyword arguments."""
