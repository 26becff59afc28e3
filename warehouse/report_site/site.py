"""Files of the site, written only where what they are made of changed.

A unit is the files that are made of the same inputs. The book of the last build holds each unit's digest and the sizes of its files; a unit
whose digest stands there, and whose files are there in that size, is left alone. The digest covers this package, too: other words or
templates make other pages. Each file appears whole. What no unit of this build names is removed at the end, so a build that was killed
anywhere is finished by the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gongkai.layout import write_text_atomic
from gongkai.words import counted

OWNED = ("assets", "place", "document", "feed", "data")
"""Folders below the site that are ours alone; `morning` and `portal` beside them belong to the page of the morning."""
_BOOK = ".report-site.json"
Files = Iterable[tuple[str, str]]
"""Paths below the site, each with its text."""


@dataclass
class Built:
    """What a build did."""

    written: int = 0
    kept: int = 0
    removed: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of every file, written or kept."""

    @property
    def largest(self) -> tuple[str, int]:
        """The heaviest page with its bytes."""
        pages = {path: size for path, size in self.sizes.items() if path.endswith(".html")}
        return max(pages.items(), key=lambda item: item[1], default=("", 0))

    @property
    def words(self) -> str:
        return f"{counted(len(self.sizes), 'file')}: {self.written} written, {self.kept} unchanged, {self.removed} removed"


class Site:
    """One build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.built = Built()
        self._old = _read(folder / _BOOK)
        self._new: dict[str, dict[str, Any]] = {}

    def stands(self, key: str, inputs: object) -> bool:
        """Whether the unit is as these inputs would make it; then it counts as part of this build."""
        known = self._old.get(key)
        if known is None or known["inputs"] != _digest(inputs) or not all(self._lies(p, size) for p, size in known["files"].items()):
            return False
        self._new[key] = known
        self.built.kept += len(known["files"])
        self.built.sizes |= known["files"]
        return True

    def write(self, key: str, inputs: object, files: Files) -> None:
        """Write a unit."""
        sizes = {}
        for path, text in files:
            write_text_atomic(self.folder / path, text, durable=False)  # a torn one has another size, and is written again
            sizes[path] = len(text.encode())
        self._new[key] = {"inputs": _digest(inputs), "files": sizes}
        self.built.written += len(sizes)
        self.built.sizes |= sizes

    def unit(self, key: str, inputs: object, make: Callable[[], Files]) -> None:
        """Write a unit unless it stands."""
        if not self.stands(key, inputs):
            self.write(key, inputs, make())

    def finish(self) -> Built:
        """Remove what this build did not name, and keep the book for the next."""
        for folder in (self.folder / name for name in OWNED):
            for path in sorted(folder.rglob("*"), reverse=True):  # files before their folders
                if path.is_file() and path.relative_to(self.folder).as_posix() not in self.built.sizes:
                    path.unlink()
                    self.built.removed += 1
                elif path.is_dir() and not any(path.iterdir()):
                    path.rmdir()
        write_text_atomic(self.folder / _BOOK, json.dumps(self._new, separators=(",", ":")))
        return self.built

    def _lies(self, path: str, size: int) -> bool:
        try:
            return (self.folder / path).stat().st_size == size
        except FileNotFoundError:
            return False


def _read(book: Path) -> dict[str, dict[str, Any]]:
    """The last build's book; a missing or foreign one means that everything is written."""
    try:
        read = json.loads(book.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _digest(inputs: object) -> str:
    return hashlib.sha256(f"{_own_digest()}{inputs!r}".encode()).hexdigest()[:24]


@cache
def _own_digest() -> str:
    """Of this package: code, templates, words."""
    whole = hashlib.sha256()
    for path in sorted(p for p in Path(__file__).parent.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
