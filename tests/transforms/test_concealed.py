"""A page that leaks numbers of persons: nothing that is read of it repeats them, every offset stays right, the findings say where."""

from __future__ import annotations

import json
from dataclasses import asdict

from personal_numbers import WIDE, card_number, identity_number

from gongkai.records.document import ParsedDocument, to_json
from stages.explain import explain_page
from transforms.opened import open_attachment
from transforms.parse import parse, parse_with_body, parse_with_page

ID, CARD, PHONE = identity_number(), card_number(), "13900001234"
PAGE = f"""<html><head><meta name="ArticleTitle" content="例市2026年救助对象{ID}公示"><meta name="ContentSource" content="李某{PHONE}">
</head><body><h1>例市2026年救助对象{ID}公示</h1><div class="TRS_Editor">
<p>现将例市2026年临时救助对象名单予以公示，公示期为2026年3月1日至2026年3月7日，如有异议请向市民政局反映。</p>
<table><tr><th>姓名</th><th>身份证号</th><th>开户银行及账号</th></tr>
<tr><td>张某</td><td>{ID}</td><td>{CARD}</td></tr>
<tr><td>王某</td><td>{ID.translate(WIDE)}</td><td></td></tr></table>
<p>1.市民政局负责核对，联系人手机{PHONE}，于2026年6月底前完成。</p>
<p><a href="/f/1.docx">张某{ID}.docx</a></p></div></body></html>"""


def _printed(parsed: ParsedDocument) -> str:
    return json.dumps(asdict(parsed), default=to_json, ensure_ascii=False)


def test_nothing_read_of_a_page_repeats_a_number() -> None:
    parsed, body, page = parse_with_page(PAGE.encode(), url="http://127.0.0.1/a.html")
    assert page is not None
    held = [_printed(parsed), body.text, body.folded, str(body.blocks), page.title or "", page.source or "", str(page.attachments)]
    for number in (ID, ID.translate(WIDE), CARD, PHONE, ID[:10], ID[-6:], CARD[-8:]):
        assert [text for text in held if number in text] == []
    assert parsed.title == f"例市2026年救助对象{'*' * 18}公示"
    assert parsed.attachments[0].name == f"张某{'*' * 18}.docx"
    found = {f.rule: f for f in parsed.findings}
    assert [(f.rule, f.severity, f.actual) for f in parsed.findings if f.rule in ("P-ID", "P-CARD", "P-PHONE")] == [
        ("P-CARD", "error", "1"),
        ("P-ID", "error", "3"),  # two cells and the attachment's name
        ("P-PHONE", "warning", "1"),
    ]
    for rule, length in (("P-ID", 18), ("P-CARD", 19), ("P-PHONE", 11)):
        first = found[rule]
        assert parsed.body_text[first.start : first.end] == "*" * length


def test_offsets_and_cells_stay_where_they_were() -> None:
    parsed, body = parse_with_body(PAGE.encode())
    plain, _ = parse_with_body(PAGE.replace(ID, "甲" * 18).replace(ID.translate(WIDE), "甲" * 18).replace(PHONE, "乙" * 11).encode())
    assert len(parsed.body_text) == len(plain.body_text)
    (grid,) = [block.grid for block in body.blocks if block.grid]
    assert grid.texts()[1] == ["张某", "*" * 18, "*" * 19]
    assert all(cell.text == body.text[cell.start : cell.end] for row in grid.rows for cell in row if cell)
    assert len(body.folded) == len(body.text)


def test_the_explaining_page_shows_no_number() -> None:
    shown = explain_page(*parse_with_body(PAGE.encode()), name="a.html")
    assert "救助对象" in shown
    assert [number for number in (ID, CARD, PHONE, ID.translate(WIDE)) if number in shown] == []


def test_an_attachment_is_masked_too_its_name_included() -> None:
    table = f"姓名,身份证号,卡号\n张某,{ID},{CARD}\n".encode()
    (opened,) = open_attachment(table, name=f"{ID}.csv")
    assert opened.document is not None
    text = _printed(opened.document)
    assert ID not in text
    assert CARD not in text
    assert {f.rule: f.actual for f in opened.document.findings} == {"P-ID": "1", "P-CARD": "1"}


def test_a_page_without_numbers_of_persons_is_read_as_it_stands() -> None:
    text = "例市2026年政务公开工作要点，索引号：13900001234，咨询电话0990-8120066。" + "各单位认真落实。" * 5
    parsed = parse(text.encode())
    assert parsed.body_text == text
    assert {f.rule for f in parsed.findings} & {"P-ID", "P-CARD", "P-PHONE"} == set()
