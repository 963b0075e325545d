"""The calls about one campaign, or about all of them."""

import logging
from collections.abc import Sequence
from datetime import date
from typing import Final

from sources.errors import ApiError, NotFound
from sources.snovio.client import SnovioClient
from sources.snovio.shapes import Row, object_of, rows_of

logger = logging.getLogger(__name__)

MOST_COMPLETED: Final = 10_000
"""So many completed prospects may be an undocumented cap."""

MOST_EMAILS: Final = 100
"""The documented most e-mails whose statuses one call tells."""

_UNPROCESSABLE: Final = 422
_PROGRESS_ATTEMPTS: Final = 5  # observed in public clients: up to four retries


class CampaignCalls(SnovioClient):
    """Campaigns, their sequences, progress, counters, replies and recipients."""

    def campaigns(self) -> list[Row]:
        """Returns all campaigns the user may see; documented as one bare array."""
        return rows_of("campaigns", self._call("campaigns"))

    def campaign_details(self, campaign_id: int) -> Row:
        """Returns settings and sequence of one campaign.

        Raises:
            NotFound: The campaign is gone, or has no details (unknown for old and LinkedIn-only campaigns).
        """
        return self._data_object("campaign_details", campaign_id)

    def email_step_content(self, campaign_id: int, step_id: int, content_id: int) -> Row:
        """Returns subject and body of one variant of a step of the type `email`.

        Raises:
            NotFound: Campaign, step or variant are gone.
        """
        return self._data_object("email_step_contents", campaign_id, step_id, content_id)

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

    def completed_prospects(self, campaign_id: int) -> list[Row]:
        """Returns the prospects that finished a campaign; no paging is documented.

        Raises:
            NotFound: The campaign is gone.
        """
        answer = self._call("completed_prospects", params={"campaignId": campaign_id})
        rows = rows_of("completed_prospects", answer)
        if len(rows) == MOST_COMPLETED:
            logger.warning(
                "completed_prospects of campaign %s: exactly %s rows came back, which may be an undocumented cap",
                campaign_id,
                MOST_COMPLETED,
            )
        return rows

    def campaign_replies(self, campaign_id: int, offset: int) -> list[Row]:
        """Returns replies of a campaign, by e-mail and LinkedIn, after skipping `offset` records.

        Neither page size nor end is documented: a page may have any length.

        Raises:
            NotFound: The campaign is gone.
        """
        answer = self._call("campaign_replies", campaign_id, params={"offset": offset})
        return rows_of("campaign_replies", object_of("campaign_replies", answer).get("data"))

    def recipient_statuses(self, campaign_id: int, emails: Sequence[str]) -> list[Row]:
        """Returns for each address whether it is a recipient of the campaign, and its status.

        Args:
            campaign_id: The campaign.
            emails: Up to 100 different addresses of at most 100 characters.

        Raises:
            NotFound: The campaign is gone.
            ValueError: There are none, or too many.
        """
        if not 1 <= len(emails) <= MOST_EMAILS:
            raise ValueError(f"recipient_statuses takes 1 to {MOST_EMAILS} addresses, not {len(emails)}")
        answer = self._call("recipient_statuses", campaign_id, params={"emails[]": list(emails)})
        return rows_of("recipient_statuses", object_of("recipient_statuses", answer).get("data"))

    def campaign_analytics(
        self,
        *,
        campaign_ids: Sequence[int],
        date_from: date,
        date_to: date,
        sender_email: Sequence[int | str] = (),
        sender_linkedin: Sequence[int | str] = (),
        campaign_owner: Sequence[str] = (),
        table: str = "campaign_analytics",
    ) -> Row:
        """Returns the counters of some campaigns over a range of days, as one object.

        Args:
            campaign_ids: At least one: without any, the API takes a changing set of campaigns.
            date_from: The first day; which zone days mean is unknown.
            date_to: The last day; whether it is included is unknown.
            sender_email: Sender account ids to narrow it down to.
            sender_linkedin: LinkedIn account ids, likewise.
            campaign_owner: Owners' e-mail addresses, likewise; needs a higher plan.
            table: The table that the call is counted for.

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
        answer = self._call("campaign_analytics", params={**days, **params}, counted_as=table)
        return object_of(table, answer)

    def _progress(self, campaign_id: int) -> Row:
        return object_of("campaign_progress", self._call("campaign_progress", campaign_id))
