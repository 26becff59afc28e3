"""The passages: no word falls between two, and only what changed is cut anew. The marts are made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from search_marts import add, drop, empty_marts

from warehouse import search_index
from warehouse.engines import Engine
from warehouse.search_index import LONGEST_WORD, cut


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(1, LONGEST_WORD))
@example(1121, 497, LONGEST_WORD)
def test_every_word_lies_whole_in_a_passage(length: int, at: int, size: int) -> None:
    text = "".join(chr(0x4E00 + n) for n in range(length))
    passages = list(cut(text))
    assert all(text[start : start + len(passage)] == passage for start, passage in passages)
    word = text[at : at + size]
    assert any(word in passage for _, passage in passages)


def test_a_text_is_cut_into_few_passages() -> None:
    assert [start for start, _ in cut("字" * 560)] == [0]
    assert [(start, len(passage)) for start, passage in cut("字" * 1200)] == [(0, 560), (497, 560), (994, 206)]
    assert list(cut("")) == [(0, "")]


def _held(engine: Engine) -> dict[str, list[tuple[str, int, str]]]:
    with engine.reading() as connection:
        schema = engine.dbt_target().output["schema"]
        found: dict[str, list[tuple[str, int, str]]] = {}
        for item, *rest in connection.query(f"SELECT item_id, field, start, text FROM {schema}.search_passage ORDER BY 1, 2, seq, 3"):  # noqa: S608
            found.setdefault(item, []).append(tuple(rest))
        return found


def test_refresh_follows_the_items(engine: Engine) -> None:
    empty_marts(engine)
    assert search_index.refresh(engine) == 0
    add(engine, "a", title="例市辦法", body="Ａ開放")
    add(engine, "b", title="通知", body="")
    assert search_index.refresh(engine) == 2
    assert _held(engine) == {"a": [("body", 0, "a开放"), ("title", 0, "例市办法")], "b": [("body", 0, ""), ("title", 0, "通知")]}
    assert search_index.refresh(engine) == 0
    drop(engine, "a")
    add(engine, "a", title="例市办法", body="修订", reading="2")
    drop(engine, "b")
    assert search_index.refresh(engine) == 1
    assert _held(engine) == {"a": [("body", 0, "修订"), ("title", 0, "例市办法")]}


def test_another_folding_cuts_all_anew(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    empty_marts(engine)
    add(engine, "a", title="例市", body="开放")
    assert search_index.refresh(engine) == 1
    monkeypatch.setattr(search_index, "folded_characters", lambda: {"開": "开"})
    assert search_index.refresh(engine) == 1
    assert search_index.refresh(engine) == 0


def test_a_refresh_that_was_killed_goes_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    empty_marts(engine)
    for name in "abc":
        add(engine, name, title="例市", body="开放" * 40)
    monkeypatch.setattr(search_index, "_AT_ONCE", 1)
    cut_all, portions = search_index._passages, []

    def killed(texts: Iterable[tuple[Any, ...]], marks: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        portions.append(marks)
        if len(portions) == 2:
            raise KeyboardInterrupt
        return cut_all(texts, marks)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(search_index, "_passages", killed)
        search_index.refresh(engine)
    assert list(_held(engine)) == ["a"]
    assert search_index.refresh(engine) == 2
    assert list(_held(engine)) == ["a", "b", "c"]
