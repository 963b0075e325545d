"""Figures and charts as one HTML page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.dashboard import charts
from pipelines.dashboard.figures import ENOUGH, Headline, choice, figures
from pipelines.dashboard.filters import Filters
from pipelines.dashboard.marts import Marts, NoMarts
from pipelines.warehouse import WarehouseBusy

_SHOWN: Final = 25
"""So many campaigns are shown before the others are asked for."""
_NOTHING: Final = "\N{EN DASH}"
_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline number.

    Args:
        title: What it is.
        value: The number, as it is shown.
        change: Its change against the period before, as it is shown; empty: there is nothing to compare with.
        is_good: Whether that is good; None: neither.
        note: What it is made of.
    """

    title: str
    value: str
    change: str
    is_good: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and how the server answers with it."""

    html: str
    status: int = 200


def page(marts: Marts, query: Mapping[str, str], *, script: str | None = None) -> Page:
    """The page that a query string asks for; a page that says why there is none where there is none.

    Args:
        marts: Where the numbers lie.
        query: The parameters of `Filters.asked`.
        script: The charts' script, to be part of the page; None: the server has it at `charts.js`.
    """
    try:
        with marts.opened() as asked:
            choices = choice(asked)
            filters = Filters.asked(query, choices.first, choices.last)
            found = figures(asked, filters)
    except (NoMarts, WarehouseBusy) as error:
        is_busy = isinstance(error, WarehouseBusy)
        html = _TEMPLATES.get_template("nothing.html").render(text=str(error), is_busy=is_busy)
        return Page(html, 503 if is_busy else 200)
    html = _TEMPLATES.get_template("page.html").render(
        filters=filters,
        choices=choices,
        tiles=tiles(found.now, found.before),
        funnel=charts.funnel(found.stages),
        stages=found.stages,
        trend=charts.trend(found.days),
        figures=found,
        shown=_SHOWN,
        enough=ENOUGH,
        where=marts.where,
        now=datetime.now(UTC),
        script=script,
    )
    return Page(html)


def tiles(now: Headline, before: Headline) -> list[Tile]:
    """The headline numbers with their change."""
    return [
        _counted("E-mails sent", now.emails_sent, before.emails_sent, ""),
        _counted("People e-mailed", now.people_emailed, before.people_emailed, "people, each once"),
        _rated("Open rate", now.open_rate, before.open_rate, f"{now.people_opened:,} people opened"),
        _rated("Reply rate", now.reply_rate, before.reply_rate, f"{now.people_replied:,} people replied"),
        _counted("Replies", now.replies, before.replies, "every one counted"),
        _rated(
            "Bounce rate", now.bounce_rate, before.bounce_rate, f"{now.emails_bounced:,} e-mails", more_is_good=False
        ),
    ]


def _counted(title: str, now: int, before: int, note: str) -> Tile:
    if not before:
        return Tile(title, f"{now:,}", "", None, note)
    change = (now - before) / before
    return Tile(title, f"{now:,}", _signed(f"{abs(change):.0%}", change), None if change == 0 else change > 0, note)


def _rated(title: str, now: float | None, before: float | None, note: str, *, more_is_good: bool = True) -> Tile:
    if now is None or before is None:
        return Tile(title, percent(now), "", None, note)
    points = round((now - before) * 100, 1)
    is_good = None if points == 0 else (points > 0) == more_is_good
    return Tile(title, percent(now), _signed(f"{abs(points):.1f} points", points), is_good, note)


def _signed(text: str, change: float) -> str:
    if change == 0:
        return f"= {text}"
    return f"{'▲' if change > 0 else '▼'} {text}"


def percent(share: float | None) -> str:
    """A share as a percentage; a dash where there is none."""
    return _NOTHING if share is None else f"{share:.1%}"


def count(number: Any) -> str:
    """A number with its thousands told apart; a dash where there is none."""
    return _NOTHING if number is None else f"{int(number):,}"


def day(moment: date | None) -> str:
    """A day; a dash where there is none."""
    return _NOTHING if moment is None else f"{moment.day} {moment:%b %Y}"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago that was."""
    if moment is None:
        return "never"
    seconds = max(0.0, (now - moment).total_seconds())
    for unit, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name} ago"
    return "just now"


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("pipelines.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"percent": percent, "count": count, "day": day, "ago": ago, "chart": json.dumps}
    return made


_TEMPLATES: Final = _environment()
