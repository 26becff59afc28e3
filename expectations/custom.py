"""The one expectation that Great Expectations does not have and we need: each row is judged by bounds of its own.

A constant bound (`expect_column_values_to_be_between`) cannot say "as many rows as this portal's ledger counted" or "not fewer than
at this section's last walk" for many portals in one frame. Here the bounds stand in columns beside the value.
Tested with data that breaks it in tests/expectations/test_validate.py.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import multicolumn_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import MulticolumnMapMetricProvider


class WithinOwnBounds(MulticolumnMapMetricProvider):
    """Row condition: least <= value <= most. A bound that is null does not bind; a value that is null is not judged."""

    condition_metric_name = "multicolumn_values.within_own_bounds"
    condition_domain_keys = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")
    condition_value_keys = ()

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, **kwargs: Any) -> pd.Series:  # the library makes it a class method
        value, least, most = (column_list.iloc[:, place] for place in range(3))
        return value.isna() | ((least.isna() | (value >= least)) & (most.isna() | (value <= most)))


class ExpectValueToBeWithinOwnBounds(MulticolumnMapExpectation):
    """The first of three columns lies between the second (least) and the third (most), each row by itself; both ends belong to it."""

    map_metric: ClassVar[str] = "multicolumn_values.within_own_bounds"
    args_keys = ("column_list",)
