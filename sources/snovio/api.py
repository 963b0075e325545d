"""Snov.io's readable API: one method per endpoint, typed rows out, every answer's shape checked.

A method returns rows as the API sends them. It never makes an empty list of an answer that it does not understand.
"""

from sources.snovio.account_calls import AccountCalls
from sources.snovio.campaign_calls import MOST_EMAILS, CampaignCalls
from sources.snovio.event_calls import MOST_ACTIVITY_ROWS, ROWS_PER_PAGE, Convert, EventCalls
from sources.snovio.prospect_calls import ProspectCalls
from sources.snovio.shapes import ActivityPage, ProspectPage, Row, WebhookAnswer

__all__ = [
    "MOST_ACTIVITY_ROWS",
    "MOST_EMAILS",
    "ROWS_PER_PAGE",
    "ActivityPage",
    "Convert",
    "ProspectPage",
    "Row",
    "SnovioApi",
    "WebhookAnswer",
]


class SnovioApi(CampaignCalls, EventCalls, ProspectCalls, AccountCalls):
    """The calls a read-only sync may make, for one account; safe to share between threads.

    `client.SnovioClient` tells what it takes. The methods stand by theme in the modules whose names end in `_calls`.
    """
