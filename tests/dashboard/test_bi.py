"""The questions of docs/bi.md, asked of real marts."""

import re
from pathlib import Path

import pytest

from pipelines.dashboard.marts import Marts

pytestmark = pytest.mark.slow
PAGE = (Path(__file__).parents[2] / "docs" / "bi.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"\*\*(\d+\. [^*]+)\*\*\n\n```sql\n(.*?)```", PAGE, flags=re.DOTALL)
MAY_BE_EMPTY = ("7.", "10.")
"""Questions about what goes wrong."""


def test_there_are_ten_questions() -> None:
    assert [int(question.partition(".")[0]) for question, _ in QUESTIONS] == list(range(1, 11))


@pytest.mark.parametrize(("question", "query"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_a_question_has_an_answer(marts: Marts, question: str, query: str) -> None:
    with marts.opened() as asked:
        rows = asked(query)
    assert rows or question.startswith(MAY_BE_EMPTY)


def test_every_model_that_the_page_names_is_there(marts: Marts) -> None:
    named = set(re.findall(r"\b(?:snovio|outreach)__\w+", PAGE))
    with marts.opened() as asked:
        there = {row["table_name"] for row in asked("SELECT table_name FROM information_schema.tables")}
    assert named - there == set()
