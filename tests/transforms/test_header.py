"""Head and foot of documents by GB/T 9704, in plain text as the portals give it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gongkai.records.document import AttachmentLink
from transforms.formats.text import text_body
from transforms.header import Header, read_header
from transforms.pages.contract import PageFields

_NOTICE = """当前位置：首页 > 政务公开 > 政府文件
例市人民政府办公室
关于印发2019年政务公开工作要点的通知
例政办发〔2019〕12号
各县（市、区）人民政府，市政府各部门、各直属机构：
《例市2019年政务公开工作要点》已经市政府同意，现印发给你们，请结合实际认真落实。
例市人民政府办公室
2019年5月6日
（此件公开发布）
例市2019年政务公开工作要点
2019年，全市政务公开工作围绕中心、服务大局。根据《条例》（国令第711号）制定本要点。
一、加强公开
（一）公开预算。（市财政局负责）
"""


def _read(text: str, page: PageFields | None = None) -> Header:
    return read_header(text_body(text), page)


def test_notice_that_issues_a_plan() -> None:
    assert _read(_NOTICE) == Header(
        title="例市人民政府办公室关于印发2019年政务公开工作要点的通知",
        issued_title="例市2019年政务公开工作要点",
        issuer="例市人民政府办公室",
        doc_number="例政办发〔2019〕12号",
        addressed_to=["各县（市、区）人民政府", "市政府各部门", "各直属机构"],
        written_date=date(2019, 5, 6),
        disclosure_note="此件公开发布",
        year=2019,
        region=None,
    )


def test_region_needs_a_name_of_two_characters() -> None:
    assert _read(_NOTICE.replace("例市", "样例市")).region == "样例市"


def test_old_format_with_subject_words_and_copies() -> None:
    header = _read(
        "样政办[2011]7号\n样例县人民政府办公室\n关于做好政务公开工作的通知\n各乡镇人民政府：\n请抓好落实。\n"
        "二○一一年三月二十一日\n主题词：政务公开　　工作　通知\n抄送：县委办，县人大办、县政协办。\n样例县人民政府办公室　2011年3月22日印发"
    )
    assert header.title == "样例县人民政府办公室关于做好政务公开工作的通知"
    assert header.doc_number == "样政办〔2011〕7号"
    assert header.written_date == date(2011, 3, 21)
    assert header.subject_words == "政务公开 工作 通知"
    assert header.cc == ["县委办", "县人大办", "县政协办"]
    assert header.region == "样例县"


def test_bare_issuer_gets_its_region() -> None:
    header = _read(
        "市人民政府办公室关于印发样例市2020年政务公开工作实施方案的通知\n各县、市、区人民政府，市政府各部门：\n"
        "《样例市2020年政务公开工作实施方案》已经同意，现印发给你们。\n2020年6月1日\n样例市2020年政务公开工作实施方案\n一、目标"
    )
    assert header.issuer == "样例市人民政府办公室"
    assert header.addressed_to == ["各县、市、区人民政府", "市政府各部门"]


def test_without_a_notice_title_the_issued_title_is_the_title() -> None:
    header = _read(
        "各镇人民政府：\n《样例市养犬管理办法》已经同意，现印发给你们。\n样例市人民政府办公室\n"
        "2015年2月3日\n样例市养犬管理办法\n第一条　为了管理，制定本办法。"
    )
    assert (header.title, header.issued_title) == ("样例市养犬管理办法", None)
    assert header.issuer == "样例市人民政府办公室"


def test_a_cited_number_is_not_its_own() -> None:
    header = _read("样例市档案管理办法\n根据《档案法实施办法》（国令第9号）和样政发〔2010〕3号文件，制定本办法。\n一、总则")
    assert header.doc_number is None


def test_empty_subject_label_is_no_subject() -> None:
    assert _read("某某通知\n主题词：\n正文。").subject_words is None


def test_report_title_over_two_lines() -> None:
    header = _read("样例市人民政府\n2022年政府信息公开工作年度报告\n本报告由样例市人民政府办公室根据条例编制。\n一、总体情况")
    assert header.title == "样例市人民政府2022年政府信息公开工作年度报告"
    assert (header.year, header.issuer, header.region) == (2022, "样例市人民政府办公室", "样例市")


def test_stamp_of_a_page_saved_as_text() -> None:
    header = _read("样例市关于某事的通知\n发布时间:2017-06-09 8:16 来源:市政府办 【字体：大 中 小】\n各部门：\n请办理。")
    assert (header.published_at, header.source) == ("2017-06-09T08:16:00+08:00", "市政府办")


def _page(title: str | None) -> PageFields:
    return PageFields(
        title=title,
        published_at="2019-05-08",
        doc_number="例政办发[2019]13号",
        issuer="例市政府",
        attachments=(AttachmentLink(name="a", url="b"),),
    )


def test_page_metadata_fills_and_a_cut_title_is_completed() -> None:
    header = _read(_NOTICE, _page("例市人民政府办公室关于印发2019年政务公开..."))
    assert header.title == "例市人民政府办公室关于印发2019年政务公开工作要点的通知"
    assert header.doc_number == "例政办发〔2019〕12号"  # what the document prints prevails
    assert header.published_at == "2019-05-08"
    assert _read("正文很短。", _page("页面标题")).doc_number == "例政办发〔2019〕13号"


def test_empty_body() -> None:
    assert _read("\n\n") == Header()


@pytest.mark.real
def test_real_heads() -> None:
    documents = Path("../shared/documents")
    if not documents.is_dir():
        pytest.skip("../shared/documents is not here")
    want = {
        "000_6324a25c95f10dc0.txt": (None, date(2014, 7, 23), "湛江市", 2014),
        "001_31379037575ba617.txt": ("黄政办发〔2017〕27号", date(2017, 6, 27), "黄冈市", 2017),
        "003_04969230b5e700cb.txt": ("陇政办发〔2017〕90号", date(2017, 7, 21), "陇南市", 2017),
        "004_e16a431eec4ca6f3.txt": ("同政办〔2012〕23号", date(2012, 7, 20), "同江市", 2012),
    }
    for name, elements in want.items():
        header = _read((documents / name).read_text(encoding="utf-8"))
        assert (header.doc_number, header.written_date, header.region, header.year) == elements
