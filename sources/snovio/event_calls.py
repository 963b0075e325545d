"""The calls about what happened: the event lists and recipient activity."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final

from sources.errors import NotFound
from sources.snovio.client import SnovioClient
from sources.snovio.shapes import ActivityPage, Row, activity_page, rows_of

ROWS_PER_PAGE: Final = 10_000
"""The documented most rows of a page of an event list."""

MOST_ACTIVITY_ROWS: Final = 1_000
"""The documented most events of a page of recipient activity."""

Convert = Callable[[list[Row]], Any]
"""Makes of the rows of a page what is returned."""


class EventCalls(SnovioClient):
    """The four event lists and recipient activity."""

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

    def _events(self, endpoint: str, campaign_id: int, offset: int, convert: Convert) -> Any:
        params = {"campaignId": campaign_id, "offset": offset}
        try:
            return self._call(endpoint, params=params, convert=partial(_rows_converted, endpoint, convert))
        except NotFound:
            if offset > 0:
                return convert([])  # a documented 404 past the first page is an end of the list
            raise


def _rows_converted(endpoint: str, convert: Convert, answer: Any) -> Any:
    return convert(rows_of(endpoint, answer))
