"""The schedule files, read as their schedulers read them."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # ships no types

import pipelines.schedules

FOLDER = Path(pipelines.schedules.__file__).parent
CHECKOUT = FOLDER.parent.parent
INSTALLED = "/srv/outreach-elt"
"""Where the files expect the checkout."""


@dataclass(frozen=True)
class CronLine:
    """A line of a crontab: when, and what."""

    when: str
    command: str


def cron_line() -> CronLine:
    """The one line of the crontab that runs something."""
    lines = (FOLDER / "crontab").read_text().splitlines()
    (line,) = [line for line in lines if re.match(r"[\d*]", line)]
    *when, command = line.split(maxsplit=5)
    return CronLine(" ".join(when), command)


def unit(name: str, instance: str, state: Path) -> dict[str, list[str]]:
    """The settings of a systemd unit, with its specifiers filled in; what else lies in `/var` lies in `state`."""
    text = (FOLDER / "systemd" / name).read_text()
    for specifier, value in (("%i", instance), ("%S", f"{state}/lib"), ("%C", f"{state}/cache")):
        text = text.replace(specifier, value)
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def environment_of(service: Mapping[str, list[str]]) -> dict[str, str]:
    """What a unit sets in its command's environment."""
    return dict(setting.split("=", 1) for line in service["Environment"] for setting in shlex.split(line))


def workflow() -> dict[str, Any]:
    """The workflow of GitHub Actions. YAML 1.1 takes the key `on` for true."""
    found: dict[Any, Any] = yaml.safe_load((FOLDER / "github-actions.yml").read_text())
    return {"on" if key is True else key: value for key, value in found.items()}


def scripts() -> dict[str, str]:
    """The scripts of the workflow's steps, by name, in order."""
    return {step["name"]: step["run"] for step in workflow()["jobs"]["load"]["steps"] if "run" in step}
