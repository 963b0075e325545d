"""The calls about the account: its small lists, warm-ups and balance."""

from datetime import date
from typing import Final

from sources.snovio.client import SnovioClient
from sources.snovio.shapes import Row, WarmupPage, WebhookAnswer, object_of, rows_of, warmup_page, webhook_answer

WARMUPS_PER_PAGE: Final = 100
"""The documented most warm-ups of a page."""


class AccountCalls(SnovioClient):
    """Custom fields, senders, schedules, do-not-email lists, pipelines, webhooks, warm-ups and the balance."""

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

    def sender_account_check(self, sender_account_id: int) -> Row:
        """Returns whether sending and receiving work for a sender account; unknown is whether it is tried live."""
        params = {"sender_account_id": sender_account_id}
        answer = object_of("sender_account_checks", self._call("sender_account_checks", params=params))
        return object_of("sender_account_checks", answer.get("data"))

    def warmups(self, page: int) -> WarmupPage:
        """Returns a page of the warm-ups of all statuses; the server may send fewer than the 100 wanted.

        Args:
            page: From 1.
        """
        return warmup_page(self._call("warmups", params={"page": page, "per_page": WARMUPS_PER_PAGE}))

    def warmup_statistics(self, warmup_id: int, since: date | None, through: date) -> Row:
        """Returns the statistics of one warm-up.

        Args:
            warmup_id: The warm-up.
            since: The first day; None: the last month.
            through: The last day, not before the start of the warm-up.

        Raises:
            NotFound: The warm-up is gone.
        """
        days = {"date_from": str(since), "date_to": str(through)} if since else {"period": "month"}
        answer = object_of("warmup_statistics", self._call("warmup_statistics", warmup_id, params=days))
        return object_of("warmup_statistics", answer.get("data"))
