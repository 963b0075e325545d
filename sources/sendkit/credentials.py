"""Takes what looks like a credential out of an answer before anything else sees it. Pure."""

from typing import Any, Final

from sources.values import MOST_NESTING

_CREDENTIALS: Final = ("secret", "password", "passwd", "token", "credential", "apikey", "privatekey")
_WEBHOOK: Final = "webhook"
_ADDRESSES: Final = frozenset({"url", "uri", "endpoint", "address"})
_TOO_DEEP: Final = "nested too deeply"


def without_credentials(value: Any, *, webhook: bool = False, depth: int = 0) -> Any:
    """Copies an answer without keys that name a secret, a password or a token, and without webhook addresses.

    Campaign settings may hold a webhook's secret (documented for the call that creates one).

    Args:
        value: The answer, or a part of it.
        webhook: Whether the part describes a webhook, whose address is a secret too.
        depth: How many levels up the answer begins; what is nested too deeply gives way to a text.
    """
    if depth > MOST_NESTING:
        return _TOO_DEEP
    if isinstance(value, dict):
        return {
            key: without_credentials(below, webhook=webhook or _is_webhook(key), depth=depth + 1)
            for key, below in value.items()
            if not _is_secret(key, below, webhook=webhook)
        }
    if isinstance(value, list):
        return [without_credentials(element, webhook=webhook, depth=depth + 1) for element in value]
    return value


def _is_secret(key: str, value: Any, *, webhook: bool) -> bool:
    plain = _plain(key)
    is_address = plain in _ADDRESSES if webhook else _is_webhook(key)
    return any(word in plain for word in _CREDENTIALS) or (is_address and isinstance(value, str))


def _is_webhook(key: str) -> bool:
    return _WEBHOOK in _plain(key)


def _plain(key: str) -> str:
    return key.lower().replace("_", "").replace("-", "")
