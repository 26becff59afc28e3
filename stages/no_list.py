"""What a file is that was to be a list and holds no rows: one word for a person, more telling than the missing rows."""

from __future__ import annotations

_START = 5000
"""Characters by which a file is judged to be text."""


def instead_of_a_list(data: bytes, text: str, url: str) -> str | None:
    """Nothing, no text, a login, or a page that turns visitors away; None for anything else. `text` is what `data` was read as."""
    from datetime import UTC, datetime

    from crawlers.blocking import challenge_of
    from crawlers.warc import Exchange
    from transforms.pages.other_page import asks_for_password
    from transforms.pages.tree import Tree

    start = text[:_START]
    if not start.strip():
        return "an empty file"
    if sum(letter == "\ufffd" or (letter < " " and letter not in "\t\n\r\f") for letter in start) > len(start) / 20:
        return "no text: a binary file"
    refused = challenge_of(Exchange(url, 200, {}, data, datetime.now(UTC)))
    if refused:
        return refused.told
    return "a login page" if asks_for_password(Tree.of(text)) else None
