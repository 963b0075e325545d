"""The page for the operator: a section for each exit code, and words that the commands really say."""

import re
from pathlib import Path

import pytest

from pipelines.results import BUDGET, FAILED, OK, PARTIAL, SIGNALLED

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
CODE = "\n".join(path.read_text(encoding="utf-8") for folder in ("sources", "pipelines")
                 for path in (ROOT / folder).rglob("*.py"))  # fmt: skip
FROM_ELSEWHERE = {"No space left on device"}
"""What the operating system says."""


def test_every_exit_code_has_a_section() -> None:
    known = {OK, FAILED, 2, PARTIAL, 4, 5, BUDGET, *SIGNALLED.values()}
    titles = re.findall(r"^## ([\d, ]+)$", PAGE, flags=re.MULTILINE)
    assert {int(code) for title in titles for code in title.split(",")} == known


ROWS = re.findall(r"^\| (`[^|]+) \|[^|]+\|[^|]+\|$", PAGE, flags=re.MULTILINE)
MESSAGES = sorted({message for row in ROWS for message in re.findall(r"`([^`]{4,})`", row)})


@pytest.mark.parametrize("message", MESSAGES)
def test_the_messages_that_it_names_are_said(message: str) -> None:
    """In the tables a message stands in the first column."""
    parts = [part.strip() for part in message.split("...") if part.strip()]
    flat = re.sub(r'"\s*\n\s*f?"', "", CODE).replace("`", "")
    assert message in FROM_ELSEWHERE or all(part in flat for part in parts), message
