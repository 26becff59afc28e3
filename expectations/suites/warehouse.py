"""The whole warehouse before it is published: keys, references between tables, and nothing lost since the last snapshot."""

from __future__ import annotations

import pandas as pd

from expectations.chunk import BATCH
from expectations.suites.contract import Check
from expectations.suites.rules import CRITICAL, between, one_of, rows_exactly, unique
from gongkai.tables import TABLES


def check(measures: pd.DataFrame) -> Check:
    """`measures`: a row a table with `rows`, `doubled`, `keyless`, `orphans` and `lost`."""
    frame = measures.assign(**{BATCH: 0})
    return Check(
        "warehouse",
        frame,
        ("table", "detail"),
        (rows_exactly(CRITICAL, "every silver table is there", pd.Series([len(frame)]), len(TABLES)),),
        (
            unique(CRITICAL, "every table was measured once", "table"),
            one_of(CRITICAL, "no table was measured that is none", "table", TABLES),
            between(CRITICAL, "no two rows have the same key", "doubled", high=0),
            between(CRITICAL, "every row has its key", "keyless", high=0),
            between(CRITICAL, "every fact has its document, every document its notice", "orphans", high=0),
            between(CRITICAL, "no row was lost since the last snapshot, except with a batch that was replaced", "lost", high=0),
        ),
    )
