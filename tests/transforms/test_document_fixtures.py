"""Heads, tails, citations and obligations of invented documents against hand labels (fixtures/documents/heads.yaml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from work_spent import assert_quick

from gongkai.records.document import ParsedDocument
from transforms.citations import read_citations
from transforms.formats.text import text_body
from transforms.header import read_header
from transforms.obligations import read_obligations
from transforms.parse import parse
from transforms.repeals import read_repeals

_DOCUMENTS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "fixtures" / "documents" / "heads.yaml").read_text(encoding="utf-8")
)["documents"]
_ONE_EACH = pytest.mark.parametrize("document", _DOCUMENTS, ids=[document["name"] for document in _DOCUMENTS])
_BEGINNING = 40


def _parsed(document: dict[str, Any]) -> ParsedDocument:
    return parse(document["text"].encode())


def _about(parsed: ParsedDocument, rule: str) -> list[str]:
    """What the findings of `rule` name, in order."""
    return [finding.actual or "" for finding in parsed.findings if finding.rule == rule]


@_ONE_EACH
def test_head_and_tail(document: dict[str, Any]) -> None:
    header = read_header(text_body(document["text"]))
    want = document["header"]
    assert {key: getattr(header, key) for key in want} == want


@_ONE_EACH
def test_printed_attachments(document: dict[str, Any]) -> None:
    assert [link.name for link in _parsed(document).attachments] == document.get("attachments", [])


@_ONE_EACH
def test_citations(document: dict[str, Any]) -> None:
    parsed = _parsed(document)
    assert [[c.title, c.doc_number, c.issuer_level, c.role] for c in parsed.citations] == document["citations"]


@_ONE_EACH
def test_obligations(document: dict[str, Any]) -> None:
    found = _parsed(document).obligations
    want = [(*label[:7], label[7]) for label in document["obligations"]]
    assert [(o.raw, o.trigger, o.direction, o.amount, o.unit, o.due_date, o.subject_units) for o in found] == [w[:7] for w in want]
    for one, label in zip(found, want, strict=True):
        assert (one.action or "")[:_BEGINNING].startswith(label[7])


@_ONE_EACH
def test_abolished_and_amended(document: dict[str, Any]) -> None:
    parsed = _parsed(document)
    assert _about(parsed, "H-ABOLISH") == document.get("abolishes", [])
    assert _about(parsed, "H-AMEND") == document.get("amends", [])


@_ONE_EACH
def test_contradictions(document: dict[str, Any]) -> None:
    rules = {finding.rule for finding in _parsed(document).findings if finding.rule.startswith("H-")}
    assert sorted(rules - {"H-ABOLISH", "H-AMEND"}) == document.get("findings", [])


@_ONE_EACH
def test_evidence_is_the_text(document: dict[str, Any]) -> None:
    parsed = _parsed(document)
    assert_evidence(parsed)


def assert_evidence(parsed: ParsedDocument) -> None:
    """`body_text[start:end]` of citations, obligations, metrics and findings is what they claim."""
    text = parsed.body_text
    for obligation in parsed.obligations:
        assert text[obligation.start : obligation.end] == obligation.raw
    for citation in parsed.citations:
        printed = text[citation.start : citation.end]
        assert (citation.title or "") in printed.replace("\n", "")
        assert printed.startswith("《" if citation.title else printed[:1])
        if citation.doc_number:
            serial = citation.doc_number.rstrip("号").rpartition("〕")[2].rpartition("第")[2]
            assert serial in "".join(str(int(c)) if c.isdigit() else c for c in printed)
    for metric in parsed.metrics:
        if metric.raw:
            assert "".join(metric.raw.split()) in "".join(text[metric.start : metric.end].split())
    for finding in parsed.findings:
        if finding.start is not None and finding.end is not None:
            assert 0 <= finding.start < finding.end <= len(text)


@pytest.mark.parametrize(
    "unit",
    [
        "《",
        "废止《甲办法》、",
        "6月底前公开,",
        "突发后,在5小时内公布,",
        "公告2019年第",
        "当日公开",
        "听证会举行",
        "见附件3,",
        "2019年2月30日",
        "附件:1.甲\n",
        "各部门要在",
    ],
)
def test_endless_lines_take_bounded_time(unit: str) -> None:
    body = text_body(unit * (40_000 // len(unit)))
    # a quadratic search over 40,000 characters takes minutes
    assert_quick(lambda: (read_header(body), read_repeals(body, read_citations(body)), read_obligations(body)), 5)


@pytest.mark.real
def test_evidence_in_real_documents() -> None:
    documents = Path("../shared/documents")
    if not documents.is_dir():
        pytest.skip("../shared/documents is not here")
    files = [*documents.glob("0*.txt"), *documents.glob("*.pdf"), *documents.glob("pages/[ap]*.html"), *documents.glob("pages/p*.txt")]
    assert len(files) >= 10
    for file in files:
        assert_evidence(parse(file.read_bytes(), name=file.name))
