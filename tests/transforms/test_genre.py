"""Genre by title, then by structure, then by the enclosing notice."""

from __future__ import annotations

import pytest

from gongkai.document_words import doc_prefixes, genre_rules
from gongkai.records.document import Genre
from transforms.formats.text import text_body
from transforms.genre import read_genre

_EMPTY = text_body("正文。")


@pytest.mark.parametrize(
    ("title", "issued", "genre"),
    [
        ("样例市人民政府办公室关于印发2019年政务公开工作要点的通知", "2019年政务公开工作要点", "work_plan"),
        ("样例市2013年度政府信息公開工作報告", None, "annual_report"),
        ("样例市财政局2020年政府信息公开工作年度报告", None, "annual_report"),
        ("《样例市2020年政务公开工作要点》政策解读", None, "interpretation"),
        ("关于印发样例市养犬管理办法的通知", "样例市养犬管理办法", "regulation"),
        ("样例市政府信息公开办法（试行）", None, "regulation"),
        ("样例市自然资源局土地征收公告", None, "announcement"),
        ("样例市2020年国民经济和社会发展统计公报", None, "other"),
        (None, None, "other"),
    ],
)
def test_by_title(title: str | None, issued: str | None, genre: Genre) -> None:
    assert read_genre(title, issued, _EMPTY) == genre


def test_by_structure() -> None:
    plan = text_body("\n".join(f"（{n}）做好某项工作。（市某局、各县区政府负责）" for n in "一二三"))
    rules = text_body("第一条　甲。\n第二条　乙。\n第三条　丙。")
    assert read_genre("关于加快发展的意见", None, plan) == "work_plan"
    assert read_genre("关于促进发展的若干意见", None, plan) == "work_plan"
    assert read_genre("关于某事的规矩", None, rules) == "regulation"


def test_hint_is_the_last_resort() -> None:
    assert read_genre("附件1", None, _EMPTY, hint="work_plan") == "work_plan"
    assert read_genre("政策解读", None, _EMPTY, hint="work_plan") == "interpretation"


def test_data_files_are_sound() -> None:
    assert {rule.genre for rule in genre_rules()} >= {"work_plan", "annual_report", "interpretation", "regulation", "announcement"}
    assert len(doc_prefixes().provinces) == 32  # 31 and the second name of 云南
