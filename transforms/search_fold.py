"""What search takes for the same character: simplified and traditional, half and full width, small and capital letters, all blanks.

One character in, one character out, whatever stands beside it: so a piece of a text folds to a piece of the folded text, and an offset
in one is an offset in the other. `transforms/script.py` also changes Taiwan's words in a traditional text (資訊 → 信息): that depends on
the whole text, and would hide 資訊 from who searches 資訊.
"""

from __future__ import annotations

from functools import lru_cache

from transforms.script import fold

_BLOCKS = ((0x2E80, 0x2FE0), (0x3400, 0xA000), (0xF900, 0xFB00), (0xFF01, 0xFF5F))
"""Radicals, ideographs, compatibility ideographs, full-width forms: where `fold` changes something, apart from blanks."""
_BLANKS = "\t\n\r\u2002\u2003\u2009\u3000\xa0"


@lru_cache(maxsize=1)
def folded_characters() -> dict[str, str]:
    """Every character that search reads as another one, with that one."""
    known = [chr(code) for first, end in _BLOCKS for code in range(first, end)]
    fold("".join(known))  # learns all at once
    pairs = {c: _small(fold(fold(c)[0])[0]) for c in known}  # twice: a radical may stand for a traditional one
    pairs |= dict.fromkeys(_BLANKS, " ")
    pairs |= {c: c.lower() for c in map(chr, range(ord("A"), ord("Z") + 1))}
    return {c: to for c, to in sorted(pairs.items()) if c != to}


def search_fold(text: str) -> str:
    """The text as search compares it, of the same length."""
    return text.translate(_table())


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """All of the basic plane: translate() raises and catches an error for each character that is missing."""
    return {code: chr(code) for code in range(0x10000)} | {ord(c): to for c, to in folded_characters().items()}


def _small(char: str) -> str:
    return char.lower() if char.isascii() else char
