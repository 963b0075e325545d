"""Snov.io's readable API: one method per endpoint, typed rows out, every answer's shape checked.

A method returns rows as the API sends them. It never makes an empty list of an answer that it does not understand.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import httpx

from sources.answers import as_it_is
from sources.budget import Budget
from sources.decoding import Decoder
from sources.errors import ApiError, NotFound
from sources.http import HttpClient
from sources.rate_limit import RateLimiter
from sources.snovio.auth import ClientCredentials
from sources.snovio.endpoints import ENDPOINTS, is_allowed
from sources.snovio.shapes import (
    ActivityPage,
    ProspectPage,
    Row,
    WebhookAnswer,
    activity_page,
    object_of,
    prospect_page,
    rows_of,
    webhook_answer,
)

logger = logging.getLogger(__name__)

__all__ = ["ActivityPage", "ProspectPage", "Row", "SnovioApi", "WebhookAnswer"]

# Documented for the event lists; for completed_prospects an undocumented cap of the same size is possible.
ROWS_PER_PAGE: Final = 10_000

MOST_ACTIVITY_ROWS: Final = 1_000
"""The documented most events of a page of recipient activity."""

Convert = Callable[[list[Row]], Any]
"""Makes of the rows of a page what is returned."""

_UNPROCESSABLE: Final = 422
_PROGRESS_ATTEMPTS: Final = 5  # observed in public clients: up to four retries


class SnovioApi:
    """The calls a read-only sync may make, for one account; safe to share between threads.

    Args:
        client_id: The API user id of the account.
        client_secret: Its secret.
        base_url: `https://`, or `http://` for loopback.
        requests_per_minute: The limit to keep, token calls included; 0 means none.
        block_seconds: The least time to be silent after a 429, in seconds.
        budget: What the run may spend; unbounded when left out.
        limiter_store: The file through which all processes of this machine keep one limit
            (`rate_limit.shared_store(base_url)`); None limits this object alone.
        window_seconds: The limit's window; shorter only against a sandbox whose time is scaled.
        progress_wait_seconds: The wait before campaign progress is asked again after a 422.
        transport: Replaces the network in tests.
        decoder: Decodes the answers.

    Raises:
        ConfigurationError: The base URL is not acceptable.
    """

    def __init__(  # noqa: PLR0913  # keyword-only settings, most with a default
        self,
        *,
        client_id: str,
        client_secret: str,
        base_url: str = "https://api.snov.io",
        requests_per_minute: int = 55,
        block_seconds: float = 300.0,
        budget: Budget | None = None,
        limiter_store: Path | None = None,
        window_seconds: float = 60.0,
        progress_wait_seconds: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        decoder: Decoder | None = None,
    ) -> None:
        self._budget = budget or Budget()
        self._progress_wait_seconds = progress_wait_seconds
        limiter = RateLimiter(
            calls_per_minute=requests_per_minute,
            store=limiter_store,
            window_seconds=window_seconds,
            wait=self._budget.wait,
        )
        self._http = HttpClient(
            base_url=base_url,
            auth=ClientCredentials(client_id, client_secret, base_url=base_url),
            limiter=limiter,
            budget=self._budget,
            is_allowed=is_allowed,
            config_section="sources.snovio",
            block_seconds=block_seconds,
            transport=transport,
            decoder=decoder,
        )

    @property
    def calls(self) -> Counter[str]:
        """Requests sent so far by table name; retries counted, token calls under `token`."""
        return self._http.calls

    @property
    def calls_left(self) -> int | None:
        """Requests that the budget still allows; None: no bound."""
        return self._budget.calls_left

    @property
    def server_time(self) -> datetime | None:
        """The API's own clock at its last answer, in UTC; None before the first answer."""
        return self._http.server_time

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def campaigns(self) -> list[Row]:
        """Returns all campaigns the user may see; documented as one bare array."""
        return rows_of("campaigns", self._call("campaigns"))

    def campaign_progress(self, campaign_id: int) -> Row:
        """Returns `status`, `unfinished` and `progress` of one campaign.

        A 422 is asked again up to four times, 30 s apart, on this endpoint only (observed in public clients).

        Raises:
            NotFound: The campaign is unknown, which this endpoint says with a 422.
        """
        for _ in range(_PROGRESS_ATTEMPTS - 1):
            try:
                return self._progress(campaign_id)
            except NotFound:
                raise
            except ApiError as error:
                if error.status != _UNPROCESSABLE:
                    raise
            self._budget.wait(self._progress_wait_seconds)
        return self._progress(campaign_id)

    def emails_sent(self, campaign_id: int, offset: int, convert: Convert = list) -> Any:
        """Returns up to 10,000 sent e-mails of a campaign after skipping `offset` rows, newest first (inferred).

        Args:
            campaign_id: The campaign.
            offset: Rows to skip.
            convert: Makes of the rows what is returned.

        Raises:
            NotFound: The campaign is gone. Past the first page a 404 ends the list instead and returns no rows.
        """
        return self._events("emails_sent", campaign_id, offset, convert)

    def email_opens(self, campaign_id: int, offset: int, convert: Convert = list) -> Any:
        """Returns a page of opens; paging and errors as for `emails_sent`."""
        return self._events("email_opens", campaign_id, offset, convert)

    def email_clicks(self, campaign_id: int, offset: int, convert: Convert = list) -> Any:
        """Returns a page of clicks; paging and errors as for `emails_sent`."""
        return self._events("email_clicks", campaign_id, offset, convert)

    def email_replies(self, campaign_id: int, offset: int, convert: Convert = list) -> Any:
        """Returns a page of e-mail replies; paging and errors as for `emails_sent`."""
        return self._events("email_replies", campaign_id, offset, convert)

    def completed_prospects(self, campaign_id: int) -> list[Row]:
        """Returns the prospects that finished a campaign; no paging is documented.

        Raises:
            NotFound: The campaign is gone.
        """
        answer = self._call("completed_prospects", params={"campaignId": campaign_id})
        rows = rows_of("completed_prospects", answer)
        if len(rows) == ROWS_PER_PAGE:
            logger.warning(
                "completed_prospects of campaign %s: exactly %s rows came back, which may be an undocumented cap",
                campaign_id,
                ROWS_PER_PAGE,
            )
        return rows

    def prospect_lists(self) -> list[Row]:
        """Returns all prospect lists, deleted ones included; documented as one bare array."""
        return rows_of("prospect_lists", self._call("prospect_lists"))

    def list_prospects(self, list_id: int, page: int, per_page: int) -> ProspectPage:
        """Returns one page of a list's prospects.

        Args:
            list_id: The prospect list.
            page: From 1.
            per_page: Rows wanted, documented up to 5,000 (formerly 100); the server may send fewer without a word.

        Raises:
            NotFound: The list is gone.
        """
        form = {"listId": list_id, "page": page, "perPage": per_page}
        return prospect_page(self._call("list_prospects", form=form))

    def custom_fields(self) -> list[Row]:
        """Returns the definitions of all custom fields; documented as one bare array."""
        return rows_of("custom_fields", self._call("custom_fields"))

    def sender_accounts(self) -> list[Row]:
        """Returns all e-mail sender accounts."""
        return self._data_rows("sender_accounts")

    def campaign_schedules(self) -> list[Row]:
        """Returns all sending schedules with their `days`."""
        return self._data_rows("campaign_schedules")

    def do_not_email_lists(self) -> list[Row]:
        """Returns all do-not-email lists; their entries cannot be read."""
        return self._data_rows("do_not_email_lists")

    def pipelines(self) -> list[Row]:
        """Returns all deal pipelines."""
        return self._data_rows("pipelines")

    def pipeline_stages(self, pipeline_id: int) -> list[Row]:
        """Returns the stages of one pipeline.

        Raises:
            NotFound: The pipeline is gone.
        """
        return self._data_rows("pipeline_stages", pipeline_id)

    def webhooks(self) -> WebhookAnswer:
        """Returns all webhooks. Their `end_point` is a capability URL: mask it before it goes anywhere."""
        return webhook_answer(self._call("webhooks"))

    def account_balance(self) -> Row:
        """Returns credits and limits of the account; the cheapest call that proves the credentials."""
        answer = object_of("account_balance", self._call("account_balance"))
        return object_of("account_balance", answer.get("data"))

    def campaign_analytics(
        self,
        *,
        campaign_ids: Sequence[int],
        date_from: date,
        date_to: date,
        sender_email: Sequence[int | str] = (),
        sender_linkedin: Sequence[int | str] = (),
        campaign_owner: Sequence[str] = (),
    ) -> Row:
        """Returns the counters of some campaigns over a range of days, as one object.

        Args:
            campaign_ids: At least one: without any, the API takes a changing set of campaigns.
            date_from: The first day; which zone days mean is unknown.
            date_to: The last day; whether it is included is unknown.
            sender_email: Sender account ids to narrow it down to.
            sender_linkedin: LinkedIn account ids, likewise.
            campaign_owner: Owners' e-mail addresses, likewise; needs a higher plan.

        Raises:
            ValueError: `campaign_ids` is empty.
            NotInPlan: The plan does not include the filter.
        """
        if not campaign_ids:
            raise ValueError("campaign_analytics needs at least one campaign id")
        scopes = {
            "campaign_id": campaign_ids,
            "sender_email": sender_email,
            "sender_linkedin": sender_linkedin,
            "campaign_owner": campaign_owner,
        }
        params = {name: ",".join(map(str, values)) for name, values in scopes.items() if values}
        days = {"date_from": date_from.isoformat(), "date_to": date_to.isoformat()}
        return object_of("campaign_analytics", self._call("campaign_analytics", params={**days, **params}))

    def recipient_activity(
        self,
        campaign_id: int,
        *,
        date_from: date,
        date_to: date,
        offset: int,
        limit: int = MOST_ACTIVITY_ROWS,
        convert: Convert = list,
    ) -> ActivityPage:
        """Returns one page of a campaign's events in a range of UTC days.

        Args:
            campaign_id: The campaign.
            date_from: The first day.
            date_to: The last day, documented as at most 31 days later.
            offset: Events to skip.
            limit: Events wanted, documented up to 1,000.
            convert: Makes of the rows what the page holds.

        Raises:
            NotFound: The campaign is gone.
            WrongAnswer: Among others when a page is empty and yet more should follow.
        """
        days = {"dateFrom": date_from.isoformat(), "dateTo": date_to.isoformat()}
        params = {**days, "offset": offset, "limit": limit}
        page: ActivityPage = self._call(
            "recipient_activity", campaign_id, params=params, convert=partial(activity_page, convert)
        )
        return page

    def _call(
        self,
        endpoint: str,
        *ids: int,
        params: Row | None = None,
        form: Row | None = None,
        convert: Callable[[Any], Any] = as_it_is,
    ) -> Any:
        method, path = ENDPOINTS[endpoint]
        path = path.format(*ids)
        return self._http.request(method, path, endpoint=endpoint, params=params, form=form, convert=convert)

    def _progress(self, campaign_id: int) -> Row:
        return object_of("campaign_progress", self._call("campaign_progress", campaign_id))

    def _events(self, endpoint: str, campaign_id: int, offset: int, convert: Convert) -> Any:
        params = {"campaignId": campaign_id, "offset": offset}
        try:
            return self._call(endpoint, params=params, convert=partial(_rows_converted, endpoint, convert))
        except NotFound:
            if offset > 0:
                return convert([])  # a documented 404 past the first page is an end of the list
            raise

    def _data_rows(self, endpoint: str, *ids: int) -> list[Row]:
        return rows_of(endpoint, object_of(endpoint, self._call(endpoint, *ids)).get("data"))


def _rows_converted(endpoint: str, convert: Convert, answer: Any) -> Any:
    return convert(rows_of(endpoint, answer))
