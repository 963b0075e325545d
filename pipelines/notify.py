"""Telling the operator of a load through a webhook."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Final

import httpx
import stamina

from pipelines import notices, warehouse
from pipelines.looking import looking
from pipelines.notices import LastGood
from pipelines.results import Report
from pipelines.selection import Request
from pipelines.source import Source
from sources.errors import OutreachError
from sources.http import checked_url, environment_proxy
from sources.record_tables import SYNC_RUNS
from sources.redaction import mask, register_secret

logger = logging.getLogger(__name__)

_OPTION: Final = "notify"
_SECONDS: Final = 10.0
_ATTEMPTS: Final = 3


class Webhook:
    """A webhook that takes `{"text": ...}`, as Slack's do, and many others.

    Its address is as good as a password: it is masked in every log.

    Args:
        url: `https://`, or `http://` for loopback.

    Raises:
        ConfigurationError: It is no such URL.
    """

    def __init__(self, url: str) -> None:
        register_secret(url)
        self._url = checked_url(url, _OPTION)
        register_secret(self._url.path)

    def tell(self, text: str) -> None:
        """Send a message; a load never fails because nobody could be told."""
        proxy = environment_proxy(self._url)
        try:
            for attempt in stamina.retry_context(on=httpx.HTTPError, attempts=_ATTEMPTS, timeout=None):
                with attempt, httpx.Client(proxy=proxy, trust_env=False, timeout=_SECONDS) as client:
                    client.post(self._url, json={"text": mask(text)}).raise_for_status()
        except httpx.HTTPError as error:
            logger.warning("nobody was told through --notify: %s", error)


def loading(
    webhook: Webhook, load: Callable[[Source, Request, Path], Report], source: Source, request: Request, project: Path
) -> Report:
    """Load, and tell what the operator should hear of.

    Args:
        webhook: Where it is told.
        load: The load.
        source: What it loads.
        request: What it is asked to do.
        project: The project folder.

    Raises:
        OutreachError: What the load raises; it is told too.
    """
    try:
        report = load(source, request, project)
    except OutreachError as error:
        webhook.tell(notices.of_error(source.name, error, error.exit_code))
        raise
    if told := notices.notices(report, _last_good(source, request, project)):
        webhook.tell(notices.as_text(report, told))
    return report


def _last_good(source: Source, request: Request, project: Path) -> LastGood:
    """What the warehouse remembers of earlier loads; nothing where it cannot be asked."""
    query = (
        "SELECT account, table_name, max(started_at) FROM sync_runs WHERE outcome = 'ok' GROUP BY account, table_name"
    )
    try:
        with looking(
            source, project, destination=request.destination, dataset=request.dataset_of(source)
        ) as pipeline:
            if pipeline is None or SYNC_RUNS.name not in warehouse.tables_there(pipeline):
                return {}
            found = warehouse.read(pipeline, query)
            return {(account, table): when.astimezone(UTC) for account, table, when in found}
    except OutreachError as error:
        logger.warning("when things last went well is not known: %s", error)
        return {}
