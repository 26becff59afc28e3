"""Rows of pages that are built to be slow or deep, and the day that counts where label and address disagree."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from work_spent import assert_quick

from transforms.pages import read_list
from transforms.pages.contract import NotThisLayout
from transforms.pages.stamps import row_day

COLUMN = "http://www.example.gov.cn/zwgk/"
LINK = "<a href='/zw/1.html'>例市关于便民服务的通知</a>"
HOSTILE = {
    "depth in a link": lambda n: "<ul><li><a href='/x.html'>" + "<div>例市" * n + "</div>" * n + "</a> 2025-03-04</li></ul>",
    "a link of many pieces": lambda n: f"<ul><li><a href='/x.html' title='{'例市通知' * n}'>{'<p>例市通知</p>' * n}</a></li></ul>",
    "a head of many cells": lambda n: "<table><tr>" + "<th>发布日期</th>" * n + "</tr>"
    + f"<tr><td>{LINK}</td><td>2025-03-04</td><td>2025-03-05</td></tr>" * n + "</table>",
    "links without a block": lambda n: f"{LINK} 2025-03-04<br>" * n,
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_page_costs_no_more_than_its_length(kind: str) -> None:
    def read() -> None:
        with contextlib.suppress(NotThisLayout):
            assert len(read_list(HOSTILE[kind](4000), COLUMN, "generic").rows) <= 1

    assert_quick(read, 6)


def test_a_labelled_day_of_publication_goes_before_the_address_and_a_bare_word_does_not() -> None:
    address = "http://e/202503/t20250305_1.html"
    assert row_day("有效期至：2029-01-01 发布日期：2025-03-04", address) == date(2025, 3, 4)
    assert row_day("有效期 2029-01-01 发布 2025-03-04", address) == date(2025, 3, 5)
