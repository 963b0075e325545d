"""Ids and hashes of the sandbox: hex text that depends on what it stands for alone."""

import hashlib


def digest(*parts: object, length: int = 32) -> str:
    """Hex text that depends on `parts` alone: the ids and hashes of the sandbox.

    Args:
        parts: What the text stands for.
        length: Hex characters, at most 128.
    """
    text = "/".join(map(str, parts)).encode()
    if length <= 32:  # md5 is much quicker, and a page of events needs 20,000 of these
        return hashlib.md5(text, usedforsecurity=False).hexdigest()[:length]
    return hashlib.sha512(text).hexdigest()[:length]


def prospect_id(number: int, salt: str = "") -> str:
    """The long hex id of a person: 74 or 77 characters, as the documents show."""
    return digest("prospect", number, salt, length=77 if number % 3 else 74)


def source_id(serial: int, salt: str = "") -> str:
    """The `id` of an event row."""
    return digest("row", serial, salt)


def source_hash(serial: int, salt: str = "") -> str:
    """The `hash` of an event row."""
    return digest("hash", serial, salt)
