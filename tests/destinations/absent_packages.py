"""Stands in for packages that are not installed, so that dlt's clients of other destinations can be imported.

Whatever is asked of such a package is there, and does nothing: SQL is generated without it.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PACKAGES = ("clickhouse_connect", "clickhouse_driver", "databricks", "google", "snowflake")


class _Anything(type):
    """What has any attribute, can be called with anything, and can be inherited from and raised."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        return Absent if cls is Absent else super().__call__(*arguments, **named)


class Absent(Exception, metaclass=_Anything):
    """Anything that an absent package holds."""


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002  # as Python calls it
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in PACKAGES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Runs nothing."""


@contextmanager
def standing_in() -> Iterator[None]:
    """Stand in for what is not installed; afterwards it is absent again, and what was imported with it too."""
    before, finder = set(sys.modules), _Finder()
    sys.meta_path.append(finder)  # the last one to be asked: what is installed is found
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            if name.startswith(("dlt.destinations.impl.", *PACKAGES)):
                del sys.modules[name]
