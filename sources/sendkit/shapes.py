"""The shapes of SendKit's answers: the envelope, and what stands in it. Pure."""

from __future__ import annotations

from typing import Any

from sources.errors import WrongAnswer
from sources.sendkit.credentials import without_credentials
from sources.sendkit.paging import Page, page_of
from sources.shapes import Rows, object_of, rows_of
from sources.tables import Row


def data_of(endpoint: str, answer: Any) -> Any:
    """Returns `data` of `{"success": true, "data": ...}`, without anything that looks like a credential.

    Raises:
        WrongAnswer: `success` is something else, or there is no `data`.
    """
    envelope = object_of(endpoint, answer)
    if envelope.get("success") is not True or "data" not in envelope:
        raise WrongAnswer(
            endpoint, f"no {{success: true, data: ...}} but the keys {sorted(map(str, envelope))[:8]}", 200
        )
    return without_credentials(envelope["data"])


def object_in(endpoint: str, answer: Any, campaign_id: str | None = None) -> Row:
    """Returns the one object of an answer.

    Args:
        endpoint: The endpoint by its table's name, for errors.
        answer: The answer.
        campaign_id: The campaign that was asked for.

    Raises:
        WrongAnswer: It is none, or one of another campaign.
    """
    found = object_of(endpoint, data_of(endpoint, answer))
    campaign = found.get("campaign")
    shown = campaign if isinstance(campaign, dict) else found
    told = shown.get("_id", shown.get("id"))
    if campaign_id is not None and told not in (None, campaign_id):
        raise WrongAnswer(endpoint, f"campaign {campaign_id} was asked for, another one came", 200)
    return found


def rows_in(endpoint: str, answer: Any) -> Rows:
    """Returns the rows of an answer without pages."""
    return rows_of(endpoint, data_of(endpoint, answer))


def page_in(endpoint: str, asked: Row, answer: Any) -> Page:
    """Returns one page; the rows may stand in `data.conversations` too (observed for the inbox)."""
    data = data_of(endpoint, answer)
    if isinstance(data, dict) and "conversations" in data:
        data = data["conversations"]
    return page_of(endpoint, answer, data, asked)


def parts_in(answer: Row, name: str) -> Rows | None:
    """Returns a list inside an object; None where the form of the answer does not have it.

    Raises:
        WrongAnswer: Something else stands there.
    """
    return None if answer.get(name) is None else rows_of(f"campaign_analytics.{name}", answer[name])
