"""How the marts are reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

if TYPE_CHECKING:
    from pipelines.marts_after import After
    from pipelines.marts_build import Marts


def marts_as_json(marts: Marts) -> dict[str, Any]:
    """What was built, as one object."""
    return {
        "warehouse": marts.warehouse,
        "schema": marts.schema,
        "models": marts.models,
        "tests_passed": marts.passed,
        "warned": _named(marts.warned),
        "failed": _named(marts.failed),
        "skipped": marts.skipped,
        "seconds": round(marts.seconds, 1),
        "exit_code": marts.exit_code,
    }


def marts_as_lines(marts: Marts) -> Group:
    """The same for people: a line, and one more for whatever failed."""
    built = f"marts: {len(marts.models)} models, {marts.passed} tests passed, {marts.seconds:.1f} s"
    lines = [f"{built}; in {marts.warehouse}, schema {marts.schema}"]
    lines += [f"look at: {name}: {message}" for name, message in marts.warned.items()]
    lines += [f"failed: {name}: {message}" for name, message in marts.failed.items()]
    if marts.skipped:
        lines.append(f"not built for that: {', '.join(marts.skipped)}")
    return Group(*map(Text, lines))


def after_as_json(after: After) -> dict[str, Any]:
    """The marts after a load, as one object."""
    return {"error": after.reason} if after.marts is None else marts_as_json(after.marts)


def after_as_lines(after: After) -> RenderableType:
    """The same for people."""
    return Text(f"marts: not built: {after.reason}") if after.marts is None else marts_as_lines(after.marts)


def _named(messages: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "message": message} for name, message in messages.items()]
