"""What every part is told."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How much to measure.

    Args:
        rows: The sizes of the events part, in rows.
        repeat: How often each measurement is repeated.
    """

    rows: Sequence[int]
    repeat: int
