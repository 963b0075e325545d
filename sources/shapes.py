"""The shapes of answers: the checks that every source shares. Pure.

A wrong shape is an error. It never becomes an empty list, which would look like rows that are gone.
"""

from typing import Any, Final

from sources.errors import WrongAnswer
from sources.tables import Row

Rows = list[Row]

_KEYS_SHOWN: Final = 8


def object_of(endpoint: str, answer: Any) -> Row:
    """Returns the answer, which must be an object.

    Raises:
        WrongAnswer: It is something else.
    """
    if not isinstance(answer, dict):
        raise wrong(endpoint, "an object", answer)
    return answer


def rows_of(endpoint: str, answer: Any) -> Rows:
    """Returns the rows of an answer, which must be a list of objects.

    A single element that is no object is wrapped as `{"value": element}`: it still counts as a row of its page, and
    is rejected with a reason where rows are converted, without stopping the others.

    Raises:
        WrongAnswer: It is no list, or none of its elements is an object.
    """
    if not isinstance(answer, list):
        raise wrong(endpoint, "a list", answer)
    if answer and not any(isinstance(row, dict) for row in answer):
        raise wrong(endpoint, "a list of objects", answer[0])
    return [as_row(row) for row in answer]


def as_row(row: Any) -> Row:
    """Returns an element of a list as a row."""
    return row if isinstance(row, dict) else {"value": row}


def wrong(endpoint: str, expected: str, answer: object) -> WrongAnswer:
    """Makes the error for an answer of the wrong shape, without quoting it: values are people's data."""
    return WrongAnswer(endpoint, f"expected {expected}, the API sent {_kind(answer)}", 200)


def _kind(answer: object) -> str:
    if isinstance(answer, dict):
        return f"an object with the keys {sorted(map(str, answer))[:_KEYS_SHOWN]}"
    return "nothing" if answer is None else f"a value of the type {type(answer).__name__}"
