"""Large pages are read beside the lanes: one takes seconds, and a lane that cannot turn takes them for a portal's silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
LARGE = 500_000
"""Characters; a smaller page takes less than a quarter of a second."""


async def read_aside(text: str, read: Callable[[], _T]) -> _T:
    """What `read` makes of `text`; in a thread where the text is large. The thread shares the processor, the lanes keep turning."""
    return await asyncio.to_thread(read) if len(text) > LARGE else read()
