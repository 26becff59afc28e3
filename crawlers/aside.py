"""A page's reading as the lanes see it: large pages beside them (one takes seconds), a mistake of ours as that page's trouble alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from gongkai.errors import GongkaiError, UnreadableInput

logger = logging.getLogger(__name__)

_T = TypeVar("_T")
LARGE = 500_000
"""Characters; a smaller page takes less than a quarter of a second."""


async def read_aside(text: str, read: Callable[[], _T]) -> _T:
    """What `read` makes of `text`; in a thread where the text is large. The thread shares the processor, the lanes keep turning.

    Raises what `read` raises. A mistake of ours on one page becomes that page's UnreadableInput, with its traceback in the log: the
    portal's other pages are read, and its status and reasons say what happened.
    """
    try:
        return await asyncio.to_thread(read) if len(text) > LARGE else read()
    except (GongkaiError, MemoryError, OSError):
        raise
    except Exception as error:
        logger.exception("a reader failed")
        raise UnreadableInput(f"our reader failed on it: {type(error).__name__}: {error}"[:300]) from error
