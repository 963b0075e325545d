"""The marts after a load: built when something was committed, and never in the way of what the load came to."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipelines.results import BUDGET, FAILED, OK, PARTIAL, Report
from pipelines.selection import Request
from sources import redaction

if TYPE_CHECKING:
    from pipelines.marts_build import Marts

logger = logging.getLogger(__name__)

_WORTH: Final = (OK, PARTIAL, BUDGET)
"""Exit codes of loads that committed what they read."""


@dataclass(frozen=True, slots=True)
class After:
    """What came of the marts after a load.

    Args:
        exit_code: That of both together.
        marts: What was built; None: nothing.
        reason: Why nothing was.
        problem: What the operator should hear of; empty: nothing, or nothing but what is wrong with the load.
    """

    exit_code: int
    marts: Marts | None = None
    reason: str = ""
    problem: str = ""


def build(loaded: Report, request: Request, project: Path) -> After:
    """Build the marts of what was loaded.

    Args:
        loaded: What the load came to.
        request: What it was asked for.
        project: The project folder.
    """
    if loaded.exit_code not in _WORTH:
        return After(loaded.exit_code, reason=f"the load ended with {loaded.exit_code}")
    from pipelines import marts_build  # noqa: PLC0415  # dbt takes a second to import: where marts are built

    try:
        marts = marts_build.build(project, destination=request.destination, dataset=request.dataset)
    except Exception as error:  # the load is committed: its report is worth more than a traceback
        logger.debug("the whole story", exc_info=error)
        reason = redaction.mask(str(error)) or type(error).__name__
        return After(FAILED, reason=reason, problem=reason)
    if marts.failed:
        return After(FAILED, marts, problem="; ".join(f"{name}: {why}" for name, why in marts.failed.items()))
    return After(loaded.exit_code, marts)
