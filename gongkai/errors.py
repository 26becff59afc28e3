"""The project's errors: one small tree. Each message names the place (file, portal, URL) and the cause, on one line."""

from __future__ import annotations

from gongkai.status import ReadingStatus


class GongkaiError(Exception):
    """Base of every error a user is meant to read; the command line prints it on one line and exits with 2."""


class RegistryError(GongkaiError):
    """A registry or data file is wrong. Raised by `registry` and `vocabulary` before anything runs; names file and line."""

    def __init__(self, file: str, line: int | None, cause: str) -> None:
        super().__init__(f"{file}:{line}: {cause}" if line else f"{file}: {cause}")


class UnreadableInput(GongkaiError):
    """Bytes that hold no document we can read (empty, foreign type, broken). Raised by `transforms`; says why.

    `status` is the word that stands for the cause in data.
    """

    def __init__(self, cause: str, status: ReadingStatus = ReadingStatus.UNREADABLE) -> None:
        self.status = status
        super().__init__(cause)


class PortalError(GongkaiError):
    """Something about one portal's run; raised by crawlers and stages. Never ends another portal's run."""

    def __init__(self, portal_id: str, url: str | None, cause: str) -> None:
        self.portal_id, self.url, self.cause = portal_id, url, cause
        super().__init__(f"{portal_id}: {url}: {cause}" if url else f"{portal_id}: {cause}")


class WarehouseError(GongkaiError):
    """The warehouse file is locked, unreadable or of another shape, or its marts failed their tests. Raised by `warehouse`."""


class WarehouseUnsound(GongkaiError):
    """The warehouse failed its audit and must not be published. Names the rules. Raised by `expectations`."""


class DiskFull(GongkaiError):
    """No room is left where we write. Names the file; nothing that was committed is touched, and a rerun goes on from there."""


class StoreError(GongkaiError):
    """The shared store does not answer, refuses, or holds what does not belong there. Raised by `stages`; another try may help."""


class MartsUnsound(WarehouseError):
    """A test of the marts found rows that must not be: the data or a model is wrong, and another try finds the same."""


class StageFailed(GongkaiError):
    """A stage ended for a portal in a status that a person must see. Raised by the callers in `dags` to turn a task red."""
