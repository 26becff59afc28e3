"""Two readings compared: what a person would call the same row is one row."""

from __future__ import annotations

from typing import Any

from stages.reextract_diff import Change, TableDiff, compare, with_tasks

GRAIN = {"portal_id": "p", "run_id": "r", "notice_id": "n", "version": "v", "document_id": "d", "extractor_version": "1"}


def task(seq: int, text: str, **more: Any) -> dict[str, Any]:
    return (
        GRAIN
        | {"seq": seq, "path": [str(seq)], "text": text, "lead_units": ["市统计局"], "span_start": seq * 10, "span_end": seq * 10 + 5}
        | more
    )


def test_a_task_put_on_top_is_one_row_added() -> None:
    old = [task(1, "甲"), task(2, "乙")]
    new = [task(1, "新"), task(2, "甲", path=["1"]), task(3, "乙", path=["2"])]
    diff, changes = compare("plan_task", old, [row | {"extractor_version": "2"} for row in new])
    assert diff == TableDiff(moved=2, added=1)
    (change,) = changes
    assert (change.kind, change.field, change.old) == ("added", None, None)
    assert change.new == '{"path": ["1"], "text": "新", "lead_units": ["市统计局"]}'


def test_a_field_that_changed_is_named_with_both_values() -> None:
    diff, changes = compare(
        "plan_task", [task(1, "甲"), task(2, "乙")], [task(1, "甲", lead_units=["市财政局", "市统计局"]), task(2, "乙")]
    )
    assert diff == TableDiff(same=1, changed=1, fields=diff.fields)
    assert diff.fields == {"lead_units": 1}
    assert changes == [Change("plan_task", "changed", "n", "d", "lead_units", '["市统计局"]', '["市财政局", "市统计局"]')]


def test_a_text_that_changed_is_paired_by_its_place_in_the_outline() -> None:
    diff, changes = compare("plan_task", [task(1, "甲"), task(2, "乙")], [task(1, "甲"), task(2, "乙。")])
    assert (diff.same, diff.changed, diff.added, diff.removed) == (1, 1, 0, 0)
    assert [(c.field, c.old, c.new) for c in changes] == [("text", "乙", "乙。")]


def test_a_long_text_is_cut_around_the_difference() -> None:
    document = GRAIN | {"part": 0, "body_text": "公" * 1000 + "旧" + "开" * 1000}
    (change,) = compare("document", [document], [document | {"body_text": "公" * 1000 + "新" + "开" * 1000}])[1]
    assert change.old == "…" + "公" * 40 + "旧" + "开" * 159 + "…"
    assert change.new == "…" + "公" * 40 + "新" + "开" * 159 + "…"


def test_parts_of_tasks_are_paired_by_the_tasks_words() -> None:
    def unit(task_seq: int, name: str) -> dict[str, Any]:
        return GRAIN | {"task_seq": task_seq, "seq": 0, "name": name, "printed": name, "role": "lead", "span_start": 0, "span_end": 1}

    old = with_tasks([unit(1, "甲局"), unit(2, "乙局")], [task(1, "甲"), task(2, "乙")])
    new = with_tasks([unit(2, "甲局"), unit(3, "丙局")], [task(2, "甲"), task(3, "乙")])
    diff, changes = compare("task_unit", old, new)
    assert (diff.moved, diff.changed, diff.added, diff.removed) == (1, 0, 1, 1)
    assert {c.kind for c in changes} == {"added", "removed"}


def test_columns_of_another_release_are_not_compared() -> None:
    old, new = task(1, "甲") | {"old_column": "x"}, task(1, "甲") | {"new_column": "y"}
    assert compare("plan_task", [old], [new])[0] == TableDiff(same=1)


def test_rows_of_two_documents_are_never_paired() -> None:
    diff, _ = compare("plan_task", [task(1, "甲")], [task(1, "甲", document_id="e")])
    assert (diff.added, diff.removed, diff.same) == (1, 1, 0)


def test_the_same_words_twice_are_two_rows() -> None:
    diff, _ = compare("citation", [_citation(0), _citation(1)], [_citation(0)])
    assert (diff.same, diff.removed) == (1, 1)


def _citation(seq: int) -> dict[str, Any]:
    return GRAIN | {"seq": seq, "title": "例法", "doc_number": None, "role": "mention", "span_start": seq, "span_end": seq + 1}


def test_a_number_that_an_older_release_did_not_mask_is_not_repeated() -> None:
    old, new = (task(1, f"补助张某{number}") for number in ("990101198808081235", "*" * 18))
    _, changes = compare("plan_task", [old], [new])
    assert [(c.field, c.old, c.new) for c in changes] == [("text", f"补助张某{'*' * 18}", f"补助张某{'*' * 18}")]
