"""Citations: titles, numbers, roles and levels."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gongkai.records.document import Citation
from transforms.citations import read_citations
from transforms.formats.text import text_body


def _cite(text: str, *titles: str, own: str | None = None) -> list[Citation]:
    return read_citations(text_body(text), titles=titles, own_number=own)


def _brief(text: str) -> list[tuple[str | None, str | None, str, str]]:
    return [(c.title, c.doc_number, c.role, c.issuer_level) for c in _cite(text)]


def test_title_with_number_and_a_list_after_the_basis() -> None:
    assert _brief(
        "根据《国务院办公厅关于某事的意见》（国办发[2016]8号）、《样例省人民政府关于某事的通知》（样政发〔2016〕9号）和《样例市公开办法》，制定本方案。"
    ) == [
        ("国务院办公厅关于某事的意见", "国办发〔2016〕8号", "basis", "central"),
        ("样例省人民政府关于某事的通知", "样政发〔2016〕9号", "basis", "province"),
        ("样例市公开办法", None, "basis", "city"),
    ]


def test_nested_titles_are_one_citation() -> None:
    text = "落实《样例市转发〈国务院关于某事的意见〉的通知》和《样例县转发《某办法》的通知》。"
    assert [c.title for c in _cite(text)] == ["样例市转发〈国务院关于某事的意见〉的通知", "样例县转发《某办法》的通知"]


def test_unclosed_title_ends_before_its_number() -> None:
    assert _brief("按照《样例省公开规定(样政发〔2012〕4号)要求，做好工作。")[0][:2] == ("样例省公开规定", "样政发〔2012〕4号")


def test_number_alone() -> None:
    assert _brief("认真贯彻国办发〔2019〕14号文件精神。") == [(None, "国办发〔2019〕14号", "basis", "central")]


def test_roles() -> None:
    (own,) = _cite("《样例市2019年要点》已经同意，现印发给你们。", "样例市2019年要点")
    assert own.role == "self"
    assert _cite("样政发〔2019〕3号\n正文", own="样政发〔2019〕3号")[0].role == "self"
    assert _brief("附件：《责任分解表》")[0][2] == "attachment"
    assert _brief("各单位制定了《责任分解表》（详见附件）。")[0][2] == "attachment"
    assert _brief("大力宣传推广，编印《公开案例汇编》。")[0][2] == "mention"


def test_evidence_is_in_the_printed_script() -> None:
    text = "根據《中華人民共和國政府信息公開條例》，編制本報告。這個報告對開展業務說明後續問題。"
    (citation,) = _cite(text)
    assert citation.title == "中華人民共和國政府信息公開條例"
    assert text[citation.start : citation.end] == "《中華人民共和國政府信息公開條例》"
    assert (citation.role, citation.issuer_level) == ("basis", "central")


@given(st.text(alphabet="《》〈〉()〔〕2017号发。，\n甲根据", max_size=120))
def test_any_brackets(text: str) -> None:
    body = text_body(text)
    for citation in read_citations(body):
        assert 0 <= citation.start < citation.end <= len(body.text)
        if citation.title is not None:
            assert body.text[citation.start] == "《"


def test_short_names_are_no_documents_of_their_own() -> None:
    body = text_body(
        "为落实《省政府关于推进公开的指导意见》（南政发〔2019〕5号，以下简称《指导意见》）和《江口市公开细则》（江政办〔2020〕5号，以下简称《细则》）精神，"
        "制定本方案。\n一、按照《指导意见》规定办理。"
    )
    found = [(c.title, c.doc_number, c.role) for c in read_citations(body)]
    assert found == [
        ("省政府关于推进公开的指导意见", "南政发〔2019〕5号", "basis"),
        ("江口市公开细则", "江政办〔2020〕5号", "basis"),
        ("指导意见", None, "mention"),
    ]


def test_what_is_drafted_and_what_only_begins_an_attachments_name_are_mentions() -> None:
    body = text_body(
        "按照省有关规定和要求，我局起草了《江口市湿地办法》。\n附件：《政府工作报告》任务分解表\n《云城区公开规定》、《山区供水办法》。"
    )
    assert [(c.title, c.role, c.issuer_level) for c in read_citations(body)] == [
        ("江口市湿地办法", "mention", "city"),
        ("政府工作报告", "mention", "unknown"),
        ("云城区公开规定", "mention", "county"),
        ("山区供水办法", "mention", "unknown"),
    ]


def test_title_torn_by_a_line_break_and_a_level_said_once() -> None:
    body = text_body(
        "江口市关于印发《江口市停车\n管理办法》的通知（江政办〔2020〕7号）\n国务院《信访规定》出台后，《信访规定》第三条适用。"
    )
    assert [(c.title, c.doc_number, c.issuer_level) for c in read_citations(body)] == [
        ("江口市停车管理办法", "江政办〔2020〕7号", "city"),
        ("信访规定", None, "central"),
        ("信访规定", None, "central"),
    ]
