"""The settings of a source, read through dlt's configuration and checked."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

import dlt

from sources.budget import Budget
from sources.decoding import Decoder, DecodingProcesses
from sources.errors import ConfigurationError
from sources.rate_limit import shared_store
from sources.redaction import register_secret
from sources.snovio.api import SnovioApi
from sources.snovio.days import Days
from sources.snovio.settings import PROFILES_PER_RUN, Settings, excluded_columns
from sources.snovio.tables import TABLES

Number = TypeVar("Number", int, float)

DEFAULT_ACCOUNT: Final = "default"
ALL_ACCOUNTS: Final = "all"
_SECTION: Final = "sources.snovio"
_ENVIRONMENT_ACCOUNT: Final = re.compile(r"SOURCES__SNOVIO__ACCOUNTS__(.+)__CLIENT_ID")


@dataclass(frozen=True, slots=True)
class SnovioConfiguration:
    """All settings of one account."""

    settings: Settings
    client_id: str
    client_secret: str = field(repr=False)
    base_url: str
    requests_per_minute: int
    block_seconds: float

    def api(self, budget: Budget, processes: DecodingProcesses | None = None) -> SnovioApi:
        """The account's API; all processes of this machine keep one rate limit.

        Args:
            budget: What the run may spend.
            processes: Decode large answers.
        """
        return SnovioApi(
            client_id=self.client_id,
            client_secret=self.client_secret,
            base_url=self.base_url,
            requests_per_minute=self.requests_per_minute,
            block_seconds=self.block_seconds,
            budget=budget,
            limiter_store=shared_store(self.base_url),
            decoder=Decoder(processes),
        )


def account_names(wanted: str | None) -> list[str]:
    """The accounts that a load is for.

    Args:
        wanted: A name, `all`, or None for the one under `sources.snovio` itself.

    Raises:
        ConfigurationError: There is no account of that name, or none at all.
    """
    if wanted != ALL_ACCOUNTS:
        return [wanted or DEFAULT_ACCOUNT]
    configured: Any = dlt.secrets.get(f"{_SECTION}.accounts") or {}
    names = {str(name) for name in configured}
    names |= {found[1].lower() for key in os.environ if (found := _ENVIRONMENT_ACCOUNT.fullmatch(key))}
    if dlt.secrets.get(f"{_SECTION}.client_id"):
        names.add(DEFAULT_ACCOUNT)
    if not names:
        raise ConfigurationError(f"{_SECTION}.client_id", "is missing, and no further account is configured.")
    return sorted(names)


def snovio(
    account: str = DEFAULT_ACCOUNT, *, full_refresh: bool = False, days: Days | None = None
) -> SnovioConfiguration:
    """The settings of one account.

    Raises:
        ConfigurationError: One is missing or wrong.
    """
    section = _SECTION if account == DEFAULT_ACCOUNT else f"{_SECTION}.accounts.{account}"
    if account == DEFAULT_ACCOUNT and not dlt.secrets.get(f"{section}.client_id"):
        named = f"{_SECTION}.accounts.{DEFAULT_ACCOUNT}"
        section = named if dlt.secrets.get(f"{named}.client_id") else section
    settings = settings_of(account, full_refresh=full_refresh, days=days)
    client_id, client_secret = _required(f"{section}.client_id"), _required(f"{section}.client_secret")
    register_secret(client_secret)
    return SnovioConfiguration(
        settings=settings,
        client_id=client_id,
        client_secret=client_secret,
        base_url=str(dlt.config.get(f"{_SECTION}.base_url") or "https://api.snov.io"),
        requests_per_minute=_number(f"{_SECTION}.requests_per_minute", 55),
        block_seconds=_number(f"{_SECTION}.block_seconds", 300.0),
    )


def settings_of(account: str, *, full_refresh: bool = False, days: Days | None = None) -> Settings:
    """How an account is read, for which no credentials are needed.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    return Settings(
        account=account,
        start_date=_day(f"{_SECTION}.start_date"),
        lookback_days=_number(f"{_SECTION}.lookback_days", 3),
        sweep_days=_number(f"{_SECTION}.sweep_days", 7),
        full_refresh=full_refresh,
        profiles_per_run=_number(f"{_SECTION}.profiles_per_run", PROFILES_PER_RUN),
        range=days,
        linkedin_senders=_names(f"{_SECTION}.linkedin_senders"),
        campaign_owners=_names(f"{_SECTION}.campaign_owners"),
        excluded=excluded_columns(_names(f"{_SECTION}.exclude_columns"), TABLES.values()),
    )


def _required(key: str) -> str:
    value: Any = dlt.secrets.get(key)
    if not value:
        raise ConfigurationError(key, "is missing. Snov.io shows it under Integrations, API.")
    return str(value)


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


def _day(key: str) -> date | None:
    value: Any = dlt.config.get(key)
    if not value:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ConfigurationError(key, f"{value!r} is no day; write it as 2026-01-31.") from None


def _names(key: str) -> Sequence[str]:
    value: Any = dlt.config.get(key) or []
    if isinstance(value, str):
        value = [name.strip(" \"'") for name in value.strip("[] ").split(",") if name.strip(" \"'")]
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ConfigurationError(key, f'{value!r} is no list of names such as ["email_body"].')
    return value
