"""Every rule of the suites with data made to break it. All batches are judged together, so each also shows that it is judged by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from expectations.audit import audit
from expectations.batch import Batch
from expectations.chunk import Case, Chunk
from expectations.history import History
from expectations.suites.batch import checks
from expectations.suites.report_checks import RULES
from expectations.thresholds import load_thresholds
from expectations.verdict import Verdict
from gongkai.layout import Layout
from gongkai.status import RunStatus
from gongkai.tables import TABLES

MakeTown = Callable[..., Any]
Spoil = Callable[[Any], object]
SECOND = "20240402T183000Z"


def _drop(table: str) -> Spoil:
    return lambda t: t.rows[table].clear()


def _set(table: str, **values: Any) -> Spoil:
    return lambda t: [row.update(values) for row in t.rows[table]]


def _double(table: str) -> Spoil:
    return lambda t: t.rows[table].append(dict(t.rows[table][0]))


def _all(*spoils: Spoil) -> Spoil:
    return lambda t: [spoil(t) for spoil in spoils]


def _document(place: int) -> Callable[[Any], Any]:
    return lambda t: t.rows["document"][place]


def _attached(status: str = "archived", **values: Any) -> Spoil:
    return lambda t: (t.attachment(t.rows["document"][0], status), t.rows["attachment"][-1].update(values))


def _removed(times: int = 1, **values: Any) -> Spoil:
    return lambda t: [t.removal(n).update(values) for n in range(times)]


def _fact(table: str, **values: Any) -> Spoil:
    good: dict[str, dict[str, Any]] = {
        "citation": {"issuer_level": "city", "role": "basis", "doc_number": "例政发〔2024〕1号"},
        "obligation": {"raw": "2023年", "subject_units": []},
        "roster_member": {"name": "张某", "role": "组长"},
        "finding": {"rule": "P-TYPO", "severity": "info", "message": "错字"},
    }
    return lambda t: t.fact(t.rows["document"][0], table, **good[table] | values)


def _finding(place: int, rule: str, severity: str = "error") -> Spoil:
    return lambda t: t.finding(t.rows["document"][place], rule, severity)


def _unread(town: Any, place: int, facts: str) -> None:
    """A document without facts, one part of which could not be read."""
    document = town.rows["document"][place]
    town.finding(document, "D-READ", "error")
    for table in (facts, "task_unit", "task_deadline"):
        town.rows[table] = [row for row in town.rows[table] if row["document_id"] != document["document_id"]]


def _other_genre(kind: str) -> Spoil:
    def spoil(t: Any) -> None:
        t.plan(2022, date(2022, 5, 4)) if kind == "plan" else t.report(2021, date(2022, 1, 4))
        _set("document", genre="other")(t)

    return spoil


def _of_all_tables() -> dict[tuple[str, str], Spoil]:
    """Rules that every table has: whose rows, what they must have, words."""
    attached = {"attachment": _attached(), "attachment_reading": _attached(), "removal": _removed()}
    attached |= {name: _fact(name) for name in ("citation", "obligation", "roster_member", "finding")}

    def of(table: str, **values: Any) -> Spoil:
        return _all(attached.get(table, lambda t: None), _set(table, **values))

    suites = {
        "section_outcome": "sections", "list_entry": "listing", "attachment": "attachments", "attachment_reading": "attachments.readings",
        "removal": "removals", "document": "documents", "plan_task": "plan_tasks.tasks", "task_unit": "plan_tasks.units",
        "task_deadline": "plan_tasks.deadlines", "metric_value": "report_metrics.metrics", "citation": "citation",
        "obligation": "obligation", "roster_member": "roster_member", "finding": "finding",
    }  # fmt: skip
    told = {(suite, "rows are of this portal and run"): of(table, run_id=SECOND) for table, suite in suites.items()}
    lacking = {
        ("list_entry", "url"): "url, title", ("notice", "title"): "title, url, section, fetched_at", ("attachment", "url"): "url, status",
        ("attachment_reading", "status"): "status", ("removal", "cause"): "cause", ("document", "genre"): "genre, length",
        ("plan_task", "deadline_type"): "text, deadline_type", ("task_unit", "printed"): "name, printed, role",
        ("task_deadline", "type"): "raw, type", ("metric_value", "state"): "code, state", ("obligation", "raw"): "raw",
        ("finding", "message"): "rule, severity, message",
    }  # fmt: skip
    suites["notice"] = "notices"
    told |= {(suites[table], f"rows have {named}"): of(table, **{column: None}) for (table, column), named in lacking.items()}
    guessed = {
        "notice": ["validity"], "document": ["script"], "plan_task": ["responsibility_mode", "deadline_type", "recurrence"],
        "task_deadline": ["type", "recurrence"], "metric_value": ["scope"], "obligation": ["direction", "unit", "counts_from"],
    }  # fmt: skip
    return told | {
        (suites[table], f"{column} is of the vocabulary"): of(table, **{column: "guess"})
        for table, columns in guessed.items()
        for column in columns
    }


def _lost(table: str) -> Callable[[Any], None]:
    """After the commit the file keeps one row only."""
    return lambda t: pq.write_table(TABLES[table].arrow(t.rows[table][:-1]), t.layout.silver(table, t.portal.id, t.run_id))


BROKEN: dict[tuple[str, str], Spoil] = {
    ("sections", "a crawl that met the portal walked a section"): _drop("section_outcome"),
    ("sections", "one outcome a section"): _double("section_outcome"),
    ("sections", "rows belong to this portal"): _set("section_outcome", portal_id="gd-other"),
    ("sections", "rows counted are the rows kept"): _set("section_outcome", rows_seen=9),
    ("sections", "each section was walked whole"): _set("section_outcome", complete=False),
    ("sections", "no row less than the portal declares"): _set("section_outcome", declared_total=3),
    ("sections", "the lists themselves say nothing wrong (L-TOTAL, L-CAP, …)"): _set(
        "section_outcome", findings=["L-TOTAL: 3 declared, 9 rows there"]
    ),
    ("sections.registry", "every section of the registry was walked"): lambda t: t.rows["section_outcome"].pop(),
    ("listing", "a portal that is not empty lists something"): _drop("list_entry"),
    ("listing", "one row a place in the listing"): _double("list_entry"),
    ("listing", "rows belong to this portal"): _set("list_entry", portal_id="gd-other"),
    ("listing", "rows lead to web addresses"): _set("list_entry", url="javascript:void(0)"),
    ("listing", "rows have titles"): _set("list_entry", title=""),
    ("listing", "no date is from before government portals"): _set("list_entry", date=date(1969, 1, 1)),
    ("listing", "no date lies in the future"): _set("list_entry", date=date(2024, 5, 1)),
    ("listing", "most rows are the portal's own, not links to other hosts"): _set("list_entry", notice_id=None),
    ("notices", "as many notices as the crawl's ledger says it wrote"): lambda t: setattr(t, "written", 5),
    ("notices", "one row a version of a notice"): _double("notice"),
    ("notices", "rows belong to this portal"): _set("notice", portal_id="gd-other"),
    ("notices", "rows belong to this run"): _set("notice", run_id=SECOND),
    ("notices", "each notice has its web address"): _set("notice", url="javascript:void(0)"),
    ("notices", "each notice's archive file is there, its payload has a digest"): _set("notice", warc_file="gone.warc.gz"),
    ("notices", "titles are there and not garbled (U+FFFD)"): _set("notice", title="\ufffd"),
    ("notices", "no title at all is empty or garbled"): lambda t: t.rows["notice"][0].update(title=" "),
    ("notices", "most notices could be read as documents"): _drop("document"),
    ("notices", "every notice could be read as a document"): lambda t: t.notice("工作要点", "图片", date(2024, 1, 1), "", read=False),
    ("notices", "notices lie on the portal's own host"): _set("notice", url="https://elsewhere.example/1.html"),
    ("notices", "notices come from walked sections"): _set("notice", section="别处"),
    ("notices", "notices have a date"): _set("notice", list_date=None, published_at="昨天"),
    ("notices", "no date is from before government portals"): _set("notice", published_at="1969-01-01"),
    ("notices", "no date lies in the future"): _set("notice", published_at="2024-05-01"),
    ("notices", "no page was fetched before its run began: no clock was set back"): lambda t: [
        n.update(fetched_at=n["fetched_at"] - timedelta(days=3)) for n in t.rows["notice"]
    ],
    ("attachments", "one row an attachment"): _all(_attached(), _double("attachment")),
    ("attachments", "rows belong to this portal"): _attached(portal_id="gd-other"),
    ("attachments", "each attachment belongs to a notice of the batch"): _attached(notice_id="nobody"),
    ("attachments", "statuses are of the vocabulary"): _attached(status="guess"),
    ("attachments", "an archived attachment has its place and digest"): _attached(warc_file=None),
    ("attachments", "attachments have web addresses"): _attached(url="ftp://127.0.0.1/a"),
    ("attachments", "most attachments could be archived"): _attached("failed"),
    ("attachments", "every attachment could be archived"): _attached("failed"),
    ("attachments", "an attachment that was not archived says why"): _attached("failed", reason=None),
    ("attachments", "each document that was an attachment has its attachment"): lambda t: t.rows["document"][0].update(part=1),
    ("attachments.readings", "what became of every attachment is told"): _all(_attached(), _drop("attachment_reading")),
    ("attachments.readings", "one row a file"): _all(_attached(), _double("attachment_reading")),
    ("attachments.readings", "each reading is of an attachment"): _all(_attached(), _set("attachment_reading", seq=7)),
    ("attachments.readings", "reading statuses are of the vocabulary"): _all(_attached(), _set("attachment_reading", status="guess")),
    ("attachments.readings", "most files that were fetched could be read"): _all(
        _attached(), _set("attachment_reading", status="needs_ocr", reason="pictures")
    ),
    ("attachments.readings", "every file that was fetched could be read"): _all(
        _attached(), _set("attachment_reading", status="encrypted", reason="a password")
    ),
    ("attachments.readings", "a file that was not read says why"): _all(_attached(), _set("attachment_reading", status="empty")),
    ("removals", "no mass removal"): _removed(9),
    ("removals", "nothing was removed"): _removed(),
    ("removals", "one removal a notice"): _all(_removed(), _double("removal")),
    ("removals", "rows belong to this portal"): _removed(portal_id="gd-other"),
    ("removals", "causes are of the vocabulary"): _removed(cause="guess"),
    ("removals", "no count of missed walks is negative"): _removed(missed=-1),
    ("documents", "one row a document"): _double("document"),
    ("documents", "rows belong to this portal"): _set("document", portal_id="gd-other"),
    ("documents", "each document belongs to a notice of the batch"): _set("document", notice_id="nobody"),
    ("documents", "genres are of the vocabulary"): _set("document", genre="poem"),
    ("documents", "no text is longer than a document can be"): _set("document", body_text="x" * 5_000_001),
    ("documents", "documents have text"): _set("document", body_text=""),
    ("documents", "plans, reports and website tables name their year"): _set("document", plan_year=None),
    ("documents", "no plan or report is about a time before government portals"): _set("document", plan_year=1023),
    ("documents", "no plan or report is about a distant year"): _set("document", plan_year=3023),
    ("documents", "no document was written before the People's Republic"): _set("document", written_date=date(1024, 1, 1)),
    ("documents", "no document was written in the future"): _set("document", written_date=date(2024, 5, 1)),
    ("documents", "written before it was published (成文 ≤ 发布)"): _set("document", written_date=date(2024, 4, 1)),
    ("documents", "every document was written before it was published"): lambda t: t.rows["document"][0].update(
        written_date=date(2024, 4, 1)
    ),
    ("documents", "written by the day that the text gives (成文 ≤ 印发)"): _set(
        "document", written_date=date(2023, 2, 2), published_at="2023-02-01"
    ),
    ("documents", "the text's day is not after the portal's (印发 ≤ 发布)"): _set("document", published_at="2024-04-01"),
    ("documents", "no text's day is after the portal's"): lambda t: t.rows["document"][0].update(published_at="2024-04-01"),
    ("documents", "no number's year is after the year of publication"): _set("document", doc_number="例政发〔2025〕1号"),
    ("documents", "not one number's year is after the year of publication"): lambda t: t.rows["document"][0].update(
        doc_number="例政发〔2025〕1号"
    ),
    ("documents", "the text's day of publication does not lie in the future"): _set("document", published_at="2024-05-01"),
    ("documents", "document numbers have the form of 发文字号"): _set("document", doc_number="440000/2024-00012"),
    ("documents", "every document number has the form of 发文字号"): lambda t: t.rows["document"][0].update(doc_number="索引1"),
    ("documents", "the number's year is the year the document was written in"): _set(
        "document", doc_number="例政发〔2021〕1号", written_date=date(2023, 1, 1)
    ),
    ("plan_tasks.plans", "new notices in plan sections hold at least one plan"): _other_genre("plan"),
    ("plan_tasks.plans", "most plans have a task"): _drop("plan_task"),
    ("plan_tasks.plans", "every plan has a task"): lambda t: t.rows["plan_task"].pop(),
    ("plan_tasks.plans", "every plan's pages and attachments could be seen"): lambda t: _unread(t, 0, "plan_task"),
    ("plan_tasks.plans", "tasks agree with the number the plan declares (P-COUNT)"): _finding(0, "P-COUNT", "warning"),
    ("plan_tasks.tasks", "one row a task"): _double("plan_task"),
    ("plan_tasks.tasks", "each task belongs to a document of the batch"): _set("plan_task", document_id="nobody"),
    ("plan_tasks.tasks", "tasks have text"): _set("plan_task", text=""),
    ("plan_tasks.tasks", "the text at a task's span is the task"): _set("plan_task", span_start=0),
    ("plan_tasks.tasks", "the units and deadlines of a task stand at their spans"): _set("task_unit", span_start=0),
    ("plan_tasks.tasks", "no task ends before it begins"): _set("plan_task", start_date=date(2024, 5, 1), due_date=date(2024, 4, 1)),
    ("plan_tasks.tasks", "tasks name a lead unit (牵头单位)"): _set("plan_task", lead_units=[]),
    ("plan_tasks.units", "every unit that a task names has its row"): _drop("task_unit"),
    ("plan_tasks.units", "one row a unit of a task"): _double("task_unit"),
    ("plan_tasks.units", "each unit belongs to a task"): _set("task_unit", task_seq=7),
    ("plan_tasks.units", "roles are of the vocabulary"): _set("task_unit", role="guest"),
    ("plan_tasks.units", "most units are agencies that agencies.yaml knows"): _set("task_unit", agency=None),
    ("plan_tasks.units", "every unit is an agency that agencies.yaml knows"): lambda t: t.rows["task_unit"][0].update(agency=None),
    ("plan_tasks.deadlines", "every task with a deadline has its row"): _all(
        _set("plan_task", deadline_type="date"), _drop("task_deadline")
    ),
    ("plan_tasks.deadlines", "one row a deadline of a task"): _double("task_deadline"),
    ("plan_tasks.deadlines", "each deadline belongs to a task"): _set("task_deadline", task_seq=7),
    ("plan_tasks.deadlines", "no deadline is from before government portals"): _set("task_deadline", due_date=date(1024, 1, 1)),
    ("plan_tasks.deadlines", "no deadline lies in a distant year"): _set("task_deadline", due_date=date(2204, 1, 1)),
    ("report_metrics.reports", "new notices in report sections hold at least one annual report"): _other_genre("report"),
    ("report_metrics.reports", "most reports have a figure"): _drop("metric_value"),
    ("report_metrics.reports", "every report has a figure"): lambda t: (t.rows["metric_value"].pop(), t.rows["metric_value"].pop()),
    ("report_metrics.reports", "every report's pages and attachments could be seen"): lambda t: _unread(t, 2, "metric_value"),
    ("report_metrics.reports", "the report's own arithmetic holds"): _finding(2, "T3-BAL"),
    ("report_metrics.metrics", "one row a figure"): _double("metric_value"),
    ("report_metrics.metrics", "each figure belongs to a document of the batch"): _set("metric_value", document_id="nobody"),
    ("report_metrics.metrics", "states are of the vocabulary"): _set("metric_value", state="guess"),
    ("report_metrics.metrics", "a value stands exactly where the state says so: blank is never zero"): _set(
        "metric_value", state="blank", value=Decimal(0)
    ),
    ("report_metrics.metrics", "the text at a figure's span is what was read"): _set("metric_value", raw="99件"),
    ("report_metrics.metrics", "codes are those of metrics.yaml"): _set("metric_value", code="app_imagined_total"),
    ("report_metrics.metrics", "no figure is negative but changes"): _set("metric_value", value=Decimal(-37)),
    ("report_metrics.metrics", "no figure is larger than a government can count"): _set("metric_value", value=Decimal(10) ** 14),
    **_of_all_tables(),
    **{("report_checks", f"{rule}: {formula}"): _finding(2, rule) for rule, formula in RULES.items()},
    ("report_checks", "every finding's rule stands in the catalogue of checks"): _finding(2, "T3-UNHEARD"),
    ("citation", "one row a fact"): _all(_fact("citation"), _double("citation")),
    ("citation", "each fact belongs to a document of the batch"): _fact("citation", document_id="nobody"),
    ("citation", "issuer_level is of the vocabulary"): _fact("citation", issuer_level="village"),
    ("citation", "role is of the vocabulary"): _fact("citation", role="guest"),
    ("obligation", "one row a fact"): _all(_fact("obligation"), _double("obligation")),
    ("obligation", "each fact belongs to a document of the batch"): _fact("obligation", document_id="nobody"),
    ("obligation", "the text at an obligation's span is what was read"): _fact("obligation", raw="五日内"),
    ("roster_member", "one row a fact"): _all(_fact("roster_member"), _double("roster_member")),
    ("roster_member", "each fact belongs to a document of the batch"): _fact("roster_member", document_id="nobody"),
    ("roster_member", "role is of the vocabulary"): _fact("roster_member", role="guest"),
    ("roster_member", "members have names"): _fact("roster_member", name=""),
    ("finding", "one row a fact"): _all(_fact("finding"), _double("finding")),
    ("finding", "each finding belongs to a notice of the batch"): _fact("finding", notice_id="nobody"),
    ("finding", "severity is of the vocabulary"): _fact("finding", severity="fatal"),
    ("portal_year", "no plan or report is missing"): lambda t: (t.rows["document"].pop(2), t.rows["list_entry"].pop(2)),
    ("portal_year", "plans and reports came in time"): lambda t: (
        [n.update(list_date=date(2024, 3, 31), published_at=None) for n in t.rows["notice"]],
    ),
    ("portal_year", "every year could be judged"): lambda t: t.rows["document"].pop(2),
}
CUT_OFF: dict[tuple[str, str], Callable[[Any], None]] = {
    ("documents", "as many documents as extract committed"): _lost("document"),
    ("plan_tasks.tasks", "as many tasks as extract committed"): _lost("plan_task"),
    ("report_metrics.metrics", "as many figures as extract committed"): _lost("metric_value"),
    ("finding", "as many findings as extract committed"): _lost("finding"),
}
ELSEWHERE = {
    # tests/expectations/test_history.py
    ("sections", "the listing did not shrink since its last whole walk"),
    ("sections", "the listing did not grow beyond all its earlier walks"),
    ("notices", "no more new notices than the portal's busiest night leads to expect"),
    ("fill_rates", "no field is filled less than the section's history leads to expect"),
    ("freshness", "days since the last whole crawl are few: the portal is not stale"),
    ("freshness", "no section is silent longer than its kind allows"),
    # tests/expectations/test_audit.py: no data can break these, only a mistake of ours
    ("sections.registry", "every section of the registry is judged"),
    ("fill_rates", "every field of every section with new notices is measured"),
    ("freshness", "every section of a kind with an expected rhythm is judged"),
    ("portal_year", "the matrix has a cell for every year the registry expects"),
    ("portal_year", "one cell a genre and year"),
    ("portal_year", "states are of the vocabulary"),
}


@pytest.fixture(scope="module")
def judged(town_in: MakeTown, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Verdict]:
    """A verdict on each spoiled batch, each of another portal, all of one audit; a good one stands between them."""
    layout = Layout(tmp_path_factory.mktemp("rules"))
    towns = {}
    for number, (rule, spoil) in enumerate((BROKEN | dict.fromkeys(CUT_OFF, lambda t: None)).items()):
        made = town_in(layout, f"gd-{number}")
        if rule[0] == "finding" and rule in CUT_OFF:
            _fact("finding")(made)
        spoil(made)
        made.write()
        if rule in CUT_OFF:
            CUT_OFF[rule](made)
        towns[rule] = made
    towns["good", "good"] = town_in(layout, "gd-good").write()
    verdicts = audit([t.portal for t in towns.values()], layout=layout)
    return dict(zip(towns, verdicts, strict=True))


@pytest.mark.parametrize("rule", [*BROKEN, *CUT_OFF], ids=lambda r: f"{r[0]}: {r[1][:60]}")
def test_each_rule_fails_on_data_made_to_break_it(rule: tuple[str, str], judged: dict[tuple[str, str], Verdict]) -> None:
    verdict = judged[rule]
    failed = {(r.suite, r.meaning): r for r in verdict.results}
    assert rule in failed
    assert not failed[rule].observed.startswith("could not be computed")
    critical = [r for r in verdict.results if r.severity == "critical"]
    assert verdict.passed == (not critical)
    assert len(failed[rule].failing) <= 20


def test_a_good_batch_among_spoiled_ones_passes_every_rule(judged: dict[tuple[str, str], Verdict]) -> None:
    assert judged["good", "good"].passed
    assert judged["good", "good"].failures == ()


def test_a_rule_that_cannot_be_broken_protects_nobody(town_in: MakeTown, tmp_path: Path) -> None:
    made = town_in(Layout(tmp_path)).write()
    batch, history = Batch(made.portal, made.run_id, made.layout), History()
    history.add(batch)
    asked = {(c.suite, r.meaning) for c in checks(Chunk([Case.of(batch, history)], load_thresholds())) for r in (*c.counts, *c.rules)}
    assert asked == set(BROKEN) | set(CUT_OFF) | ELSEWHERE


def test_a_partial_crawl_is_flagged_and_published(town_in: MakeTown, tmp_path: Path) -> None:
    """A run that says itself that rows are missing keeps its good ones; judged beside a complete run that lacks the same rows."""
    layout = Layout(tmp_path)
    honest, liar = town_in(layout, "gd-a"), town_in(layout, "gd-b")
    honest.status = RunStatus.PARTIAL
    for made in (honest, liar):
        for section in made.rows["section_outcome"]:
            section.update(complete=False, declared_total=30)
        made.write()
    verdicts = audit([honest.portal, liar.portal], layout=layout)
    for verdict, severity, word in zip(verdicts, ("warning", "critical"), (True, False), strict=True):
        assert verdict.passed is word
        told = {r.meaning for r in verdict.results if r.severity == severity}
        assert {"each section was walked whole", "no row less than the portal declares"} <= told


def test_offenders_carry_values_source_and_archive(judged: dict[tuple[str, str], Verdict]) -> None:
    verdict = judged["report_metrics.metrics", "states are of the vocabulary"]
    (answer,) = [a for a in verdict.failures if a.result.meaning == "states are of the vocabulary"]
    assert answer.count == len(answer.offenders) == 4
    first = answer.offenders[0]
    assert first.row["state"] == "guess" and first.row["raw"] == "37件" and first.row["code"] == "app_received_total"
    assert first.url is not None and first.url.startswith("http://127.0.0.1/")
    assert first.archive == "a.warc.gz@0"
    assert '"state": "guess"' in first.key
    broken = judged["report_checks", f"T3-BAL: {RULES['T3-BAL']}"]
    (told,) = [a for a in broken.failures if a.result.suite == "report_checks"]
    assert '"T3-BAL": "T3-BAL"' in told.offenders[0].key
    assert told.offenders[0].row == {}  # whole rows are kept of critical failures only
