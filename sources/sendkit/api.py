"""SendKit's readable API: one method per endpoint, typed rows out, every answer's shape checked.

A method returns rows as the API sends them, without credentials. It never makes an empty list of an answer that it
does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar, Unpack

from sources.client import ApiClient, Connection
from sources.errors import WrongAnswer
from sources.sendkit.auth import ApiKey
from sources.sendkit.endpoints import AN_ID, ENDPOINTS, is_allowed
from sources.sendkit.paging import ROWS_PER_PAGE, Listing, Page
from sources.sendkit.settings import SECTION
from sources.sendkit.shapes import object_in, page_in, rows_in
from sources.shapes import Rows
from sources.tables import Row

Found = TypeVar("Found")


class SendkitApi(ApiClient):
    """The calls a read-only sync may make, for one workspace.

    Args:
        api_key: The key of the workspace, or of a platform.
        workspace_id: The workspace, for a platform's key.
        base_url: `https://`, or `http://` for loopback.
        requests_per_minute: The limit to keep; the API's own is not published. 0 means none.
        block_seconds: The least time to be silent after a 429, in seconds.
        connection: As `client.Connection` says.

    Raises:
        ConfigurationError: The base URL, the key or the workspace is not acceptable.
    """

    def __init__(
        self,
        *,
        api_key: str,
        workspace_id: str | None = None,
        base_url: str = "https://api.sendkit.ai",
        requests_per_minute: int = 60,
        block_seconds: float = 60.0,
        **connection: Unpack[Connection],
    ) -> None:
        super().__init__(
            connection,
            auth=ApiKey(api_key, workspace_id),
            is_allowed=is_allowed,
            config_section=SECTION,
            base_url=base_url,
            requests_per_minute=requests_per_minute,
            block_seconds=block_seconds,
        )

    def workspaces(self) -> Listing:
        """Reads the workspaces that the key opens; the one call that works with both kinds of keys."""
        return self._list("workspaces")

    def campaigns(self, status: str | None = None) -> Listing:
        """Reads the campaigns, of one status if it is given; whether archived ones come without it is unknown."""
        return self._list("campaigns", query={} if status is None else {"status": status})

    def campaign(self, campaign_id: str) -> Row:
        """Returns one campaign with what the list does not show; counted as a call of `campaigns`.

        Raises:
            NotFound: The campaign is gone.
        """
        return self._object("campaign_details", campaign_id, table="campaigns")

    def campaign_analytics(self, campaign_id: str) -> Row:
        """Returns the counters of a campaign's whole life, by step and by subsequence too.

        Raises:
            NotFound: The campaign is gone.
        """
        return self._object("campaign_analytics", campaign_id)

    def campaign_daily_analytics(self, campaign_id: str, first: date | None = None, last: date | None = None) -> Rows:
        """Returns the counters of a campaign's days.

        Args:
            campaign_id: The campaign.
            first: The first day; with `last` or not at all.
            last: The last day; without both, the last 30 days come (documented).

        Raises:
            NotFound: The campaign is gone.
        """
        query = {"from": first.isoformat(), "to": last.isoformat()} if first and last else {}
        name = "campaign_daily_analytics"
        return self._call(name, campaign_id, query=query, convert=partial(rows_in, name))

    def campaign_leads(self, campaign_id: str) -> Listing:
        """Reads a campaign's leads.

        Raises:
            NotFound: The campaign is gone.
        """
        return self._list("campaign_leads", campaign_id)

    def leads(self, begin: Row | None = None) -> Listing:
        """Reads all leads; `begin` names the page to go on with."""
        return self._list("leads", begin=begin)

    def new_leads(self, created_after: datetime) -> Listing:
        """Reads the leads that were created after a moment; changed ones cannot be asked for (observed)."""
        body = {"filters": {"createdAfter": created_after.isoformat().replace("+00:00", "Z")}, "limit": ROWS_PER_PAGE}

        def ask(asked: Row) -> Page:
            read = partial(page_in, "leads", asked)
            return self._call("new_leads", table="leads", body={**body, **asked}, convert=read)

        return Listing("leads", ask)

    def mailboxes(self) -> Listing:
        """Reads the mailboxes that campaigns send from."""
        return self._list("mailboxes")

    def inbox_threads(self, begin: Row | None = None) -> Listing:
        """Reads all conversations; `begin` names the page to go on with."""
        return self._list("inbox_threads", begin=begin)

    def do_not_contact(self) -> Listing:
        """Reads the addresses and domains that are never written to."""
        return self._list("do_not_contact")

    def overview(self) -> Row:
        """Returns the counters of the whole workspace."""
        return self._object("overview")

    def _list(self, name: str, *ids: str, query: Row | None = None, begin: Row | None = None) -> Listing:
        def ask(asked: Row) -> Page:
            wanted = {"limit": ROWS_PER_PAGE, **(query or {}), **asked}
            return self._call(name, *ids, query=wanted, convert=partial(page_in, name, asked))

        return Listing(name, ask, begin)

    def _object(self, name: str, *ids: str, table: str = "") -> Row:
        campaign_id = ids[0] if ids else None
        read = partial(object_in, table or name, campaign_id=campaign_id)
        return self._call(name, *ids, table=table, convert=read)

    def _call(
        self,
        name: str,
        *ids: str,
        convert: Callable[[Any], Found],
        table: str = "",
        query: Row | None = None,
        body: Row | None = None,
    ) -> Found:
        for an_id in ids:
            if not re.fullmatch(AN_ID, an_id):
                raise WrongAnswer(table or name, f"{an_id!r} is no id", None)
        method, path = ENDPOINTS[name]
        path, endpoint = path.format(*ids), table or name
        found: Found = self._http.request(method, path, endpoint=endpoint, params=query, json=body, convert=convert)
        return found
