"""Which of two readings of an unconfirmed rule the crawl follows."""

from __future__ import annotations

import asyncio

import pytest

from crawlers.either import read_either
from crawlers.fetch import FetchFailed
from transforms.pages.contract import ForeignSite, ListReading, ListRequest, ListRow, NotThisLayout

ROW = ListRow(title="例市便民服务事项清单", url="http://e/1", date=None)
FULL, EMPTY = ListReading(rows=(ROW,)), ListReading(rows=())
CHAIN = ListRequest(url="a", otherwise=ListRequest(url="b", otherwise=ListRequest(url="c")))


def ask(answers: dict[str, ListReading | Exception]) -> tuple[ListReading, str]:
    seen = []

    async def read(request: ListRequest) -> ListReading:
        seen.append(request.url)
        answer = answers[request.url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return asyncio.run(read_either(CHAIN, read, lambda reading: bool(reading.rows))), "".join(seen)


def gone(status: int | None) -> FetchFailed:
    return FetchFailed("x", "http://e/", "HTTP", status=status)


def test_the_first_that_adds_rows_is_taken_and_no_other_asked() -> None:
    assert ask({"a": FULL}) == (FULL, "a")
    assert ask({"a": gone(404), "b": FULL}) == (FULL, "ab")
    assert ask({"a": EMPTY, "b": NotThisLayout("x"), "c": FULL}) == (FULL, "abc")
    assert ask({"a": EMPTY, "b": gone(404), "c": EMPTY}) == (EMPTY, "abc")


@pytest.mark.parametrize("first", [gone(503), gone(None), ForeignSite("another")])
def test_silence_and_another_site_are_no_other_reading(first: Exception) -> None:
    with pytest.raises(type(first)):
        ask({"a": first, "b": FULL})


def test_the_first_refusal_is_told_where_none_can_be_read() -> None:
    with pytest.raises(NotThisLayout, match="first"):
        ask({"a": NotThisLayout("first"), "b": gone(404), "c": NotThisLayout("third")})
    assert ask({"a": EMPTY, "b": gone(404), "c": gone(404)}) == (EMPTY, "abc")
