"""Rows of Parquet files in the form in which warehouse/compare.py holds those of a table."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa


def rows_of(table: pa.Table) -> Counter[tuple[Any, ...]]:
    """Each distinct row with its number of occurrences."""
    return Counter(tuple(tuple(v) if isinstance(v, list) else v for v in row.values()) for row in table.to_pylist())
