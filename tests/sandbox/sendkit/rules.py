"""How the API shows the world; nobody knows which of it an account gets."""

from dataclasses import dataclass


@dataclass
class Rules:
    """What differs between accounts and between the copies of the reference.

    Attributes:
        paging: `current` (cursor) or `older` (page numbers).
        analytics: `current`, or `older` without subsequences.
        header: Which header is read: `X-Api-Key`, `Authorization`, or `` for either.
        plain_lead_ids: Leads of campaigns name the lead by its id alone.
        hidden: So many slots that are never shown lie behind every 40th row, so that pages are short or empty.
        lists_archived: Whether archived campaigns are listed without being asked for.
        searches: Whether leads can be searched by their creation.
        longest_days: The daily counters show no more than so many of the last days; 0: all.
        decorated: `totalLeads` and others stand in the counters of the campaign list.
    """

    paging: str = "current"
    analytics: str = "current"
    header: str = ""
    plain_lead_ids: bool = False
    hidden: int = 0
    lists_archived: bool = False
    searches: bool = True
    longest_days: int = 0
    decorated: bool = True
