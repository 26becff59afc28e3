"""Words of sentences for people."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 batch`, `2 batches`: a count with its noun; `plural` where it is more than an s."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
