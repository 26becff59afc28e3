"""The Great Expectations types our suites use, one short constructor each: severity, meaning, then what is asked.

A rule is asked of the rows of many batches at once (validate.py) and decided for each batch by itself, by the share of its rows that
must hold. Where batches differ in how grave a breach is, `severity` holds one for each batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import ExpectColumnPairValuesAToBeGreaterThanB
from great_expectations.expectations.core.expect_column_pair_values_to_be_equal import ExpectColumnPairValuesToBeEqual
from great_expectations.expectations.core.expect_column_value_lengths_to_be_between import ExpectColumnValueLengthsToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_null import ExpectColumnValuesToBeNull
from great_expectations.expectations.core.expect_column_values_to_match_regex import ExpectColumnValuesToMatchRegex
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import ExpectCompoundColumnsToBeUnique
from great_expectations.expectations.expectation import Expectation

from expectations.chunk import BATCH
from expectations.custom import ExpectValueToBeWithinOwnBounds
from gongkai.status import Severity

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
_UNTOLD = {"or_equal", "ignore_row_if", "column", "column_A", "column_B", "column_list"}

Grade = Severity | Sequence[Severity]


@dataclass(frozen=True)
class Rule:
    """One expectation (检查项) on the rows of a frame."""

    kind: type[Expectation]
    asked: Mapping[str, Any]
    columns: tuple[str, ...]
    """Those that must have a value for a row to be judged."""
    severity: Grade
    meaning: str
    share: float = 1.0
    """Of a batch's judged rows that must hold."""
    nulls_judged: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """Rules that ask the same of the same column differ in severity and share only: they are computed once."""
        return f"{self.kind.__name__}{json.dumps(dict(self.asked), sort_keys=True, default=str)}"

    @cached_property
    def named(self) -> str:
        """The library's name of the expectation, for example `expect_column_values_to_be_unique`."""
        return "".join("_" + c.lower() if c.isupper() else c for c in self.kind.__name__).removeprefix("_")

    @cached_property
    def expected(self) -> str:
        """What is asked, without the columns, as JSON."""
        asked = {name: value for name, value in self.asked.items() if name not in _UNTOLD and value is not None}
        return json.dumps(asked | ({"mostly": self.share} if self.share < 1 else {}), ensure_ascii=False, default=str)

    @cached_property
    def subject(self) -> str:
        """The columns it is about."""
        return ", ".join(c for c in self.asked.get("column_list", self.columns) if c != BATCH)

    def grade(self, batch: int) -> Severity:
        return self.severity if isinstance(self.severity, Severity) else self.severity[batch]


@dataclass(frozen=True)
class Count:
    """A rule on a whole batch: a number (of rows, mostly) within bounds that each batch has for itself. Asked of empty batches too."""

    severity: Grade
    meaning: str
    value: pd.Series
    least: pd.Series | float | None = None
    most: pd.Series | float | None = None
    column: str | None = field(default=None)

    def grade(self, batch: int) -> Severity:
        return self.severity if isinstance(self.severity, Severity) else self.severity[batch]


def rows_exactly(severity: Grade, meaning: str, rows: pd.Series, count: pd.Series | float) -> Count:
    return Count(severity, meaning, rows, count, count)


def rows_at_least(severity: Grade, meaning: str, rows: pd.Series, count: pd.Series | float) -> Count:
    return Count(severity, meaning, rows, count)


def rows_at_most(severity: Grade, meaning: str, rows: pd.Series, count: pd.Series | float) -> Count:
    return Count(severity, meaning, rows, None, count)


def unique(severity: Grade, meaning: str, *columns: str) -> Rule:
    """No two rows of one batch agree in these columns."""
    listed = [BATCH, *columns]
    return Rule(ExpectCompoundColumnsToBeUnique, {"column_list": listed}, tuple(columns), severity, meaning, nulls_judged=True)


def one_of(severity: Grade, meaning: str, column: str, values: Iterable[Any], share: float = 1) -> Rule:
    return Rule(ExpectColumnValuesToBeInSet, {"column": column, "value_set": list(values)}, (column,), severity, meaning, share)


def holds(severity: Grade, meaning: str, column: str, share: float = 1) -> Rule:
    """The column is true; a null is not judged."""
    return one_of(severity, meaning, column, [True], share)


def equal(severity: Grade, meaning: str, left: str, right: str) -> Rule:
    asked = {"column_A": left, "column_B": right, "ignore_row_if": "either_value_is_missing"}
    return Rule(ExpectColumnPairValuesToBeEqual, asked, (left, right), severity, meaning)


def not_after(severity: Grade, meaning: str, earlier: str, later: str, share: float = 1) -> Rule:
    """`earlier` <= `later` (days or numbers) where both are there."""
    asked = {"column_A": later, "column_B": earlier, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    return Rule(ExpectColumnPairValuesAToBeGreaterThanB, asked, (later, earlier), severity, meaning, share)


def present(severity: Grade, meaning: str, column: str, share: float = 1) -> Rule:
    return Rule(ExpectColumnValuesToNotBeNull, {"column": column}, (column,), severity, meaning, share, nulls_judged=True)


def absent(severity: Grade, meaning: str, column: str) -> Rule:
    """The column is empty: where it is not, its value says what is wrong."""
    return Rule(ExpectColumnValuesToBeNull, {"column": column}, (column,), severity, meaning, nulls_judged=True)


def between(severity: Grade, meaning: str, column: str, low: Any = None, high: Any = None, share: float = 1) -> Rule:
    asked = {"column": column, "min_value": low, "max_value": high}
    return Rule(ExpectColumnValuesToBeBetween, asked, (column,), severity, meaning, share)


def within(severity: Grade, meaning: str, column: str, least: str, most: str, share: float = 1) -> Rule:
    """The column lies between two other columns of its row; a null bound does not bind."""
    return Rule(ExpectValueToBeWithinOwnBounds, {"column_list": [column, least, most]}, (column,), severity, meaning, share)


def matches(severity: Grade, meaning: str, column: str, regex: str, share: float = 1) -> Rule:
    return Rule(ExpectColumnValuesToMatchRegex, {"column": column, "regex": regex}, (column,), severity, meaning, share)


def longer_than(severity: Grade, meaning: str, column: str, least: int) -> Rule:
    return Rule(ExpectColumnValueLengthsToBeBetween, {"column": column, "min_value": least}, (column,), severity, meaning)
