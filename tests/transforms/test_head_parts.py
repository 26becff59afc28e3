"""Parts of a head: addressees, issuers in titles, titles with numbers and torn quotes, metadata printed as lines, signatures."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.addressees import addressees
from transforms.body import Body
from transforms.formats.text import text_body
from transforms.header import read_header
from transforms.issuers import find_signature, title_issuer, title_subject
from transforms.lines import Line, read_lines
from transforms.printed_labels import read_labels
from transforms.script import fold
from transforms.titles import bare_title, find_title


def _line(text: str) -> Line:
    return Line(text, fold(text)[0], 0, False, False)


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        ("各县、市、区人民政府，市政府各委、办、局：", ["各县、市、区人民政府", "市政府各委、办、局"]),
        ("各县（市）、区人民政府，市直各单位：", ["各县（市）、区人民政府", "市直各单位"]),
        ("各县（市）、市直各单位：", ["各县（市）", "市直各单位"]),
        ("各区、县（市）教育局、各直属学校、各处室：", ["各区、县（市）教育局", "各直属学校", "各处室"]),
        ("各乡镇党委、人民政府，各街道党工委、办事处：", ["各乡镇党委、人民政府", "各街道党工委、办事处"]),
        (
            "甲山高新区、乙水物流园区、丙湖新区管委会，中央、省驻市单位：",
            ["甲山高新区", "乙水物流园区", "丙湖新区管委会", "中央、省驻市单位"],
        ),
        ("各镇（街道，园区）应急办、局各科室：", ["各镇（街道，园区）应急办", "局各科室"]),
    ],
)
def test_addressees_are_parted_where_each_can_stand_alone(printed: str, parts: list[str]) -> None:
    assert addressees(_line(printed)) == parts


@given(st.text(alphabet="各县市区人民政府、，（）局直单位委办：", max_size=60))
def test_addressees_lose_no_word(text: str) -> None:
    kept = "".join(addressees(_line(text)))
    assert kept.replace("、", "") == text.rstrip("：，").replace("、", "").replace("，", "") or "（" in text or "）" in text


@pytest.mark.parametrize(
    ("title", "issuer"),
    [
        ("甲县水务局 甲县财政局关于印发河湖清理要点的通知", "甲县水务局、甲县财政局"),
        ("中共长岭市委办公室长岭市人民政府办公室印发《关于推进公开的意见》的通知", "中共长岭市委办公室、长岭市人民政府办公室"),
        ("东湾区教育局、东湾区卫生健康局关于做好晨检的通知", "东湾区教育局、东湾区卫生健康局"),
        ("关于做好晨检的通知", None),
        ("东湾区教育局2020年政府信息公开年度报告", None),
    ],
)
def test_issuers_that_a_title_names(title: str, issuer: str | None) -> None:
    assert title_issuer(title) == issuer


def test_a_title_without_about_still_names_a_body() -> None:
    assert title_subject("东湾区教育局2020年政府信息公开年度报告") == "东湾区教育局"
    assert title_subject("西坪县人民政府工作规则") == "西坪县人民政府"
    assert title_subject("西坪县养犬管理办法") is None


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("甲政发〔2014〕20号《甲市人民政府关于减负的意见》", "甲市人民政府关于减负的意见"),
        ("甲市关于减负的通知（甲办发〔2017〕2号）", "甲市关于减负的通知"),
        ("甲市关于减负的通知-甲市人民政府门户网站", "甲市关于减负的通知"),
        ("关于转发甲政发〔2014〕20号文件的通知", "关于转发甲政发〔2014〕20号文件的通知"),
        ("| 甲市关于减负的通知 |", "甲市关于减负的通知"),
    ],
)
def test_titles_without_what_stands_beside_them(printed: str, title: str) -> None:
    assert bare_title(printed) == title


def test_title_torn_inside_its_quotes() -> None:
    lines = read_lines(text_body("甲县关于落实《进一步\n促进消费的\n若干措施》的通知\n（试行）\n正文。"))
    found = find_title(lines, 0, len(lines))
    assert found is not None
    assert (found.text, found.first, found.last) == ("甲县关于落实《进一步促进消费的若干措施》的通知（试行）", 0, 3)


def test_metadata_printed_as_lines() -> None:
    text = "• 索引号:\n01/2024-1\n• 发文字号:\n甲政发〔2024〕7号\n• 有效性:\n• 发布日期:\n2024年04月06日 16:34\n名 称：甲县工作规则  文号："
    labels = read_labels(read_lines(text_body(text)))
    assert labels.values["doc_number"] == ["甲政发〔2024〕7号"]
    assert labels.values["title"] == ["甲县工作规则"]
    assert "validity" not in labels.values
    assert labels.published_at == "2024-04-06T16:34:00+08:00"


def test_a_stamp_with_a_clock_is_the_portals_not_the_documents() -> None:
    header = read_header(text_body("发文日期：2024年04月06日 16:40\n甲县工作规则\n第一条　工作。"))
    assert header.written_date is None
    assert (header.published_at or "")[:10] == "2024-04-06"
    assert read_header(text_body("成文日期：2024年4月6日\n甲县工作规则\n第一条　工作。")).written_date == date(2024, 4, 6)


def test_dates_of_a_flattened_table_are_no_signature() -> None:
    rows = "".join(f"{n}.做好工作\n2019年{n}月28日\n县财政局\n" for n in range(1, 8))
    lines = read_lines(text_body(f"甲县工作要点\n一、任务\n{rows}"))
    assert find_signature(lines, 0, 1) is None
    early = read_lines(text_body(f"甲县关于印发要点的通知\n甲县人民政府\n2019年1月3日\n一、任务\n{rows}"))
    signed = find_signature(early, 0, 3)
    assert signed is not None
    assert (signed.signer, signed.date) == ("甲县人民政府", date(2019, 1, 3))


def test_a_note_may_stand_before_the_date_and_the_date_may_be_impossible() -> None:
    header = read_header(text_body("甲县人民政府关于减负的通知\n各乡镇人民政府：\n请执行。\n甲县人民政府\n（此件发至乡）    2017年6月13日"))
    assert (header.issuer, header.written_date) == ("甲县人民政府", date(2017, 6, 13))
    header = read_header(text_body("关于减负的通知\n各乡镇人民政府：\n请执行。\n甲县人民政府\n2017年2月30日"))
    assert (header.issuer, header.written_date) == ("甲县人民政府", None)


@given(
    st.lists(
        st.sampled_from(
            [*"甲县局各：《》〈〉（）〔〕0219年月日号\n、，。|•", "人民政府", "关于", "的通知", "附件", "发布日期：", "2019年3月4日"]
        ),
        max_size=60,
    )
)
def test_any_head_is_read(parts: list[str]) -> None:
    body: Body = text_body("".join(parts))
    header = read_header(body)
    joined = "".join(body.text.split())
    for name in [*header.addressed_to, *header.cc]:
        assert "".join(name.split()) in joined
    for number in header.other_numbers:
        assert 0 <= number.start < number.end <= len(body.text)
