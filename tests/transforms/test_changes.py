"""What changed between two versions of a notice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from transforms.changes import Face, change

_SAME = {"title": "要点", "published_at": "2026-02-28"} | dict.fromkeys(("list_date", "doc_number", "index_number", "validity", "source"))


def face(body: str | None = "一\n二", *attachments: tuple[str, str | None], **fields: str | None) -> Face:
    return Face(fields=_SAME | fields, attachments=frozenset(attachments), body=body)


def test_fields_dates_and_attachments_are_named_apart() -> None:
    before = face("一\n二", ("表.xls", "aa"), ("图.png", "bb"))
    after = face("一\n二", ("表.xls", "cc"), title="要点（修订）", published_at="2026-03-01", validity="abolished")
    found = change(before, after)
    assert found.changed == ["title", "dates", "validity", "attachments"]
    assert (found.title_before, found.published_before) == ("要点", "2026-02-28")
    assert (found.attachments_added, found.attachments_removed) == (["表.xls"], ["图.png", "表.xls"])
    assert (found.body_diff, found.lines_added, found.lines_removed) == (None, 0, 0)


def test_a_body_that_could_not_be_read_is_what_changed_where_nothing_else_did() -> None:
    assert change(face(None), face("一")).changed == ["body"]
    assert change(face(None), face("一", source="市府办")).changed == ["source"]


def test_what_no_field_shows_is_told_as_other() -> None:
    assert change(face(), face()).changed == ["other"]


def test_a_long_text_is_compared_within_bounds() -> None:
    numbered = [str(n) for n in range(30_000)]
    one = change(face("\n".join(numbered)), face("\n".join([*numbered[:15_000], "新", *numbered[15_001:]])))
    assert one.body_diff == "@@ -1,3 +1,3 @@\n 14999\n-15000\n+新\n 15001"
    other = change(face("\n".join(numbered)), face("\n".join(f"第{n}" for n in numbered)))
    assert (other.body_diff, other.lines_added) == ("@@ 30000 lines replaced by 30000 from line 1 on @@", 30_000)
    wide = change(face("词" * 100_000), face("句" * 100_000))
    assert wide.body_diff == f"@@ -1 +1 @@\n-{'词' * 1_799}…\n+{'句' * 1_799}…"


def test_in_a_long_paragraph_the_words_that_changed_are_seen_and_not_looked_for() -> None:
    """A page whose text is one line of 9,000 characters: a diff of whole lines would end before it comes to what is there now."""
    before, context = "甲" * 4_500 + "投资500万元" + "乙" * 4_500, "丙" * 300
    found = change(face(f"{context}\n{before}\n尾"), face(f"{context}\n{before.replace('500', '450')}\n尾\n{'新' * 200}"))
    assert found.body_diff is not None
    assert found.body_diff.split("\n") == [
        "@@ -1,3 +1,4 @@",
        f" {'丙' * 159}…",
        f"-…{'甲' * 38}投资500万元{'乙' * 37}…",
        f"+…{'甲' * 38}投资450万元{'乙' * 37}…",
        " 尾",
        f"+{'新' * 200}",
    ]
    assert (found.lines_added, found.lines_removed) == (2, 1)


@given(st.lists(st.sampled_from("一二三四"), max_size=12), st.lists(st.sampled_from("一二三四"), max_size=12))
def test_the_counts_of_lines_fit_the_two_texts(before: list[str], after: list[str]) -> None:
    found = change(face("\n".join(before)), face("\n".join(after)))
    assert found.lines_added is not None
    assert found.lines_removed is not None
    assert len(before) + found.lines_added - found.lines_removed == len(after)
    assert ("body" in found.changed) == (before != after)
