"""`gongkai search`: what people see, what machines get, and how it refuses. The marts are made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import search_marts
from click.testing import CliRunner, Result

from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from stages.cli import gongkai
from warehouse.engines import engine_of


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A warehouse of two notices, published."""
    layout = Layout(tmp_path_factory.mktemp("search"))
    engine = engine_of(layout)
    search_marts.empty_marts(engine)
    search_marts.add(engine, "n1", title="例市數據開放辦法", body="第一条\n为推进<数据>开放，开放数据\x1b[2J制定。" + "尾" * 200)
    search_marts.add(engine, "n2", title="通知", body="数据 开放，数据。")
    search_marts.publish(engine)
    return layout


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one."""
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path))
    monkeypatch.delenv("GONGKAI_WAREHOUSE", raising=False)
    return tmp_path


@pytest.fixture
def published(shown: Layout, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_HOME", str(shown.home))


def run(*words: str, color: bool = False) -> Result:
    return CliRunner().invoke(gongkai, ["search", *words], catch_exceptions=False, color=color)


def test_prints_evidence_without_marks_where_nobody_looks(published: None) -> None:
    done = run("数据", "辦法")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "1. 例市數據開放辦法",
        "   例市人民政府 (lishi), 2026-02-28, announcement",
        "   body: 第一条 为推进<数据>开放，开放数据 [2J制定。" + "尾" * 75 + "…",
        "   http://127.0.0.1:8001/n1  archived as lishi/20260301T183000Z/crawl.warc.gz@0",
    ]


def test_marks_every_word_on_a_terminal_and_lets_no_page_write_to_it(published: None) -> None:
    said = run("数据", "辦法", color=True).stdout
    assert "例市\x1b[33m\x1b[1m數據\x1b[0m開放\x1b[33m\x1b[1m辦法\x1b[0m" in said
    assert said.count("\x1b[33m\x1b[1m数据\x1b[0m") == 2
    assert "\x1b[2J" not in said


def test_json_marks_and_escapes(published: None) -> None:
    hits = json.loads(run("开放", "--json", "--limit", "5").stdout)
    assert [(h["notice_id"], h["score"], h["published_date"], h["archived"]) for h in hits] == [
        ("n1", 4, "2026-02-28", "lishi/20260301T183000Z/crawl.warc.gz@0"),
        ("n2", 1, "2026-02-28", "lishi/20260301T183000Z/crawl.warc.gz@0"),
    ]
    assert hits[0]["snippet_html"].startswith("第一条 为推进&lt;数据&gt;<mark>开放</mark>，<mark>开放</mark>数据")
    assert hits[0]["snippet"].startswith("第一条 为推进<数据>开放，")


def test_a_phrase_keeps_its_blank_and_the_limit_is_told(published: None) -> None:
    assert run('"数据 开放"').stdout.startswith("1. 通知\n")
    assert run("数据", "--limit", "1").stdout.endswith("more than 1 found; --limit shows more\n")
    assert run("数据", "--place", "别市").stdout == "nothing found\n"
    assert json.loads(run("数据", "--year", "1999", "--json").stdout) == []


@pytest.mark.parametrize("options", [["--limit", "0"], ["--limit", "1001"], ["--genre", "poem"], ["--year", "x"]])
def test_options_out_of_bounds_are_refused(home: Path, options: list[str]) -> None:
    assert run("数据", *options).exit_code == 2


@pytest.mark.parametrize("option", ["--portal", "--place", "--agency"])
def test_filters_are_bounded_and_clean(published: None, option: str) -> None:
    for value in ("市" * 201, "市\x00", "市\udce4"):
        with pytest.raises(GongkaiError, match=f"search: {option[2:]} "):
            run("数据", option, value)
    for value in ("'; DROP TABLE mart.search_item; --", "%", "_"):
        if option == "--portal":  # a misspelt portal is no answer
            with pytest.raises(GongkaiError, match=r"search: nothing of portal .* is published"):
                run("数据", option, value)
        else:
            assert run("数据", option, value).stdout == "nothing found\n"


def test_an_unpublished_warehouse_is_one_clear_line(home: Path) -> None:
    with pytest.raises(GongkaiError, match=r"search: nothing published yet in .*current\.duckdb \(run `make run` or `gongkai night`\)$"):
        run("数据")


def test_what_an_older_release_published_is_one_clear_line(home: Path) -> None:
    engine = engine_of(Layout(home))
    search_marts.empty_marts(engine)
    with engine.publishing(lambda _: None):
        pass
    with pytest.raises(GongkaiError, match="was published by an older release; `gongkai load`, then `gongkai publish`"):
        run("数据")
