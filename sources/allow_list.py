"""The calls that may leave a source: a table of endpoints, and the check that lets nothing else through. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Endpoint(NamedTuple):
    """One documented call; `{}` in the path stands for an id."""

    method: str
    path: str


def allow_list(endpoints: Mapping[str, Endpoint], an_id: str) -> Callable[[str, str], bool]:
    """Makes the check of a source.

    Args:
        endpoints: Every call that may be made, by name.
        an_id: The pattern of an id in a path.

    Returns:
        Tells whether a call may be made, given the HTTP verb in capitals and the decoded path below the base URL.
    """
    allowed = {
        method: re.compile("|".join(_pattern(path, an_id) for verb, path in endpoints.values() if verb == method))
        for method in {endpoint.method for endpoint in endpoints.values()}
    }

    def is_allowed(method: str, path: str) -> bool:
        pattern = allowed.get(method)
        return pattern is not None and pattern.fullmatch(path) is not None

    return is_allowed


def _pattern(path: str, an_id: str) -> str:
    return re.escape(path).replace(re.escape("{}"), an_id)
