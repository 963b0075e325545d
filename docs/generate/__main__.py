"""Writes every page."""

from __future__ import annotations

from pathlib import Path

from docs.generate import pages

DOCS = Path(__file__).parent.parent

for path, text in pages().items():
    (DOCS / path).parent.mkdir(exist_ok=True)
    (DOCS / path).write_text(text, encoding="utf-8")
