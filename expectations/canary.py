"""Data known to be bad, put to Great Expectations before any batch: a library that lets it pass, or blames other rows, judges nothing.

The tests try every expectation, too, but a library is upgraded on the machine that runs the nights, and there only this asks.
"""

from __future__ import annotations

import pandas as pd

from expectations.chunk import BATCH
from expectations.suites import rules
from expectations.suites.rules import CRITICAL, Rule

FRAME = pd.DataFrame(
    {
        BATCH: [0, 0, 0],
        "word": ["x", "", None],
        "yes": [True, False, None],
        "one": [1.0, 1.0, None],
        "two": [1.0, 2.0, 2.0],
        "nil": [0.0, 0.0, 0.0],
        "day": pd.to_datetime(pd.Series(["2024-01-01", "2024-01-02", None])),
        "eve": pd.to_datetime(pd.Series(["2024-01-01", "2024-01-01", "2024-01-01"])),
        "wrong": [None, "said", None],
    }
)
"""The first row is good, the second bad; a null in the third is bad only where nulls are judged."""

CANARIES: tuple[tuple[Rule, list[int]], ...] = (
    (rules.unique(CRITICAL, "canary", "two"), [1, 2]),
    (rules.one_of(CRITICAL, "canary", "word", ["x"]), [1]),
    (rules.holds(CRITICAL, "canary", "yes"), [1]),
    (rules.equal(CRITICAL, "canary", "one", "two"), [1]),
    (rules.not_after(CRITICAL, "canary", "day", "eve"), [1]),
    (rules.present(CRITICAL, "canary", "word"), [2]),
    (rules.absent(CRITICAL, "canary", "wrong"), [1]),
    (rules.between(CRITICAL, "canary", "two", 0, 1), [1, 2]),
    (rules.within(CRITICAL, "canary", "two", "nil", "one"), [1]),
    (rules.matches(CRITICAL, "canary", "word", "^x"), [1]),
    (rules.longer_than(CRITICAL, "canary", "word", 1), [1]),
    (rules.present(CRITICAL, "canary", "two"), []),
)
"""A rule of each kind with the rows that offend it, and one that nothing offends."""
