"""The settings of an account, read through dlt's configuration and checked."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import dlt

from sources import redaction
from sources.errors import ConfigurationError
from sources.rate_limit import shared_store

Number = TypeVar("Number", int, float)

DEFAULT_ACCOUNT: Final = "default"
ALL_ACCOUNTS: Final = "all"
_YES: Final = frozenset({"true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0", ""})


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings of one account.

    Args:
        settings: How the account is read; of a class of its source.
        credentials: What the API asks for, by its setting's name.
        base_url: Where the API is.
        requests_per_minute: Calls a minute; 0: unlimited.
        block_seconds: Seconds of silence after a 429.
        own_limit: Whether the account keeps a limit of its own, beside that of all others.
        section: Where dlt finds the credentials.
    """

    settings: Any
    credentials: Mapping[str, str] = field(repr=False)
    base_url: str
    requests_per_minute: int
    block_seconds: float
    own_limit: bool
    section: str

    @property
    def account(self) -> str:
        """The account's name."""
        return str(self.settings.account)

    @property
    def limiter_store(self) -> Path:
        """The file through which all processes of this machine keep the account's limit."""
        shared = shared_store(self.base_url)
        return shared.with_stem(f"{shared.stem}-{self.account}") if self.own_limit else shared


class Section:
    """Where dlt finds the settings of a source's account.

    Those of a named account stand under `accounts.NAME`, those of the unnamed one under the source itself.

    Args:
        source: The source's name.
        account: The account's.
        credential: A setting that every account has.

    Attributes:
        name: Where the account's own settings stand.
    """

    def __init__(self, source: str, account: str, credential: str) -> None:
        self._source = f"sources.{source}"
        named = f"{self._source}.accounts.{account}"
        if account == DEFAULT_ACCOUNT:
            sections = (one for one in (self._source, named) if dlt.secrets.get(f"{one}.{credential}"))
            named = next(sections, self._source)
        self.name = named

    def required(self, name: str, where: str) -> str:
        """A credential of the account; no other account's stands in for it.

        Args:
            name: The setting.
            where: Where the operator finds it, as a sentence.

        Raises:
            ConfigurationError: It is missing.
        """
        found = self.optional(name)
        if not found:
            raise ConfigurationError(f"{self.name}.{name}", f"is missing. {where}")
        return found

    def optional(self, name: str) -> str | None:
        """The same, if there is one."""
        found: Any = dlt.secrets.get(f"{self.name}.{name}")
        return str(found) if found else None

    def secret(self, name: str) -> str | None:
        """A secret of the source, if there is one; it is masked from now on."""
        found: Any = dlt.secrets.get(f"{self._source}.{name}")
        if not found:
            return None
        redaction.register_secret(str(found))
        return str(found)

    def text(self, name: str, default: str) -> str:
        """A text."""
        return str(dlt.config.get(f"{self._source}.{name}") or default)

    def number(self, name: str, default: Number) -> Number:
        """A number that is not negative.

        Raises:
            ConfigurationError: It is none.
        """
        return _number(f"{self._source}.{name}", default)

    def number_of_account(self, name: str, default: Number) -> Number:
        """A number that may be set for the account alone; else that of the source.

        Raises:
            ConfigurationError: It is none.
        """
        return _number(f"{self.name}.{name}", self.number(name, default))

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no.

        Raises:
            ConfigurationError: It is neither.
        """
        return _flag(f"{self._source}.{name}", default=default)

    def flag_of_account(self, name: str, *, default: bool) -> bool:
        """Yes or no; it may be set for the account alone.

        Raises:
            ConfigurationError: It is neither.
        """
        return _flag(f"{self.name}.{name}", default=self.flag(name, default=default))

    def day(self, name: str) -> date | None:
        """A day; None: it is not set.

        Raises:
            ConfigurationError: It is none.
        """
        key = f"{self._source}.{name}"
        value: Any = dlt.config.get(key)
        if not value:
            return None
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            raise ConfigurationError(key, f"{value!r} is no day; write it as 2026-01-31.") from None

    def names(self, name: str) -> Sequence[str]:
        """A list of names.

        Raises:
            ConfigurationError: It is none.
        """
        key = f"{self._source}.{name}"
        value: Any = dlt.config.get(key) or []
        if isinstance(value, str):
            value = [part.strip(" \"'") for part in value.strip("[] ").split(",") if part.strip(" \"'")]
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise ConfigurationError(key, f'{value!r} is no list of names such as ["email_body"].')
        return value


def account_names(source: str, wanted: str | None, credentials: Sequence[str]) -> list[str]:
    """The accounts that a command is for.

    Args:
        source: The source's name.
        wanted: A name, `all`, or None for the one under the source itself.
        credentials: The settings that every account of the source has.

    Raises:
        ConfigurationError: The one that is wanted is not configured while others are, or all are and there is none.
    """
    there = _configured_names(source, credentials)
    name = f"sources.{source}" if wanted in {None, ALL_ACCOUNTS} else f"sources.{source}.accounts.{wanted}"
    if wanted == ALL_ACCOUNTS:
        if not there:
            raise ConfigurationError(f"{name}.{credentials[0]}", "is missing, and no further account is configured.")
        return there
    chosen = wanted or DEFAULT_ACCOUNT
    if there and chosen not in there:
        problem = f"is missing; --account names one of the accounts that are configured: {', '.join(there)}, or all."
        raise ConfigurationError(f"{name}.{credentials[0]}", problem)
    return [chosen]


def _configured_names(source: str, credentials: Sequence[str]) -> list[str]:
    section = f"sources.{source}"
    configured: Any = dlt.secrets.get(f"{section}.accounts") or {}
    settings = "|".join(name.upper() for name in credentials)
    variable = re.compile(rf"SOURCES__{source.upper()}__ACCOUNTS__(.+)__(?:{settings})")
    names = {str(name) for name in configured}
    names |= {found[1].lower() for key in os.environ if (found := variable.fullmatch(key))}
    if dlt.secrets.get(f"{section}.{credentials[0]}"):
        names.add(DEFAULT_ACCOUNT)
    return sorted(names)


def _number(key: str, default: Number) -> Number:
    value: Any = dlt.config.get(key)
    if value is None or value == "":
        return default
    try:
        number = type(default)(value)
    except (TypeError, ValueError):
        raise ConfigurationError(key, f"{value!r} is no number.") from None
    if number < 0:
        raise ConfigurationError(key, f"{value!r} is negative.")
    return number


def _flag(key: str, *, default: bool) -> bool:
    value: Any = dlt.config.get(key)
    if value is None:
        return default
    text = str(value).strip().lower()
    if text in _YES | _NO:
        return text in _YES
    raise ConfigurationError(key, f"{value!r} is neither true nor false.")
