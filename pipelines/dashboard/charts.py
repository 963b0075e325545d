"""The charts, as Vega-Lite; the page draws them with the script that `script` returns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import altair as alt
import vl_convert

from pipelines.dashboard.marts import Row

_INK: Final = "#1d2b3a"
_BLUE: Final = "#2563a8"
_GREEN: Final = "#1c7f5a"
_RED: Final = "#b3402f"
_UNITS: Final[Mapping[float, tuple[Any, str]]] = {
    120: ("utcyearmonthdate", "%A, %-d %B %Y"),
    900: ("utcyearweek", "week of %-d %B %Y"),
    math.inf: ("utcyearmonth", "%B %Y"),
}
"""By the most days: what a bar stands for, and how it is named."""
_DRAW: Final = """
for (const place of document.querySelectorAll("[data-chart]")) {
  vegaEmbed(place, JSON.parse(place.dataset.chart), {actions: false, renderer: "svg"})
    .then(() => place.setAttribute("data-drawn", ""))
}
"""


@cache
def script() -> str:
    """The script that draws every chart of the page: Vega and all it needs, nothing is loaded from elsewhere."""
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    found: str = vl_convert.javascript_bundle(_DRAW, vl_version=version)
    return found


def funnel(stages: Sequence[Row]) -> dict[str, Any]:
    """Bars of people, stage by stage."""
    rows = [
        {**stage, "label": f"{stage['people']:,}" + ("" if stage["share"] is None else f"  {stage['share']:.1%}")}
        for stage in stages
    ]
    order = [stage["stage"] for stage in stages]
    base = alt.Chart({"values": rows}).encode(
        y=alt.Y("stage:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelFontSize=13)),
        # Room for the labels, which stand behind the bars.
        x=alt.X(
            "people:Q", axis=None, scale=alt.Scale(domain=[0, 1.4 * max(stage["people"] for stage in stages) or 1])
        ),
    )
    bars = base.mark_bar(color=_BLUE, cornerRadiusEnd=3, height=22)
    labels = base.mark_text(align="left", dx=6, color=_INK, fontSize=12).encode(text="label:N")
    return _whole(alt.layer(bars, labels).properties(height=190))


def trend(days: Sequence[Row]) -> list[dict[str, Any]]:
    """E-mails sent, replies and bounces over time, one above the other; by weeks or months where days are many."""
    panels = [
        _panel(days, "emails_sent", "E-mails sent", _BLUE, 110),
        _panel(days, "replies", "Replies", _GREEN, 80),
        _panel(days, "emails_bounced", "Bounces", _RED, 60),
    ]
    return [_whole(panel) for panel in panels]


def _panel(days: Sequence[Row], measure: str, title: str, color: str, height: int) -> Any:
    rows = [{"date": f"{day['date']}", "count": int(day[measure] or 0)} for day in days]
    unit, form = next(shown for most, shown in _UNITS.items() if len(days) <= most)
    return (
        alt.Chart({"values": rows})
        .mark_bar(color=color)
        .encode(
            x=alt.X("date:T", timeUnit=unit, title=None, axis=alt.Axis(format="%-d %b", grid=False)),
            y=alt.Y("sum(count):Q", title=None, axis=alt.Axis(tickCount=3, format="~s", domain=False, minExtent=30)),
            tooltip=[
                alt.Tooltip("date:T", timeUnit=unit, format=form, title="When"),
                alt.Tooltip("sum(count):Q", format=",", title=title),
            ],
        )
        .properties(height=height, title=alt.TitleParams(title, anchor="start", fontSize=12, color=_INK))
    )


def _whole(chart: Any) -> dict[str, Any]:
    made = (
        chart.properties(width="container", background="transparent")
        .configure(font="system-ui, sans-serif", padding={"left": 0, "right": 0, "top": 4, "bottom": 0})
        .configure_view(strokeWidth=0)
    )
    found: dict[str, Any] = made.to_dict()
    return found
