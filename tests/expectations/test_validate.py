"""Asking Great Expectations for many batches at once: every type we use fails on bad data, and what it does not answer is no pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from great_expectations.expectations.expectation import Expectation

from expectations.suites import rules
from expectations.suites.contract import Check
from expectations.suites.rules import CRITICAL, INFO, WARNING, Rule, holds, rows_at_least, rows_at_most, rows_exactly, unique
from expectations.validate import Auditor
from expectations.verdict import LibraryUnsound
from gongkai.records.quality import AuditResult

KEYS = [("gd-a", "r"), ("gd-b", "r"), ("gd-c", "r")]
DAYS = pd.to_datetime(["2024-01-01", "2024-01-02", None])

# By constructor: a rule, a column of good values, one of bad values (the last row of each is null where a null is not judged).
TYPES: dict[str, tuple[Rule, dict[str, Any], dict[str, Any]]] = {
    "unique": (unique(CRITICAL, "m", "a", "b"), {"a": [1, 1, 2], "b": [1, 2, 1]}, {"a": [1, 1, 2], "b": [2, 2, 1]}),
    "one_of": (rules.one_of(CRITICAL, "m", "a", ["x"]), {"a": ["x", "x", None]}, {"a": ["x", "y", None]}),
    "holds": (holds(CRITICAL, "m", "a"), {"a": [True, True, None]}, {"a": [True, False, None]}),
    "equal": (rules.equal(CRITICAL, "m", "a", "b"), {"a": [1, 2, None], "b": [1, 2, 3]}, {"a": [1, 2, None], "b": [1, 3, 3]}),
    "not_after": (rules.not_after(CRITICAL, "m", "a", "b"), {"a": DAYS, "b": DAYS}, {"a": DAYS, "b": DAYS - pd.Timedelta(days=1)}),
    "present": (rules.present(CRITICAL, "m", "a"), {"a": [1, 2, 3]}, {"a": [1, None, None]}),
    "absent": (rules.absent(CRITICAL, "m", "a"), {"a": [None, None, None]}, {"a": ["wrong", None, None]}),
    "between": (rules.between(CRITICAL, "m", "a", 1, 3), {"a": [1, 3, None]}, {"a": [1, 4, None]}),
    "within": (
        rules.within(CRITICAL, "m", "a", "b", "c"),
        {"a": [1, 3, None], "b": [1, None, 9], "c": [None, 3, 1]},
        {"a": [1, 3, None], "b": [2, None, 9], "c": [None, 2, 1]},
    ),
    "matches": (rules.matches(CRITICAL, "m", "a", "^x"), {"a": ["x1", "x2", "x3"]}, {"a": ["x1", "y2", "x3"]}),
    "longer_than": (rules.longer_than(CRITICAL, "m", "a", 1), {"a": ["x", "xx", None]}, {"a": ["x", "", None]}),
}


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor()


def asked(auditor: Auditor, frame: pd.DataFrame, *rule: Rule, key: tuple[str, ...] = ("a",)) -> list[list[AuditResult]]:
    check = Check("s", frame, key, (), rule, may_be_empty="a test")
    return [[answer.result for answer in told] for told in auditor.judge([check], KEYS)]


def test_every_constructor_is_tried() -> None:
    made = {name for name, value in vars(rules).items() if inspect.isfunction(value) and value.__annotations__.get("return") == "Rule"}
    assert made == set(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_a_known_bad_frame_fails_each_type_and_only_its_own_batch(name: str, auditor: Auditor) -> None:
    """An upgrade of the library that lets bad data pass fails here."""
    rule, good, bad = TYPES[name]
    frame = pd.concat([pd.DataFrame(part).assign(batch=n) for n, part in enumerate((good, bad, good))])
    ((a,), (b,), (c,)) = asked(auditor, frame, rule)
    assert (a.success, b.success, c.success) == (True, False, True)
    assert (a.observed, c.observed) == ("0 of 3 rows offend",) * 2
    assert b.observed[:8] in ("1 of 3 r", "2 of 3 r")
    assert b.failing and a.failing == c.failing == []
    assert (b.portal_id, b.expectation) == ("gd-b", rule.named)
    ((alone,), _, _) = asked(auditor, pd.DataFrame(bad).assign(batch=0), rule)
    assert (alone.success, alone.observed, alone.failing) == (False, b.observed, b.failing)


@pytest.mark.parametrize("name", TYPES)
def test_no_rule_passes_on_no_rows(name: str, auditor: Auditor) -> None:
    """Of an empty batch, alone or beside others, no result on rows is told at all."""
    rule, good, _ = TYPES[name]
    frame = pd.DataFrame(good).assign(batch=1)
    assert [len(told) for told in asked(auditor, frame, rule)] == [0, 1, 0]
    assert [len(told) for told in asked(auditor, frame.iloc[:0], rule)] == [0, 0, 0]


def test_counts_judge_empty_batches_each_by_its_own_bounds(auditor: Auditor) -> None:
    empty = pd.DataFrame({"batch": pd.Series(dtype="int64")})
    counts = (
        rows_exactly(CRITICAL, "exactly", pd.Series([0, 2, 3]), pd.Series([0, 2, 4])),
        rows_at_least([CRITICAL, WARNING, INFO], "at least", pd.Series([0, 1, 2]), 2),
        rows_at_most(WARNING, "at most", pd.Series([5, 1, 2]), pd.Series([None, None, 1.0])),
        rows_exactly(CRITICAL, "never counted", pd.Series([None, 1.0, 1.0]), 1),
    )
    told = auditor.judge([Check("s", empty, ("a",), counts)], KEYS)
    assert [[answer.result.success for answer in batch] for batch in told] == [
        [True, False, True, False],
        [True, False, True, True],
        [False, True, False, True],
    ]
    assert [batch[1].result.severity for batch in told] == ["critical", "warning", "info"]
    last = told[2][0].result
    assert (last.observed, last.expected, last.expectation) == ("3", '{"exactly": 4.0}', "expect_value_to_be_within_own_bounds")
    assert told[0][3].result.observed == "nothing counted"


def test_shares_are_those_of_each_batch(auditor: Auditor) -> None:
    """Of three rows one is false everywhere; a null is not judged, so the second batch has a half and not two thirds."""
    frame = pd.DataFrame({"batch": [0, 0, 0, 1, 1, 1, 2], "a": [True, True, False, True, None, False, False]})
    told = asked(auditor, frame, holds(CRITICAL, "most", "a", 0.6), holds(WARNING, "all", "a"))
    assert [[r.success for r in batch] for batch in told] == [[True, False], [False, False], [False, False]]
    assert told[0][0].expected == '{"value_set": [true], "mostly": 0.6}'


def test_samples_are_bounded_and_keys_readable(auditor: Auditor) -> None:
    frame = pd.DataFrame({"batch": 1, "title": ["长" * 5000] * 300, "n": range(300), "ok": False})
    (_, (told,), _) = asked(auditor, frame, holds(CRITICAL, "m", "ok"), key=("title", "n"))
    assert (told.observed, len(told.failing)) == ("300 of 300 rows offend", 20)
    assert all(len(key) <= 400 for key in told.failing)
    assert told.failing[3].endswith('"n": 3}')


def test_a_rule_that_cannot_be_computed_is_critical_for_whom_it_concerns(auditor: Auditor) -> None:
    frame = pd.DataFrame({"batch": [0, 1, 1], "a": pd.Series([1, "x", 2], dtype=object)})
    told = asked(auditor, frame, rules.between(INFO, "of mixed types", "a", 0, 3), unique(INFO, "of a column that is not there", "b"))
    assert [r.success for r in told[0]] == [True, False]
    assert [r.severity for r in told[0]] == ["info", "critical"]
    assert [r.severity for r in told[1]] == ["critical", "critical"]
    assert told[1][0].observed.startswith("could not be computed: ")


@pytest.mark.parametrize("fault", ["lost", "blind", "short"])
def test_a_library_that_does_not_answer_fails_the_task(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results fewer than questions, rows that were not looked at, unexpected rows that are not named."""
    auditor = Auditor()
    real: Callable[..., Any] = auditor._frames.get_batch

    def get_batch(options: Any) -> Any:
        batch = real(options)
        validate = batch.validate

        def spoiled(suite: Any, **more: Any) -> Any:
            outcome = validate(suite, **more)
            if fault == "lost":
                outcome.results = outcome.results[1:]
            for result in outcome.results:
                if "element_count" in result.result and fault != "lost":
                    result.result["element_count" if fault == "blind" else "unexpected_count"] += 1
            return outcome

        object.__setattr__(batch, "validate", spoiled)
        return batch

    monkeypatch.setattr(type(auditor._frames), "get_batch", lambda self, options: get_batch(options))
    with pytest.raises(LibraryUnsound, match="Great Expectations"):
        asked(auditor, pd.DataFrame({"batch": [0, 0], "a": [True, False]}), holds(CRITICAL, "m", "a"))


def test_all_types_are_the_librarys_own_but_one() -> None:
    kinds = {rule.kind for rule, _, _ in TYPES.values()}
    assert all(issubclass(kind, Expectation) for kind in kinds)
    assert {kind.__name__ for kind in kinds if kind.__module__.startswith("expectations.")} == {"ExpectValueToBeWithinOwnBounds"}
