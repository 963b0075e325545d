"""What daily counters cost in calls, told before they are asked for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Final

from sources.outcomes import Calls
from sources.snovio import due
from sources.snovio.analytics_memory import AnalyticsMemory
from sources.snovio.calibration import END_EXCLUDED, SAMPLES
from sources.snovio.days import Days
from sources.snovio.evidence import people_in
from sources.snovio.known import MOST_UNKNOWN, Known
from sources.snovio.recheck import MOST_SUBJECTS
from sources.snovio.settings import Settings
from sources.snovio.tables import CAMPAIGN_ANALYTICS, SENDER_ANALYTICS
from sources.snovio.windows import Block

_CALLS_A_DAY: Final = 2
"""At most so many for each day of a campaign: one that tells its counters, and one to find it."""


def analytics_calls(known: Known, settings: Settings, today: date, perhaps: Collection[int]) -> Calls:
    """What the daily counters of all campaigns cost.

    Args:
        known: What is known of the account.
        settings: How it is read.
        today: The UTC day of the load.
        perhaps: Campaigns that may have moved.
    """
    state = known.of(CAMPAIGN_ANALYTICS.name)
    memory = AnalyticsMemory.from_state({} if settings.full_refresh else state.get("memory", {}), int)
    for campaign_id in known.leftovers.counted:
        memory.forget(campaign_id)
    subjects: defaultdict[date, list[int]] = defaultdict(list)
    unknown = 0
    for campaign in known.started:
        number = campaign["id"]
        days = {*memory.looked_at_again(number, today, settings.lookback_days), today}
        for day in days:
            subjects[day].append(number)
        left = memory.unknown(number, Days(due.first_day(campaign, settings), today))
        unknown += len({day for part in left for day in part.each()} - days)
    questions = sum(-(-len(asked) // MOST_SUBJECTS) for asked in subjects.values())
    unsure = sum(_unsure(memory, day, asked, perhaps) for day, asked in subjects.items())
    doubts = len({*state.get("doubts", ()), *known.state.get("repaired", ())})
    anew = len(subjects) if unsure or unknown else 0
    calibrating = 0 if END_EXCLUDED in known.state else 2 * SAMPLES
    most = questions + anew + doubts + calibrating + _CALLS_A_DAY * (unsure + unknown)
    behind = _behind_others(memory)
    return Calls(questions + bool(unknown) + behind, most + behind)


def sender_calls(known: Known, settings: Settings, today: date) -> Calls:
    """What the daily counters of senders cost."""
    senders = known.state.get("senders_seen")
    numbers = {
        "sender_email": MOST_UNKNOWN if senders is None else senders,
        "sender_linkedin": len(settings.linkedin_senders),
        "campaign_owner": len(settings.campaign_owners),
    }
    first = min((due.first_day(campaign, settings) for campaign in known.started), default=today)
    state = {} if settings.full_refresh else known.of(SENDER_ANALYTICS.name)
    least = most = 0
    for scope, number in numbers.items():
        memory = AnalyticsMemory.from_state(state.get(scope, {}), str)
        days = {today}.union(*(memory.looked_at_again(one, today, settings.lookback_days) for one in memory.settled))
        unknown = max(0, number - len(memory.settled)) * len(Days(first, today))
        if number and known.started:
            least += len(days) if memory.settled else 1
            most += 2 * len(days) + _CALLS_A_DAY * (len(days) * number + unknown)
    return Calls(0 if senders is None else least, most)


def _behind_others(memory: AnalyticsMemory[int]) -> int:
    """How many questions look at campaigns without people on their last day apart from those with."""
    days: defaultdict[date, set[bool]] = defaultdict(set)
    for number, found in memory.settled.items():
        days[found[-1].last].add(bool(people_in(memory.on_last_day(number))))
    return sum(len(kinds) > 1 for kinds in days.values())


def _unsure(memory: AnalyticsMemory[int], day: date, asked: Collection[int], perhaps: Collection[int]) -> int:
    """How many of the campaigns that are asked together about a day may have to be asked singly."""
    may_move = len(set(asked).intersection(perhaps))
    adds_up = memory.active_on(day) <= 1 or Block(tuple(asked), day, day).key in memory.answers
    return may_move if adds_up else max(may_move, memory.active_on(day))
