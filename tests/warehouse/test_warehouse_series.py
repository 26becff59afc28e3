"""Annual reports of one body in consecutive years: what one contradicts in the other is found when they stand in the warehouse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from silver_night import FIRST, NOW, SECOND, batch, filled, portal, write

from gongkai.layout import Layout
from warehouse.engines import Engine
from warehouse.load import load

QUERY = "SELECT document_id, rule, severity, expected, actual, span_start FROM silver.series_finding ORDER BY 1, 2"


def _report(
    rows: dict[str, list[dict[str, Any]]], short: str, year: int, *, carried_in: int, carried_out: int, part: int = 0, **named: str | None
) -> None:
    """A report with two cells of table 3 in the batch's notice `short`; `named`: its issuer, the notice's title or section."""
    (notice,) = [n for n in rows["notice"] if n["notice_id"].endswith(short)]
    notice |= {k: v for k, v in named.items() if k != "issuer"}
    grain = {k: notice[k] for k in ("portal_id", "run_id", "notice_id", "version")} | {"extractor_version": "0.9.0"}
    grain["document_id"] = f"{notice['notice_id']}-{part}"
    rows["document"].append(
        filled(
            "document",
            **grain,
            title="年报",
            genre="annual_report",
            report_year=year,
            issuer=named.get("issuer", "例市人民政府"),
            script="hans",
            body_text="正文",
        )
    )
    for seq, (code, value) in enumerate((("app_carried_in", carried_in), ("app_carried_out", carried_out))):
        cell = {"label": code, "value": Decimal(value), "state": "number", "dimensions": {"applicant": "total"}, "span_start": 10 + seq}
        rows["metric_value"].append(filled("metric_value", **grain, seq=seq, code=code, **cell))


def _findings(engine: Engine) -> list[tuple[Any, ...]]:
    with engine.reading() as connection:
        return connection.query(QUERY)


def test_a_broken_chain_between_two_years_is_found_once_and_goes_with_its_cause(layout: Layout, engine: Engine) -> None:
    first = batch("lishi", FIRST, notices=("r2022", "r2023", "r2025"), tasks=0, metrics=0, extractor="0.9.0")
    first["document"].clear()
    _report(first, "r2022", 2022, carried_in=0, carried_out=3)
    _report(first, "r2023", 2023, carried_in=5, carried_out=1)
    _report(first, "r2025", 2025, carried_in=9, carried_out=0)  # 2024 is missing: no chain
    write(layout, first, extractor="0.9.0")
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    broken = [("lishi-r2023-0", "T3-CHAIN", "warning", "3", "5", 10)]
    assert _findings(engine) == broken
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    assert _findings(engine) == broken

    second = batch("lishi", SECOND, notices=("r2023",), version="v2", tasks=0, metrics=0, extractor="0.9.0")
    second["document"].clear()
    _report(second, "r2023", 2023, carried_in=3, carried_out=1)
    write(layout, second, extractor="0.9.0")
    load(engine, layout, [portal("lishi")], run_id=SECOND, now=NOW)
    assert _findings(engine) == []  # the corrected version agrees


def test_reports_without_an_issuer_are_compared_only_where_their_titles_name_one_body(layout: Layout, engine: Engine) -> None:
    names = ("a2022", "a2023", "b2022", "b2023", "c2022", "c2023", "d2023")
    rows = batch("lishi", FIRST, notices=names, tasks=0, metrics=0, extractor="0.9.0")
    rows["document"].clear()
    bureau, plain = "例市卫生局{}年政府信息公开工作年度报告", "{}年政府信息公开工作年度报告"
    _report(rows, "a2022", 2022, carried_in=0, carried_out=3, issuer=None, title=bureau.format(2022))
    _report(rows, "a2023", 2023, carried_in=5, carried_out=1, issuer=None, title=bureau.format("二〇二三"))  # its own chain is broken
    _report(rows, "b2022", 2022, carried_in=0, carried_out=8, issuer=None, title=bureau.format(2022).replace("卫生", "教育"))
    _report(rows, "b2023", 2023, carried_in=8, carried_out=1, issuer=None, title=bureau.format(2023).replace("卫生", "教育"))
    _report(rows, "c2022", 2022, carried_in=0, carried_out=2, issuer=None, title=plain.format(2022))
    _report(rows, "c2023", 2023, carried_in=6, carried_out=2, issuer=None, title=plain.format(2023))  # of one body, or
    _report(rows, "d2023", 2023, carried_in=7, carried_out=2, issuer=None, title=plain.format(2023))  # of another: nobody can say
    write(layout, rows, extractor="0.9.0")
    load(engine, layout, [portal("lishi")], run_id=FIRST, now=NOW)
    assert _findings(engine) == [("lishi-a2023-0", "T3-CHAIN", "warning", "3", "5", 10)]
