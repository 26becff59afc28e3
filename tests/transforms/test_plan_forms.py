"""One labelled table as html, docx, xlsx, ods, csv, ruled PDF, OFD and as text without cells: the same tasks come out of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from ole_files import as_xls
from ruled_ofd import as_ofd
from ruled_pdf import as_pdf
from table_files import as_bars, as_csv, as_docx, as_html, as_lines, as_ods, as_pipes, as_tabs, as_xlsx
from test_plan_measure import TARGETS, Figures, compare, f1, plans

from transforms.blocks import html_body
from transforms.body import Body
from transforms.formats.csv_table import csv_body
from transforms.formats.docx import docx_body
from transforms.formats.ods import ods_body
from transforms.formats.ofd import ofd_body
from transforms.formats.pdf import pdf_body
from transforms.formats.text import text_body
from transforms.formats.xlsx import xlsx_body
from transforms.plans.reader import read_plan

WRITTEN: dict[str, Callable[[list[Any]], Body]] = {
    "html": lambda doc: html_body(as_html(doc)),
    "docx": lambda doc: docx_body(as_docx(doc)),
    "xlsx": lambda doc: xlsx_body(as_xlsx(doc)),
    "xls": lambda doc: xlsx_body(as_xls(doc)),
    "ods": lambda doc: ods_body(as_ods(doc)),
    "csv": lambda doc: csv_body(as_csv(doc)),
    "ofd": lambda doc: ofd_body(as_ofd(doc)),
    "short_ofd": lambda doc: ofd_body(as_ofd(doc, page_height=330)),
    "pdf": lambda doc: pdf_body(as_pdf(doc)),
    "short_pages": lambda doc: pdf_body(as_pdf(doc, page_height=330)),
    "lines": lambda doc: text_body(as_lines(doc)),
    "bars": lambda doc: text_body(as_bars(doc)),
    "pipes": lambda doc: text_body(as_pipes(doc)),
    "tabs": lambda doc: text_body(as_tabs(doc)),
}
LABELLED = [plan for name in ("tables_forms", "tables", "variety_tables") for plan in plans(name) if not plan.get("flattened")]


@pytest.mark.parametrize("form", WRITTEN)
def test_figures_of_form(form: str) -> None:
    total: Figures = {figure: Counter() for figure in TARGETS}
    for plan in LABELLED:
        body = WRITTEN[form](plan["doc"])
        reading = read_plan(body, plan_year=plan["plan_year"], written=None, published=None, region=plan.get("region"))
        figures, misses = compare(plan, body, reading.tasks)
        print(f"{form:12} {plan['name']:40}", *(f"{figure} {f1(c):.2f}" for figure, c in figures.items()))
        print(*(f"    {miss}" for miss in misses), sep="\n", end="\n" if misses else "")
        for figure, count in figures.items():
            total[figure].update(count)
    print(f"{form:12} total", *(f"{figure} F1 {f1(count):.3f}" for figure, count in total.items()))
    for figure, least in TARGETS.items():
        assert f1(total[figure]) >= least, figure
