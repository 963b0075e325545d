"""How many examples a property is tried on: with the profile `quick`, which `make check` takes, a quarter of them."""

from typing import Final

from hypothesis import settings

WHOLE: Final = 100
"""Examples of a property that names no number."""
QUICK: Final = 25
"""The same with the profile `quick`."""


def examples(many: int) -> int:
    """So many in the whole suite, and a quarter of them in the quick one."""
    return max(many * settings().max_examples // WHOLE, 1)
