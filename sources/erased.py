"""The people who were erased: known by keyed hashes alone, so that the next load does not bring them back.

The hashes lie in a table of the dataset, the key in the settings: without both nobody can tell who was erased.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import dlt

from sources.errors import ConfigurationError
from sources.stored_tables import select, stored_tables

ERASED_PEOPLE: Final = "erased_people"
"""The table of hashes: `person_hash`, `key_check`, `erased_at`."""
PSEUDONYM: Final = "erased-"
"""An address of an erased person begins so."""
SHORTEST_KEY: Final = 32

_DIGITS: Final = 16
_SEEN: Final = 65_536
_SCHEME: Final = re.compile(r"^https?://(?:www\.)?|^www\.")
_NAMES_IN_TEXT: Final = re.compile(
    r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|(?:https?://|www\.)[^\s\"'<>\\,;()\[\]{}|]+", re.IGNORECASE
)
"""The addresses of people and pages in a text."""


def check_key(setting: str, key: str | None) -> str | None:
    """Refuse a key that is too short to be one.

    Raises:
        ConfigurationError: It is.
    """
    if key is not None and len(key) < SHORTEST_KEY:
        raise ConfigurationError(
            setting, f"has {len(key)} characters, and must have {SHORTEST_KEY} or more. {HOW_TO_MAKE_A_KEY}"
        )
    return key


HOW_TO_MAKE_A_KEY: Final = (
    "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))' and keep it as long as the warehouse."
)


def normal(value: str) -> str:
    """An address of a person or a page, an id or a pseudonym, however it is written."""
    text = value.strip().lower()
    bare = _SCHEME.sub("", text)
    return text if bare == text else re.split(r"[?#]", bare)[0].rstrip("/")


class ErasedPeople:
    """Tells whether something names an erased person.

    Args:
        key: What the hashes are made with.
        hashes: Those of all addresses, ids and pages of erased people.
    """

    def __init__(self, key: str = "", hashes: Iterable[str] = ()) -> None:
        self._key = key.encode()
        self._hashes = set(hashes)
        self._is_known = lru_cache(_SEEN)(lambda value: self.hash_of(value) in self._hashes)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    @property
    def hashes(self) -> frozenset[str]:
        """What is known of all of them."""
        return frozenset(self._hashes)

    @property
    def key_check(self) -> str:
        """Tells one key from another."""
        return self._keyed("key", "")[:_DIGITS]

    def hash_of(self, value: str) -> str:
        """The keyed hash of an address, an id or a page, however it is written."""
        return self._keyed("person", normal(value))

    def add(self, value: str) -> None:
        """Take an address, an id or a page for one of an erased person."""
        self._hashes.add(self.hash_of(value))
        self._is_known.cache_clear()

    def names(self, value: Any) -> bool:
        """Whether a value is an address, an id or a page of an erased person."""
        return bool(self._hashes and isinstance(value, str) and value) and self._is_known(value)

    def mentions(self, text: Any) -> bool:
        """Whether the address of an erased person or of their page stands in a text."""
        return isinstance(text, str) and any(map(self.names, names_in(text)))

    def pseudonym(self, value: str | None) -> str | None:
        """What stands for an address: the same for the same one, so that rows can still be counted and joined."""
        if not value or value.startswith(PSEUDONYM):
            return value
        return PSEUDONYM + self._keyed("pseudonym", value)[:_DIGITS]

    def _keyed(self, purpose: str, value: str) -> str:
        return hmac.digest(self._key, f"{purpose}\0{value}".encode(errors="surrogatepass"), "sha256").hex()


def names_in(text: str) -> list[str]:
    """The addresses of people and pages that stand in a text."""
    return [found.rstrip(".") for found in _NAMES_IN_TEXT.findall(text)]


def find(pipeline: dlt.Pipeline, setting: str, key: str | None) -> ErasedPeople:
    """Look up who was erased from the pipeline's dataset.

    Args:
        pipeline: The pipeline that is about to load.
        setting: Where the key is configured.
        key: The key, if there is one.

    Raises:
        ConfigurationError: Somebody was, and the key is missing or is another one.
    """
    with pipeline.sql_client() as client:
        if ERASED_PEOPLE not in stored_tables(client):
            return ErasedPeople()
        rows = select(client, f"SELECT DISTINCT person_hash, key_check FROM {ERASED_PEOPLE}")  # noqa: S608  # our own
    if not rows:
        return ErasedPeople()
    if key is None:
        raise ConfigurationError(
            setting, "is missing: people were erased from the warehouse, and without the key they would come back."
        )
    found = ErasedPeople(key, (person for person, _ in rows))
    if {check for _, check in rows} != {found.key_check}:
        raise ConfigurationError(
            setting, "is not the key with which people were erased from the warehouse: they would come back."
        )
    return found
