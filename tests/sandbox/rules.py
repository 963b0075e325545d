"""How the API shows the world: page sizes, order, date form. A fault may change them for one call."""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(eq=False)
class Rules:
    """What differs between servers, accounts and bad days.

    Attributes:
        page_size: Rows of a full page of the event lists.
        max_per_page: Cap of `perPage` of list prospects; a larger wish is cut silently.
        replies_page_size: Records of a full page of the campaign replies.
        warmups_per_page: Cap of `per_page` of warm-ups; a larger wish is cut silently.
        warmup_longest_days: More days than this are refused by warm-up statistics with 422; 0 = no bound.
        longest_url: More characters of e-mails than this are refused with 414; 0 = no bound.
        takes_list_ids: Whether profiles are found by the ids of list prospects; those of profiles always are.
        order: `newest_first`, `oldest_first` or `shuffled`, for the event lists.
        activity_order: `oldest_first`, `newest_first` or `shuffled`, for recipient activity.
        date_form: One of `dates.DATE_FORMS`, for the v1 endpoints; recipient activity shows `php` as plain text.
        unstable_ids: Ids, hashes and prospectIds of event rows differ on every call.
        analytics_form: `newer`, or `older` without InMail and moods.
        analytics_days: `event`, or `send`: what follows from an e-mail is counted on the day it was sent.
        analytics_end: `inclusive`, or `exclusive`: the analytics' date_to is not counted.
        analytics_longest_days: More days than this are refused by the analytics with 422; 0 = no bound.
        team_plan: Whether the analytics may be asked by campaign owner.
        hidden: Table -> n: the server drops every nth row after it has cut the page.
        hidden_days: Table -> n: likewise it drops every nth UTC day, so that whole pages are empty.
    """

    page_size: int = 10_000
    max_per_page: int = 5_000
    replies_page_size: int = 100
    warmups_per_page: int = 100
    warmup_longest_days: int = 0
    longest_url: int = 0
    takes_list_ids: bool = True
    order: str = "newest_first"
    activity_order: str = "oldest_first"
    date_form: str = "php"
    unstable_ids: bool = False
    analytics_form: str = "newer"
    analytics_days: str = "event"
    analytics_end: str = "inclusive"
    analytics_longest_days: int = 0
    team_plan: bool = True
    hidden: dict[str, int] = field(default_factory=dict)
    hidden_days: dict[str, int] = field(default_factory=dict)

    def hides(self, table: str, serial: int, at: int) -> bool:
        """Whether the row with this serial and time (epoch seconds) is never shown."""
        rows, days = self.hidden.get(table), self.hidden_days.get(table)
        return bool(rows and serial % rows == 0) or bool(days and at // 86_400 % days == 0)

    def copy_rules(self, **changes: Any) -> "Rules":
        """These rules alone (also when `self` is a whole world), with changes."""
        own = Rules(**{name: getattr(self, name) for name in Rules.__dataclass_fields__})
        return replace(own, **changes)
