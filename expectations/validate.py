"""Checks through Great Expectations: ephemeral context, no telemetry, no progress bars, nothing on disk.

Importing this module takes seconds (the library's own import); only an audit in progress does it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import great_expectations as gx
import numpy as np
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig

from expectations.suites.contract import Check, is_row_count
from expectations.verdict import SAMPLE
from gongkai.records.quality import AuditResult
from gongkai.status import Severity

_TEXT = 200  # longest observed value or key that is kept: keys quote strangers' pages


class Auditor:
    """One ephemeral context, used for all checks of an audit task."""

    def __init__(self) -> None:
        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(False)
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._frames = context.data_sources.add_pandas("silver").add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")

    def run(self, portal_id: str, run_id: str, checks: Iterable[Check]) -> list[AuditResult]:
        """Results of all expectations; on an empty frame only the row counts are asked, because the others would pass."""
        out: list[AuditResult] = []
        for check in checks:
            for result in self._validate(check):
                out.append(_result(portal_id, run_id, len(out), check.suite, result))
        return out

    def _validate(self, check: Check) -> list[ExpectationValidationResult]:
        asked = [e for e in check.expectations if is_row_count(e) or not check.frame.empty]
        suite = gx.ExpectationSuite(name=check.suite, expectations=asked)
        form = {"result_format": "SUMMARY", "partial_unexpected_count": SAMPLE, "unexpected_index_column_names": list(check.key)}
        batch = self._frames.get_batch({"dataframe": check.frame.reset_index(drop=True)})
        results = list(batch.validate(suite, result_format=form).results)
        if len(results) != len(asked):
            raise RuntimeError(f"suite {check.suite}: {len(asked)} expectations gave {len(results)} results")
        return results


def _result(portal_id: str, run_id: str, seq: int, suite: str, result: ExpectationValidationResult) -> AuditResult:
    asked = result.expectation_config
    if asked is None:
        raise RuntimeError(f"suite {suite}: a result without its expectation")
    kwargs = {k: v for k, v in asked.kwargs.items() if k != "batch_id"}
    columns = [kwargs.pop(name) for name in ("column", "column_A", "column_B", "column_list") if name in kwargs]
    broken = _exception(result.exception_info)
    return AuditResult(
        portal_id=portal_id,
        run_id=run_id,
        seq=seq,
        suite=suite,
        expectation=asked.type,
        meaning=asked.description or asked.type,
        column=", ".join(str(c) for c in np.ravel(columns)) or None,
        # A rule that could not even be computed says nothing good about the batch, whatever its own severity.
        severity=Severity.CRITICAL.value if broken else asked.severity.value,
        success=bool(result.success),
        observed=broken or _observed(result.result),
        expected=_short(kwargs),
        failing=[_short(key) for key in _offenders(result.result)] if not result.success else [],
    )


def _observed(result: Mapping[str, Any]) -> str:
    if "element_count" in result:
        return f"{result['unexpected_count']} of {result['element_count']} rows offend"
    value = result.get("observed_value")
    return "" if value is None else _short(value)


def _offenders(result: Mapping[str, Any]) -> list[Any]:
    """Keys of offending rows; the derived yes-or-no column that failed says nothing beside the rule's meaning."""
    keys = result.get("partial_unexpected_index_list")
    if keys:
        return [{name: value for name, value in key.items() if not isinstance(value, bool | np.bool_)} for key in keys[:SAMPLE]]
    return list(result.get("partial_missing_list") or ())[:SAMPLE]


def _exception(info: Mapping[str, Any]) -> str | None:
    """The first exception of an expectation; the library nests one entry a metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [str(e["exception_message"]) for e in entries if e.get("raised_exception")]
    return f"could not be computed: {messages[0]}"[:_TEXT] if messages else None


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)
