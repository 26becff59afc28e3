"""The store: files that several machines share, at an address of fsspec. It knows keys and bytes; what they mean is `shared.py`'s.

S3 shows an object whole or not at all. Retries are the driver's own, bounded here; what is left of an error names store and key.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem

from crawlers.manifest import sha256_of
from gongkai.errors import StoreError
from gongkai.layout import open_atomic

_AT_ONCE = 8
_S3: dict[str, Any] = {
    "use_listings_cache": False,  # others write there
    "skip_instance_cache": True,
    "config_kwargs": {"retries": {"mode": "standard", "max_attempts": 3}, "connect_timeout": 10, "read_timeout": 60},
}
_OPTIONS: dict[str, dict[str, Any]] = {"s3": _S3, "file": {"auto_mkdir": True}}


class Store:
    """A folder of an object store, or of another file system that fsspec reaches."""

    def __init__(self, url: str) -> None:
        """Nothing is asked yet.

        Raises:
            StoreError: no address of a file system that is installed here, or one that holds a password.
        """
        parts = urlsplit(url)
        if not parts.scheme or parts.username or parts.password:
            raise StoreError("GONGKAI_STORE is no address like s3://bucket/prefix (credentials do not belong in it: docs/cluster.md)")
        self.place = url.rstrip("/")
        try:
            self._fs, root = fsspec.core.url_to_fs(url, **_OPTIONS.get(parts.scheme, {}))
        except (ImportError, ValueError) as error:
            raise StoreError(f"GONGKAI_STORE={url}: {_one_line(error)} (s3:// comes with the extra `cluster`)") from error
        self._root = root.rstrip("/")

    def names(self, folder: str) -> dict[str, str]:
        """Name → version of what lies directly in a folder; a version changes whenever the object is written. Empty where nothing is."""
        with self._told(folder):
            try:
                found = self._fs.ls(self._key(folder), detail=True)
            except FileNotFoundError:
                return {}
        return {entry["name"].rstrip("/").rsplit("/", 1)[-1]: _version(entry) for entry in found if entry["name"] != self._key(folder)}

    def read(self, key: str) -> bytes:
        with self._told(key):
            return bytes(self._fs.cat_file(self._key(key)))

    def write(self, key: str, content: bytes) -> str:
        """Put a small object in one step; its version."""
        with self._told(key):
            if isinstance(self._fs, LocalFileSystem):  # an object store shows nothing of an object that is not whole
                with open_atomic(Path(self._key(key))) as temporary:
                    temporary.write_bytes(content)
            else:
                self._fs.pipe_file(self._key(key), content)
            return _version(self._fs.info(self._key(key)))

    def send(self, files: Iterable[tuple[Path, str]]) -> None:
        """Copy local files to their keys, several at once."""

        def one(pair: tuple[Path, str]) -> None:
            with self._told(pair[1]):
                self._fs.put_file(str(pair[0]), self._key(pair[1]))

        _all(one, files)

    def fetch(self, files: Iterable[tuple[str, str, Path]], moment: datetime) -> list[str]:
        """Copy objects (key, sha256, target) here, several at once, each in one step and only if it is what its sha256 says.

        The files count as old as `moment`. Returns the keys of those that are missing there or something else.
        """
        wrong: list[str] = []

        def one(wanted: tuple[str, str, Path]) -> None:
            key, sha256, target = wanted
            with self._told(key), open_atomic(target) as temporary:
                try:
                    self._fs.get_file(self._key(key), str(temporary))
                except FileNotFoundError:
                    wrong.append(key)
                    raise _NotTaken from None
                if sha256_of(temporary) != sha256:
                    wrong.append(key)
                    raise _NotTaken
                os.utime(temporary, (moment.timestamp(), moment.timestamp()))

        _all(one, files)
        return sorted(wrong)

    def _key(self, key: str) -> str:
        return f"{self._root}/{key}"

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """An error of the driver as one of ours; each driver has a tree of its own."""
        try:
            yield
        except _NotTaken:
            return
        except FileNotFoundError as error:
            raise StoreError(f"{self.place}/{key}: is not there") from error
        except Exception as error:  # OSError, botocore's, aiohttp's, …: none is swallowed, each is told with its place
            raise StoreError(f"{self.place}/{key}: {_one_line(error)}") from error


class _NotTaken(Exception):
    """Leaves `open_atomic` without the file."""


def _all(one: Callable[[Any], None], items: Iterable[Any]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(one, item) for item in items]:
            done.result()


def _version(entry: dict[str, Any]) -> str:
    """What changes with the content: S3's ETag, else size and time."""
    return str(entry.get("ETag") or f"{entry.get('size')} {entry.get('mtime') or entry.get('created')} {entry.get('ino', '')}")


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
