"""A list page, or the one that the other reading of an unconfirmed rule names (ListRequest.otherwise)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from crawlers.fetch import FetchFailed
from gongkai.errors import UnreadableInput
from transforms.pages.contract import ForeignSite, ListReading, ListRequest

_NOT_THERE = frozenset({400, 403, 404, 405, 410})


async def read_either(
    request: ListRequest, read: Callable[[ListRequest], Awaitable[ListReading]], adds: Callable[[ListReading], bool] = lambda reading: True
) -> ListReading:
    """The first of `request`, its `otherwise`, that one's and so on which is there, can be read, and adds something.

    Raises what the first one raised where none is; where the first could be read but added nothing, and no other does, it is the answer.
    """
    first: ListReading | FetchFailed | UnreadableInput | None = None
    asked: ListRequest | None = request
    while asked is not None:
        try:
            reading = await read(asked)
        except ForeignSite:
            raise
        except (FetchFailed, UnreadableInput) as error:
            first = first or error
            if isinstance(error, FetchFailed) and not _is_not_there(asked, error.status):
                break
        else:
            if adds(reading):
                return reading
            first = first or reading
        asked = asked.otherwise
    if isinstance(first, ListReading):
        return first
    raise first or ValueError("no request")


def _is_not_there(asked: ListRequest, status: int | None) -> bool:
    """A service that is given the form of another version fails with 500; a page that does is there."""
    return status in _NOT_THERE or (status == 500 and asked.body is not None)
