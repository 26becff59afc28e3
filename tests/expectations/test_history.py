"""Ranges from a portal's own history: what is usual is learned batch by batch, and remembered without reading the old batches again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from expectations.audit import audit
from expectations.batch import Batch
from expectations.history import History
from expectations.memory import read_memory
from expectations.verdict import Verdict
from gongkai.layout import Layout, run_id_of, run_moment
from gongkai.status import RunStatus

pytestmark = pytest.mark.usefixtures("one_auditor")

MakeTown = Callable[..., Any]
FIRST = "20240401T183000Z"


def night(number: int) -> str:
    return run_id_of(run_moment(FIRST) + timedelta(days=number))


def warned(verdict: Verdict) -> set[str]:
    return {r.meaning for r in verdict.results if r.severity == "warning"}


def normative(town: Any, number: int, count: int, **fields: Any) -> None:
    """`count` new papers of a section without plan or report."""
    for n in range(count):
        town.notice("文件", f"第{number}夜第{n}号通知", date(2024, 4, 1), "正文", genre="other")
        town.rows["notice"][-1].update({"doc_number": f"例政发〔2024〕{n + 1}号", "index_number": "X1", "source": "例市政府"} | fields)


def section(town: Any, rows: int, *, complete: bool = True, kind: str = "normative") -> None:
    town.sections()
    seen = sum(e["section"] == "文件" for e in town.rows["list_entry"])
    town.rows["section_outcome"].append(
        dict(town.rows["section_outcome"][0])
        | {"section": "文件", "kind": kind, "declared_total": rows, "rows_seen": seen, "rows_known": rows, "complete": complete}
    )


def nights(town: MakeTown, *batches: Callable[[Any, int], None]) -> list[Verdict]:
    """Verdicts of one batch a night; each night is audited by itself, from memory."""
    verdicts = []
    for number, fill in enumerate(batches):
        made = town("gd-li", night(number), fill=False)
        fill(made, number)
        made.write()
        verdicts += audit([made.portal], layout=made.layout)
    return verdicts


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((100, 79), {"the listing did not shrink since its last whole walk"}),
        ((100, 80), set()),
        ((100, 251), {"the listing did not grow beyond all its earlier walks"}),
        ((100, 250), set()),
        ((100, 90, 75), set()),  # measured from the last walk, not from the largest
        ((10, 12, 70), set()),  # small sections may leap
    ],
)
def test_rows_of_a_section_lie_in_the_range_of_its_walks(sizes: tuple[int, ...], told: set[str], town: MakeTown) -> None:
    def walk(rows: int) -> Callable[[Any, int], None]:
        return lambda made, number: (normative(made, number, 1), section(made, rows))[0]

    last = nights(town, *(walk(rows) for rows in sizes))[-1]
    assert last.passed
    assert {m for m in warned(last) if m.startswith("the listing")} == told


def test_an_early_stop_says_nothing_of_a_sections_size(town: MakeTown) -> None:
    def walk(made: Any, number: int) -> None:
        normative(made, number, 1)
        made.status = RunStatus.PARTIAL if number else RunStatus.COMPLETE
        section(made, 100 - 90 * number, complete=not number)

    assert not {m for m in warned(nights(town, walk, walk)[-1]) if m.startswith("the listing")}


@pytest.mark.parametrize("field", ["doc_number", "index_number", "source"])
def test_a_field_that_was_always_there_and_is_gone_is_flagged(field: str, town: MakeTown) -> None:
    def good(made: Any, number: int) -> None:
        normative(made, number, 12)
        section(made, 40)

    def bad(made: Any, number: int) -> None:
        normative(made, number, 12, **{field: None})
        section(made, 40)

    *before, last = nights(town, good, good, bad)
    meaning = "no field is filled less than the section's history leads to expect"
    assert all(meaning not in warned(v) for v in before)
    (result,) = [r for r in last.results if r.meaning == meaning]
    assert result.observed == "2 of 10 rows offend"
    assert f'"field": "{field}", "share": 0, "share_before": 1, "notices": 12, "notices_before": 24' in result.failing[0]


def test_small_sections_have_a_rate_together(town: MakeTown) -> None:
    """Three new papers in each of two sections: too few for a rate each, enough for one of the portal, weighed by the sections' habits."""
    meaning = "no field is filled less than the section's history leads to expect"

    def mixed(source: str | None, each: int) -> Callable[[Any, int], None]:
        def fill(made: Any, number: int) -> None:
            normative(made, number, 2 * each, source=source)
            for row in made.rows["notice"][each:]:
                row.update(section="通知", index_number=None)
            section(made, 40)

        return fill

    *_, good, bad = nights(town, mixed("例市政府", 20), mixed("例市政府", 3), mixed(None, 3))
    assert meaning not in warned(good)
    (result,) = [r for r in bad.results if r.meaning == meaning]
    assert result.observed == "1 of 15 rows offend"
    named = '"section": "*", "field": "source", "share": 0, "share_before": 1, "notices": 6, "notices_before": 46'
    assert result.failing == [f'{{{named}, "least": 0.6}}']


def test_a_field_that_was_never_there_is_nobodys_fault(town: MakeTown) -> None:
    def poor(made: Any, number: int) -> None:
        normative(made, number, 12, index_number=None, source="")
        section(made, 40)

    assert not {m for m in warned(nights(town, poor, poor, poor)[-1]) if "field" in m}


def test_few_notices_or_a_young_section_have_no_rate(town: MakeTown) -> None:
    def of(count: int, **fields: Any) -> Callable[[Any, int], None]:
        return lambda made, number: (normative(made, number, count, **fields), section(made, 40))[0]

    assert not {m for m in warned(nights(town, of(19), of(12, source=None))[-1]) if "field" in m}
    few = nights(lambda _, *more, **kw: town("gd-lo", *more, **kw), of(30), of(4, source=None))[-1]
    assert not {m for m in warned(few) if "field" in m}


def test_a_flood_of_new_notices_is_flagged(town: MakeTown) -> None:
    def of(count: int) -> Callable[[Any, int], None]:
        return lambda made, number: (normative(made, number, count), section(made, 400))[0]

    meaning = "no more new notices than the portal's busiest night leads to expect"
    first, second, third = nights(town, of(10), of(121), of(121))
    assert meaning in warned(second) and meaning not in warned(first) | warned(third)
    (result,) = [r for r in second.results if r.meaning == meaning]
    assert (result.observed, result.expected) == ("121", '{"most": 120.0}')


def test_a_portal_without_a_whole_crawl_for_a_week_is_stale(town: MakeTown) -> None:
    meaning = "days since the last whole crawl are few: the portal is not stale"
    for day, status in ((0, RunStatus.COMPLETE), (7, RunStatus.BLOCKED), (8, RunStatus.BLOCKED), (9, RunStatus.COMPLETE)):
        made = town("gd-li", night(day), fill=status is RunStatus.COMPLETE)
        made.status = status
        (verdict,) = audit([made.write().portal], layout=made.layout)
        assert (meaning in warned(verdict)) is (day == 8), day
        assert verdict.passed


def test_a_silent_section_is_told_and_the_matrix_judges_plans(town: MakeTown) -> None:
    def quiet(made: Any, number: int) -> None:
        normative(made, number, 1)
        for row in (*made.rows["list_entry"], *made.rows["notice"]):
            row.update({name: date(2023, 9, 1) for name in ("date", "list_date") if name in row})
        section(made, 40)

    (verdict,) = nights(town, quiet)
    (result,) = [r for r in verdict.results if r.suite == "freshness"]
    assert (result.meaning, result.severity) == ("no section is silent longer than its kind allows", "info")
    assert result.failing == ['{"section": "文件", "kind": "normative", "days": 214, "most": 183}']


def test_memory_holds_what_the_batches_told_and_spares_reading_them(town: MakeTown, monkeypatch: pytest.MonkeyPatch) -> None:
    def good(made: Any, number: int) -> None:
        normative(made, number, 3)
        made.plan(2024, date(2024, 3, 8))
        section(made, 40 + number)

    nights(town, good, good, good)
    made = town("gd-li", night(3), fill=False)
    rebuilt = History()
    for number in range(3):
        batch = Batch(made.portal, night(number), made.layout)
        rebuilt.add(batch)
        rebuilt.remember(batch)
    assert read_memory(made.layout, "gd-li").history == rebuilt
    assert History.from_json(rebuilt.to_json()) == rebuilt
    assert rebuilt.walks["文件"] == [40, 41, 42] and rebuilt.fills["文件"]["source"] == [9, 9] and rebuilt.busiest == 4
    read: list[str] = []
    real = Batch._read
    monkeypatch.setattr(Batch, "_read", lambda self, name: (read.append(self.run_id), real(self, name))[1])
    good(made, 3)
    audit([made.write().portal], layout=made.layout)
    assert set(read) == {night(3)}


def test_a_night_that_is_judged_again_is_judged_by_its_own_past(town: MakeTown) -> None:
    """A lost verdict in the middle: the same bytes come back, although later nights are known."""

    def of(rows: int) -> Callable[[Any, int], None]:
        return lambda made, number: (normative(made, number, 2), section(made, rows))[0]

    nights(town, of(100), of(50), of(200))
    layout: Layout = town("gd-li").layout
    path = layout.verdict("gd-li", night(1))
    before, remembered = path.read_bytes(), read_memory(layout, "gd-li")
    path.unlink()
    (verdict,) = audit([town("gd-li").portal], layout=layout)
    assert "the listing did not shrink since its last whole walk" in warned(verdict)
    assert path.read_bytes() == before
    again = read_memory(layout, "gd-li")
    assert (again.history, again.standing, again.chain) == (remembered.history, remembered.standing, remembered.chain)
