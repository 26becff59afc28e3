"""The Great Expectations types our suites use, one short constructor each: severity, meaning, then what is asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from great_expectations.expectations.core.expect_column_distinct_values_to_contain_set import ExpectColumnDistinctValuesToContainSet
from great_expectations.expectations.core.expect_column_pair_values_to_be_equal import ExpectColumnPairValuesToBeEqual
from great_expectations.expectations.core.expect_column_value_lengths_to_be_between import ExpectColumnValueLengthsToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_unique import ExpectColumnValuesToBeUnique
from great_expectations.expectations.core.expect_column_values_to_match_regex import ExpectColumnValuesToMatchRegex
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import ExpectCompoundColumnsToBeUnique
from great_expectations.expectations.core.expect_table_row_count_to_be_between import ExpectTableRowCountToBeBetween
from great_expectations.expectations.core.expect_table_row_count_to_equal import ExpectTableRowCountToEqual
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from gongkai.status import Severity

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


def _make(kind: type[Expectation], severity: Severity, meaning: str, **asked: Any) -> Expectation:
    return kind(severity=FailureSeverity(severity.value), description=meaning, **asked)


def rows_exactly(severity: Severity, meaning: str, count: int) -> Expectation:
    return _make(ExpectTableRowCountToEqual, severity, meaning, value=count)


def rows_at_least(severity: Severity, meaning: str, count: int) -> Expectation:
    return _make(ExpectTableRowCountToBeBetween, severity, meaning, min_value=count)


def unique(severity: Severity, meaning: str, *columns: str) -> Expectation:
    if len(columns) == 1:
        return _make(ExpectColumnValuesToBeUnique, severity, meaning, column=columns[0])
    return _make(ExpectCompoundColumnsToBeUnique, severity, meaning, column_list=list(columns))


def one_of(severity: Severity, meaning: str, column: str, values: Iterable[Any], mostly: float = 1) -> Expectation:
    return _make(ExpectColumnValuesToBeInSet, severity, meaning, column=column, value_set=list(values), mostly=mostly)


def holds(severity: Severity, meaning: str, column: str, mostly: float = 1) -> Expectation:
    """The column is true; a null is not judged."""
    return one_of(severity, meaning, column, [True], mostly)


def covers(severity: Severity, meaning: str, column: str, values: Iterable[Any]) -> Expectation:
    """Each of `values` is in the column."""
    return _make(ExpectColumnDistinctValuesToContainSet, severity, meaning, column=column, value_set=list(values))


def equal(severity: Severity, meaning: str, left: str, right: str) -> Expectation:
    return _make(ExpectColumnPairValuesToBeEqual, severity, meaning, column_A=left, column_B=right)


def present(severity: Severity, meaning: str, column: str, mostly: float = 1) -> Expectation:
    return _make(ExpectColumnValuesToNotBeNull, severity, meaning, column=column, mostly=mostly)


def between(severity: Severity, meaning: str, column: str, low: Any = None, high: Any = None, mostly: float = 1) -> Expectation:
    return _make(ExpectColumnValuesToBeBetween, severity, meaning, column=column, min_value=low, max_value=high, mostly=mostly)


def matches(severity: Severity, meaning: str, column: str, regex: str) -> Expectation:
    return _make(ExpectColumnValuesToMatchRegex, severity, meaning, column=column, regex=regex)


def longer_than(severity: Severity, meaning: str, column: str, least: int) -> Expectation:
    return _make(ExpectColumnValueLengthsToBeBetween, severity, meaning, column=column, min_value=least)
