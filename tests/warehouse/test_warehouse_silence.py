"""Numbers that are missing and figures that do not fit, on both engines: told only where coverage leaves no other reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from math import comb, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_silence import LINSHI, WUSHI, plant_silence
from planted_years import HUSHI, LISHI, plant
from silver_night import NOW, SECOND

from gongkai.layout import Layout
from warehouse import marts
from warehouse.engines import Connection, engine_of
from warehouse.load import load
from warehouse.publish import publish

TAIL = 0.025


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def published(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Connection]:
    layout = Layout(tmp_path_factory.mktemp(f"silence-{request.param}"))
    engine = engine_of(layout, request.getfixturevalue("postgres").database() if request.param == "postgresql" else "")
    plant(layout)
    plant_silence(layout)
    assert load(engine, layout, [LISHI, HUSHI, LINSHI, WUSHI], run_id=SECOND, now=NOW).failed == []
    marts.build(engine, layout, as_of=date(2026, 3, 4), now=NOW)
    publish(engine, run_id=SECOND, now=NOW)
    with engine.published() as connection:
        assert connection is not None
        yield connection


def limits(k: int, m: int) -> tuple[int, int]:
    """The mart's interval for the number issued."""
    h = (k - 1) / 2
    return max(m, floor((m - 1 - h) * (1 - TAIL) ** (-1 / k) + h)), floor((m - h) * TAIL ** (-1 / k) + h)


def exact(k: int, m: int) -> tuple[int, int]:
    """The numbers issued under which a largest of m among k drawn without replacement leaves more than a tail on either side."""
    lower = next(n for n in range(m, 10 * m) if comb(m - 1, k) <= (1 - TAIL) * comb(n, k))
    upper = next(n for n in range(m, 10 * m) if comb(m, k) < TAIL * comb(n + 1, k))
    return lower, upper


@given(st.integers(5, 60), st.integers(0, 400))
def test_the_interval_is_never_narrower_than_the_exact_one_and_hardly_wider(k: int, more: int) -> None:
    (lower, upper), (exact_lower, exact_upper) = limits(k, k + more), exact(k, k + more)
    assert lower <= exact_lower
    assert exact_upper <= upper <= exact_upper * 1.07 + 1


def test_gaps_are_named_as_ranges(published: Connection) -> None:
    query = """
        SELECT issuer_mark, numbers_seen, numbers_gone, largest, missing_from, missing_to, numbers_not_seen,
            issued_lower, issued_upper, state
        FROM mart.number_gap WHERE portal_id = 'lishi'
    """
    assert published.query(query) == [("例政规", 5, 1, 8, [3, 6], [3, 7], 3, *limits(5, 8), "gaps")]


def test_a_series_is_judged_only_as_far_as_the_portal_was_seen(published: Connection) -> None:
    query = """
        SELECT portal_id, series, issuer_mark, numbers_seen, missing_from, largest_isolated, issued_upper, state, listed_not_read
        FROM mart.number_gap WHERE portal_id <> 'lishi' ORDER BY 1, 2, 3
    """
    assert published.query(query) == [
        ("linshi", "document_number", "东政发", 5, [5], False, limits(5, 8)[1], "other_body", 1),
        ("linshi", "document_number", "国办发", 5, [1, 4, 6, 13], False, limits(5, 20)[1], "other_body", 1),
        ("linshi", "document_number", "林政任", 2, [1, 3], False, None, "too_few", 1),
        ("linshi", "document_number", "林政函", 5, [4], False, limits(5, 6)[1], "coverage_incomplete", 1),
        ("linshi", "document_number", "林政办发", 6, [3, 6], True, limits(5, 7)[1], "gaps", 1),
        ("linshi", "document_number", "林政发", 6, None, False, limits(6, 6)[1], "seen_whole", 1),
        ("linshi", "index_number", "998800001", 5, [3, 6], False, limits(5, 7)[1], "gaps", 1),
        ("wushi", "document_number", "雾政发", 5, [3, 5], False, limits(5, 7)[1], "coverage_incomplete", 0),
    ]


def test_shares_stand_in_their_interval(published: Connection) -> None:
    (row,) = published.query(
        "SELECT share_lower, share_seen, share_upper, issued_estimate FROM mart.number_gap WHERE issuer_mark = '例政规'"
    )
    assert [round(value, 4) for value in row] == [round(5 / 14, 4), round(5 / 8.6, 4), round(5 / 8, 4), 8.6]


def test_declared_figures_stand_beside_what_was_found(published: Connection) -> None:
    query = "SELECT portal_id, code, declared, found, state, why FROM mart.declared_published ORDER BY 1, 2, report_year"
    assert published.query(query) == [
        ("linshi", "disclosed_items", Decimal(10), 30, "more_seen", "more_than_declared"),
        ("linshi", "interpretations", Decimal(4), 1, "fewer_seen", "other_sections_not_followed"),
        ("linshi", "normative_docs_issued", Decimal(20), 6, "fewer_seen", "fewer_than_declared"),
        ("linshi", "normative_docs_newly_disclosed", Decimal(50), 6, "not_comparable", "figure_is_of_more_bodies"),
        ("linshi", "normative_docs_newly_made", Decimal(6), 6, "fits", "within_tolerance"),
        ("linshi", "regulations_issued", Decimal(1), 0, "not_comparable", "listed_pages_not_read"),
        ("linshi", "site_interpretations", Decimal(1), 1, "fits", "within_tolerance"),
        ("linshi", "site_items", Decimal(8), 0, "not_comparable", "report_contradicts_itself"),
        ("linshi", "site_items", Decimal(20), 30, "more_seen", "more_than_declared"),
        ("wushi", "normative_docs_issued", Decimal(20), 0, "not_comparable", "coverage_incomplete"),
    ]
