"""The truth agrees with what is served, and with itself."""

from __future__ import annotations

import html
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import docx
import httpx
import pdfplumber
import pytest
from python_calamine import CalamineWorkbook

from samples.chrome import CLICKS
from samples.dialects import gkmlpt, trs_wcm
from samples.dialects.site import Site, attachment_answer
from samples.forms import APPLICANTS
from samples.marking import words
from samples.model import Enclosure, NoticeContent, PortalContent, load_content, sample_registry
from samples.town import running_town
from samples.truth import NoticeTruth, town_truth

NOTICES = [n for portal in town_truth() for n in portal.notices]
PORTALS = {p.id: p for p in load_content()}


def test_breadth() -> None:
    plans = [n for n in NOTICES if n.content.genre == "work_plan"]
    reports = [n for n in NOTICES if n.content.genre == "annual_report"]
    assert len([p for p in town_truth() if p.notices]) == 6
    assert len(NOTICES) == 78
    assert (len(plans), sum(len(n.tasks) for n in plans)) == (8, 57)
    assert (len(reports), sum(len(n.figures) for n in reports)) == (11, 1889)
    assert {n.content.year for n in reports} == {2013, 2017, 2020, 2021, 2022, 2023}
    assert [n.content.findings for n in NOTICES if n.content.findings] == [("T3-SUM",), ("T4-REV",)]


def test_town_and_registry_name_the_same_portals_and_sections() -> None:
    registry = sample_registry()
    assert list(registry) == list(PORTALS)
    for portal in PORTALS.values():
        names = {s.name for s in registry[portal.id].sections}
        assert {n.section for n in portal.notices} | {o.section for o in portal.outbound} <= names


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], str]:
    """Words of every readable notice's page and attachments, as they came over the wire."""
    out = {}
    with running_town(tmp_path_factory.mktemp("truth")) as town, httpx.Client(timeout=5) as client:
        for notice in NOTICES:
            portal, content = PORTALS[notice.portal_id], notice.content
            site = Site(sample_registry()[portal.id], portal, town.addresses[portal.id])
            page = httpx.URL(site.base + _page_path(site, content))
            body = client.get(page).raise_for_status().content
            parts = [_page_words(body, portal)]
            for link in re.findall(r'href=\\?"([^"\\]+\.(?:docx|xlsx|pdf))', body.decode(portal.style.encoding)):
                parts.append(_file_words(client.get(page.join(link)).raise_for_status().content, link.rsplit(".", 1)[1]))
            assert len(parts) == 1 + len(content.attachments)
            out[portal.id, content.id] = "\n".join(parts)
    return out


def _page_path(site: Site, notice: NoticeContent) -> str:
    if site.portal.family == "gkmlpt":
        return gkmlpt.detail_path(notice.id)
    return site.sections[notice.section].entry + trs_wcm.detail_name(site, notice)


def _page_words(body: bytes, portal: PortalContent) -> str:
    text = body.decode(portal.style.encoding)
    if found := re.search(r"  DETAIL: (\{.*\})\n", text):
        text += json.loads(found.group(1))["content"]
    return words(html.unescape(re.sub(r"<[^>]{0,2000}>", "", text)))


def _file_words(body: bytes, kind: str) -> str:
    if kind == "pdf":
        with pdfplumber.open(io.BytesIO(body)) as pdf:
            tables = [c for page in pdf.pages for t in page.extract_tables() for row in t for c in row if c]
            return words("".join(page.extract_text() for page in pdf.pages)) + words("".join(tables))
    if kind == "xlsx":
        return words(
            "".join(str(c) for row in CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python() for c in row)
        )
    document = docx.Document(io.BytesIO(body))
    return words("".join(p.text for p in document.paragraphs) + "".join(c.text for t in document.tables for r in t.rows for c in r.cells))


@pytest.mark.parametrize("notice", NOTICES, ids=lambda n: f"{n.portal_id}-{n.content.id}")
def test_every_truth_stands_in_what_is_served(notice: NoticeTruth, served: dict[tuple[str, int], str]) -> None:
    text = served[notice.portal_id, notice.content.id]
    content = notice.content
    for expected in (content.title, content.doc_number, *(t.duty.text for t in notice.tasks)):
        assert words(expected) in text
    for task in notice.tasks:
        assert not task.duty.deadline.raw or words(task.duty.deadline.raw) in text
        units = "".join(words(u) for u in (*task.duty.lead, *task.duty.support))
        assert set(units) <= set(text)
    for figure in content.metrics:
        assert figure.state == "zero_phrase" or f"{figure.value}" in text


def _table(notice: NoticeTruth) -> dict[tuple[str, str], Decimal]:
    return {(f.code, f.dimensions.get("applicant", "")): f.value for f in notice.figures if f.value is not None}


@pytest.mark.parametrize("notice", [n for n in NOTICES if n.figures], ids=lambda n: f"{n.portal_id}-{n.content.year}")
def test_reports_balance_except_where_planted(notice: NoticeTruth) -> None:
    values, broken = _table(notice), set()
    outcomes = [c for c, a in values if a == "total" and c.startswith("app_") and c not in _FLOWS]
    if outcomes:
        for column in (*APPLICANTS, "total"):
            flow = [values[code, column] for code in _FLOWS]
            assert flow[0] + flow[1] == flow[2] + flow[3]
            if sum(values[c, column] for c in outcomes) != flow[2]:
                broken.add("T3-SUM")
        assert len([k for k in values if k[1]]) == 7 * (len(outcomes) + 4)
        for rule, prefix in (("T4-REV", "review"), ("T4-DIR", "lit_direct"), ("T4-AFT", "lit_after_review")):
            parts = sum(values[f"{prefix}_{r}", ""] for r in ("upheld", "corrected", "other", "pending"))
            if parts != values[f"{prefix}_total", ""]:
                broken.add(rule)
    assert broken == set(notice.content.findings)


_FLOWS = ("app_new_received", "app_carried_in", "app_outcome_total", "app_carried_out")


def test_statistics_table_adds_up() -> None:
    v = _table(next(n for n in NOTICES if n.content.year == 2017 and n.content.genre == "annual_report"))
    one = {code: value for (code, _), value in v.items()}
    assert one["app_received_total"] == sum(x for c, x in one.items() if c.startswith("app_recv_"))
    assert one["app_replied_total"] == sum(x for c, x in one.items() if c.startswith("app_reply_"))
    assert one["app_reply_refused"] == sum(x for c, x in one.items() if c.startswith("app_refused_"))
    assert one["staff_total"] == one["staff_full_time"] + one["staff_part_time"]


def test_attachments_have_the_same_bytes_every_time() -> None:
    enclosed: list[tuple[NoticeContent, int, Enclosure]] = [(n.content, i, e) for n in NOTICES for i, e in enumerate(n.content.attachments)]
    assert {e.format for _, _, e in enclosed} == {"docx", "xlsx", "pdf"}
    for notice, number, enclosure in enclosed:
        made = attachment_answer(notice, enclosure, number)
        assert made.body == attachment_answer(notice, enclosure, number).body
        assert CLICKS.encode() not in made.body


def test_pdf_has_ruled_tables_of_the_forms_widths() -> None:
    notice = next(n for n in NOTICES if any(e.format == "pdf" for e in n.content.attachments))
    body = attachment_answer(notice.content, notice.content.attachments[0], 0).body
    with pdfplumber.open(io.BytesIO(body)) as pdf:
        tables = [t for page in pdf.pages for t in page.extract_tables()]
        assert pdf.pages[0].extract_text().startswith("青岚市人民政府2022年政府信息公开工作年度报告")
    widths = [len(t[0]) for t in tables]
    assert set(widths) == {4, 10, 15}
    assert sum(len(t) for t in tables if len(t[0]) == 10) == 3 + 25  # three header rows, cut by a page end or not
    assert tables[-1][-1] == ["5", "0", "0", "2", "7", "2", "0", "0", "0", "2", "1", "0", "1", "0", "2"]


def test_content_mistakes_name_their_file(tmp_path: Path) -> None:
    (tmp_path / "town.yaml").write_text("portals:\n- id: p\n  expected: {status: complete, reason: none, colour: red}\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"town\.yaml: expected\.colour"):
        load_content(tmp_path)
