"""What work costs, so that neither a busy machine nor a full heap decides a test: the least CPU time of a few runs, uncollected."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

_RUNS = 5


def cpu_seconds(work: Callable[[], object], *, enough: float = 0.0) -> float:
    """The least CPU time of five runs of `work`; one that took `enough` or less is the last. A run must keep nothing for the next."""
    least = float("inf")
    collecting = gc.isenabled()
    gc.disable()  # a collection over all that a test process holds takes a second, and falls where it likes
    try:
        for _ in range(_RUNS):
            gc.collect()
            begun = time.process_time()
            work()
            least = min(least, time.process_time() - begun)
            if least <= enough:
                break
    finally:
        if collecting:
            gc.enable()
    return least


def assert_quick(work: Callable[[], object], seconds: float) -> None:
    """That `work` takes at most so many seconds of CPU."""
    assert cpu_seconds(work, enough=seconds) <= seconds


def assert_grows(work: Callable[[int], object], small: int, large: int, *, at_most: float) -> None:
    """That the work on `large` costs at most so many times that on `small`, and half a second for what does not grow."""
    allowed = at_most * cpu_seconds(lambda: work(small)) + 0.5
    assert cpu_seconds(lambda: work(large), enough=allowed) <= allowed
