"""Areas of notices in the warehouse: made once, made again where a page was read anew or the rules changed, alike on both engines."""

from __future__ import annotations

from typing import Any

import pytest
from silver_night import FIRST, NOW, SECOND, batch, portal, write

from gongkai.areas import Area, Areas
from gongkai.layout import Layout
from warehouse import areas as subject
from warehouse.engines import Engine
from warehouse.load import load

OTHER = Areas(areas=(Area(id="plans", zh="工作要点", en="Plans", source="x", words=("工作要点",)),))


def _held(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.reading() as connection:
        return connection.query("SELECT notice_id, version, seq, area, basis, words, unit FROM silver.notice_area ORDER BY 1, 2, 3")


def _classified(engine: Engine) -> int:
    with engine.writing() as connection:
        return subject.load_areas_of_notices(connection)


def test_areas_follow_what_is_read_and_the_rules(engine: Engine, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    lishi = [portal("lishi")]
    rows = batch("lishi", FIRST, notices=("n1", "n2"), title="例市教育局2026年部门预算")
    rows["notice"][1].update(title="例市市长调研", source="例市人民政府办公室")
    write(layout, rows)
    load(engine, layout, lishi, run_id=FIRST, now=NOW)
    assert _classified(engine) == 2
    budget = [("lishi-n1", "v1", 0, "budget", "title", ["预算"], None), ("lishi-n2", "v1", 0, None, None, [], "例市人民政府办公室")]
    assert _held(engine) == budget
    assert _classified(engine) == 0

    for row in rows["document"]:  # the same page by a newer reader, which finds the issuer
        row.update(extractor_version="0.2.0", issuer="例市教育局", body_text="为做好义务教育招生工作，现公布学区划分。")
    for name in ("plan_task", "task_unit", "task_deadline", "metric_value", "finding"):
        for row in rows[name]:
            row["extractor_version"] = "0.2.0"
    write(layout, rows, extractor="0.2.0")
    load(engine, layout, lishi, run_id=SECOND, now=NOW)
    assert _classified(engine) == 2
    education = ["义务教育", "学区", "招生", "教育局"]
    assert _held(engine) == [
        ("lishi-n1", "v1", 0, "budget", "title", ["预算"], "例市教育局"),
        ("lishi-n1", "v1", 1, "education", "issuer", ["预算", "教育局"], "例市教育局"),
        ("lishi-n2", "v1", 0, "education", "opening", education, "例市人民政府办公室"),
    ]

    for row in rows["document"]:  # the same batch made anew: run, versions and reader are the same ones
        row["issuer"] = None
    write(layout, rows, extractor="0.2.0")
    load(engine, layout, lishi, run_id=SECOND, now=NOW)
    assert _classified(engine) == 2
    assert [row[3] for row in _held(engine)] == ["budget", None]

    monkeypatch.setattr(subject, "load_areas", lambda: OTHER)
    assert _classified(engine) == 2
    assert [row[3] for row in _held(engine)] == [None, None]
    assert _classified(engine) == 0
