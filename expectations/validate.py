"""Checks through Great Expectations: ephemeral context, no telemetry, no progress bars, nothing on disk.

Importing this module takes seconds (the library's own import); only an audit in progress does it.

One call of the library costs milliseconds however few rows it looks at, so the rows of many batches are asked together, and its list of
unexpected rows is divided among the batches afterwards: each is judged by the share of its own rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import great_expectations as gx
import numpy as np
import numpy.typing as npt
import pandas as pd
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig

from expectations.canary import CANARIES, FRAME
from expectations.chunk import BATCH
from expectations.suites.contract import Check
from expectations.suites.rules import CRITICAL, Count, Rule, within
from expectations.verdict import SAMPLE, Answer, LibraryUnsound, Offender
from gongkai.records.quality import AuditResult
from gongkai.status import Severity

_TEXT = 400  # longest observed value or key that is kept: keys quote strangers' pages
_VALUE = 160  # longest single value in it


Rows = npt.NDArray[np.int64]
Source = Callable[[int, Mapping[str, Any]], tuple[str | None, str | None]]
"""Batch and row → the page's address, and where it is archived."""


_COUNTED = within(CRITICAL, "", "value", "least", "most").named


class Auditor:
    """One ephemeral context, used for all checks of an audit task.

    Raises LibraryUnsound where the library cannot be set up, or does not find known faults in known bad data.
    """

    def __init__(self) -> None:
        try:
            self._set_up()
            self._prove()
        except LibraryUnsound:
            raise
        except Exception as error:  # whatever another release raises on known data, it is no batch's fault
            raise LibraryUnsound(f"Great Expectations {gx.__version__} does not work as it did: {error!r}"[:_TEXT]) from error

    def _set_up(self) -> None:
        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(False)
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._frames = context.data_sources.add_pandas("silver").add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")

    def _prove(self) -> None:
        told = self._unexpected(FRAME, [rule for rule, _ in CANARIES])
        for rule, bad in CANARIES:
            found = told[rule.fingerprint]
            if isinstance(found, str) or found.tolist() != bad:
                said = found if isinstance(found, str) else f"rows {found.tolist()}"
                raise LibraryUnsound(f"Great Expectations {gx.__version__}: {rule.named} of rows {bad} that are bad: {said}")

    def judge(self, checks: Sequence[Check], batches: Sequence[tuple[str, str]], source: Source | None = None) -> list[list[Answer]]:
        """For each batch (portal id, run id) the answers to all counts, and to the rules on its rows where it has any."""
        answers: list[list[Answer]] = [[] for _ in batches]
        beyond = self._beyond(checks, len(batches))
        for check in checks:
            frame = check.frame.reset_index(drop=True)
            places = _places(frame, len(batches))
            unexpected = self._unexpected(frame, check.rules) if len(frame) else {}
            for number, key in enumerate(batches):
                told = answers[number]
                for count in check.counts:
                    told.append(_counted(count, beyond[id(count)], number, _Place(*key, len(told) + 1, check.suite)))
                for rule in check.rules if len(places[number]) else ():
                    verdict = unexpected[rule.fingerprint]
                    if isinstance(verdict, str) and len(places[number]) < len(frame):  # perhaps another batch's rows are to blame
                        verdict = self._alone(frame, places[number], rule)
                    hit = verdict if isinstance(verdict, str) else np.intersect1d(verdict, places[number], assume_unique=True)
                    told.append(_ruled(check, frame, rule, hit, places[number], number, _Place(*key, len(told) + 1, check.suite), source))
        return answers

    def run(self, portal_id: str, run_id: str, checks: Sequence[Check]) -> list[AuditResult]:
        """Results of checks on a single batch."""
        return [answer.result for answer in self.judge(checks, [(portal_id, run_id)])[0]]

    def _beyond(self, checks: Sequence[Check], batches: int) -> dict[int, npt.NDArray[np.bool_] | str]:
        """By count: the batches whose number lies beyond their bounds. All counts of all suites are the rows of one frame."""
        counts = [count for check in checks for count in check.counts]
        if not counts:
            return {}
        index = pd.RangeIndex(batches)
        columns = {name: [_spread(getattr(count, name), index) for count in counts] for name in ("value", "least", "most")}
        frame = pd.DataFrame({name: np.concatenate(parts) for name, parts in columns.items()})
        asked = within(CRITICAL, "counts are within their bounds", "value", "least", "most")
        unexpected = self._unexpected(frame, [asked])[asked.fingerprint]
        if isinstance(unexpected, str):
            return {id(count): unexpected for count in counts}
        wrong = np.zeros(len(frame), dtype=bool)
        wrong[unexpected] = True
        wrong |= frame["value"].isna().to_numpy()  # nothing counted is nothing checked
        return {id(count): wrong[i * batches : (i + 1) * batches] for i, count in enumerate(counts)}

    def _alone(self, frame: pd.DataFrame, place: Rows, rule: Rule) -> Rows | str:
        verdict = self._unexpected(frame.iloc[place].reset_index(drop=True), [rule])[rule.fingerprint]
        return verdict if isinstance(verdict, str) else place[verdict]

    def _unexpected(self, frame: pd.DataFrame, rules: Iterable[Rule]) -> dict[str, Rows | str]:
        """By rule: numbers of the rows that offend it, or why it could not be computed. Rows are named only where there are some."""
        asked = {rule.fingerprint: rule for rule in rules}
        first = self._ask(frame, asked, {"result_format": "BOOLEAN_ONLY"})
        broken = {name: asked[name] for name, result in first.items() if result.success is not True or _exception(result.exception_info)}
        form = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
        found: dict[str, Rows | str] = {name: np.empty(0, dtype=np.int64) for name in asked}
        for name, result in (self._ask(frame, broken, form) if broken else {}).items():
            cause = _exception(result.exception_info)
            found[name] = cause if cause is not None else _rows(name, result.result, len(frame))
        return found

    def _ask(self, frame: pd.DataFrame, rules: Mapping[str, Rule], form: dict[str, Any]) -> dict[str, ExpectationValidationResult]:
        names = list(rules)
        suite = gx.ExpectationSuite(name="suite", expectations=[r.kind(**r.asked, meta={"place": i}) for i, r in enumerate(rules.values())])
        batch = self._frames.get_batch({"dataframe": frame})
        results = list(batch.validate(suite, result_format=form).results)
        told = {names[r.expectation_config.meta["place"]]: r for r in results if r.expectation_config and r.expectation_config.meta}
        if len(results) != len(names) or set(told) != set(names):
            raise LibraryUnsound(f"Great Expectations gave {len(results)} results, {len(told)} of them ours, to {len(names)} expectations")
        return told


class _Place(NamedTuple):
    """Where a result belongs: the grain of a row of audit_result, and its suite."""

    portal_id: str
    run_id: str
    seq: int
    suite: str


def _places(frame: pd.DataFrame, batches: int) -> list[Rows]:
    """Row numbers of each batch."""
    numbers = frame[BATCH].to_numpy(dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.searchsorted(numbers[order], np.arange(1, batches)))


def _spread(value: pd.Series | float | None, index: pd.RangeIndex) -> npt.NDArray[np.float64]:
    series = value.reindex(index) if isinstance(value, pd.Series) else pd.Series(value, index=index, dtype="float64")
    return series.to_numpy(dtype="float64", na_value=np.nan)


def _rows(name: str, result: Mapping[str, Any], length: int) -> Rows:
    """The unexpected rows; the library must have looked at every row and named each that it counted."""
    listed = np.unique(np.asarray(result.get("unexpected_index_list") or [], dtype=np.int64))
    if not len(listed) or len(listed) != result.get("unexpected_count") or result.get("element_count") != length:
        counted = f"{result.get('unexpected_count')} of {result.get('element_count')}"
        raise LibraryUnsound(f"Great Expectations counts {counted} rows and names {len(listed)} of {length}: {name}")
    return listed


def _counted(count: Count, beyond: npt.NDArray[np.bool_] | str, number: int, place: _Place) -> Answer:
    broken = beyond if isinstance(beyond, str) else None
    value, least, most = (_of(b, number) for b in (count.value, count.least, count.most))
    bounds = {"least": least, "most": most} if least != most else {"exactly": least}
    result = AuditResult(
        **place._asdict(),
        expectation=_COUNTED,
        meaning=count.meaning,
        column=count.column,
        severity=_severity(count.grade(number), broken),
        success=broken is None and not beyond[number],
        observed=broken or ("nothing counted" if value is None else f"{value:g}"),
        expected=_short({name: bound for name, bound in bounds.items() if bound is not None}),
    )
    return Answer(result=result)


def _ruled(
    check: Check, frame: pd.DataFrame, rule: Rule, hit: Rows | str, own: Rows, number: int, place: _Place, source: Source | None
) -> Answer:
    broken = hit if isinstance(hit, str) else None
    bad = 0 if broken else len(hit)
    good = broken is None and (bad == 0 or (rule.share < 1 and 1 - bad / _judged(frame, rule, own) >= rule.share))
    severity = rule.grade(number)
    offenders = () if good or broken else tuple(_offender(check, frame, rule, int(n), number, severity, source) for n in hit[:SAMPLE])
    result = AuditResult(
        **place._asdict(),
        expectation=rule.named,
        meaning=rule.meaning,
        column=rule.subject,
        severity=_severity(severity, broken),
        success=good,
        observed=broken or f"{bad} of {len(own)} rows offend",
        expected=_short(rule.expected),
        failing=[offender.key for offender in offenders],
    )
    return Answer(result=result, count=bad, offenders=offenders)


def _judged(frame: pd.DataFrame, rule: Rule, own: Rows) -> int:
    """Rows of which the rule says something."""
    return len(own) if rule.nulls_judged else int(frame.iloc[own][list(rule.columns)].notna().all(axis=1).sum())


def _offender(
    check: Check, frame: pd.DataFrame, rule: Rule, number: int, batch: int, severity: Severity, source: Source | None
) -> Offender:
    row = {name: value for name, value in zip(frame.columns, frame.iloc[number], strict=True) if name != BATCH and _telling(value)}
    named = dict.fromkeys((*check.key, *rule.asked.get("column_list", rule.columns)))
    url, archive = source(batch, row) if source else (None, None)
    return Offender(
        key=_short({name: _cut(row[name]) for name in named if name in row}),
        notice_id=row.get("notice_id"),
        url=url,
        archive=archive,
        row={str(name): str(_cut(value)) for name, value in row.items()} if severity is CRITICAL else {},
    )


def _telling(value: Any) -> bool:
    """Nulls say nothing, and a derived yes-or-no says nothing beside the rule's meaning."""
    return not isinstance(value, bool | np.bool_) and (isinstance(value, list | np.ndarray) or not pd.isna(value))


def _severity(severity: Severity, broken: str | None) -> Any:
    """A rule that could not even be computed says nothing good about the batch, whatever its own severity."""
    return CRITICAL.value if broken else severity.value


def _of(value: pd.Series | float | None, number: int) -> float | None:
    found = value.get(number) if isinstance(value, pd.Series) else value
    return None if found is None or pd.isna(found) else float(found)


def _exception(info: Mapping[str, Any]) -> str | None:
    """The first exception of an expectation; the library nests one entry a metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [str(e["exception_message"]) for e in entries if e.get("raised_exception")]
    return f"could not be computed: {messages[0]}"[:_TEXT] if messages else None


def _cut(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, pd.Timestamp) and value == value.normalize() and value.tz is None:
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int | float):
        return value if isinstance(value, int) else round(value, 4)
    text = str(value)
    return text if len(text) <= _VALUE else text[: _VALUE - 1] + "…"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
