"""The calls that may leave the connector, by name: the allow-list, and the one place that knows a path."""

from typing import Final

from sources.allow_list import Endpoint, allow_list

# The search is a read in spite of its verb. A single conversation is never asked for: that may mark it as read.
ENDPOINTS: Final[dict[str, Endpoint]] = {
    "workspaces": Endpoint("GET", "/v1/workspaces"),
    "campaigns": Endpoint("GET", "/v1/campaigns"),
    "campaign_details": Endpoint("GET", "/v1/campaigns/{}"),
    "campaign_analytics": Endpoint("GET", "/v1/campaigns/{}/analytics"),
    "campaign_daily_analytics": Endpoint("GET", "/v1/analytics/daily/campaigns/{}"),
    "campaign_leads": Endpoint("GET", "/v1/campaigns/{}/leads"),
    "leads": Endpoint("GET", "/v1/leads"),
    "new_leads": Endpoint("POST", "/v1/leads/search"),
    "mailboxes": Endpoint("GET", "/v1/mailboxes"),
    "inbox_threads": Endpoint("GET", "/v1/inbox"),
    "do_not_contact": Endpoint("GET", "/v1/dnc"),
    "overview": Endpoint("GET", "/v1/analytics/overview"),
}

AN_ID: Final = "[0-9A-Za-z_-]+"
"""Documented as 24 hex characters; an example shows `ws_123`."""

is_allowed: Final = allow_list(ENDPOINTS, AN_ID)
