"""What full text search finds and how long it takes among 100,000 notices on both engines: `python benchmarks/search.py`.

Texts of 600 to 1,400 characters (2–4 kB) of common and rare words; queries of one or two words, common, rare and absent, traditional and
quoted. Recall is against exact substrings of the folded text, looked for by Python. Milliseconds are the median over the queries on an
open connection (20 results with snippets), each the best of three; beside them a bare count of matching passages, and what `gongkai search`
does once Python has started: open, ask, mark. The marts are made by hand: no dbt, no load.
"""

from __future__ import annotations

import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "warehouse"))
from own_postgres import running
from search_marts import ITEMS, empty_marts

from gongkai.layout import Layout
from gongkai.tables import Table
from transforms.search_fold import search_fold
from warehouse import search_index, search_sql
from warehouse.engines import Engine, engine_of
from warehouse.engines.contract import statement
from warehouse.publish import SNAPSHOT
from warehouse.search import Filters, search

NOTICES = 100_000
QUERIES = (
    "数据开放",
    "财政局",
    "乡村振兴 补贴",
    '"政务公开 要点"',
    "資訊公開",
    "旧城改造",
    "天枢计划",
    "不存在的词",
    "的",
    "云杉协同中心 年底",
    "公开",
)
"""Of the words below, and two that no text holds."""
_WORDS = [
    *("数据开放", "信息公开", "资讯公开", "政务公开", "财政局", "统计局", "乡村振兴", "补贴", "旧城改造"),
    *("完善", "推进", "落实", "解读", "回应", "年底", "牵头", "的", "和"),
]
_RARE = ("天枢计划", "云杉协同中心", "政务公开 要点")
_TEXT = Table("document_text", "", "", pa.schema([(n, pa.string()) for n in ("portal_id", "document_id", "body_text")]), ("document_id",))


def texts() -> list[str]:
    """The same at every call."""
    chance = random.Random(2026)
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    words = _WORDS + ["".join(chance.choices(characters, k=chance.choice((1, 2, 2, 2, 3, 4)))) for _ in range(8000)]
    weights = list(itertools.accumulate(1 / (rank + 4) for rank in range(len(words))))
    sentences = ["".join(chance.choices(words, cum_weights=weights, k=20)) + chance.choice("，。；\n") for _ in range(5000)]
    sentences += [word + chance.choice(sentences) for word in _RARE]
    rare = [1.0] * 5000 + [0.05] * len(_RARE)
    totals = list(itertools.accumulate(rare))
    return ["".join(chance.choices(sentences, cum_weights=totals, k=chance.randint(15, 35))) for _ in range(NOTICES)]


def fill(engine: Engine, bodies: list[str], first: int = 0) -> None:
    """Marts as dbt would leave them; documents `first` … with these bodies."""
    schema = str(engine.dbt_target().output["schema"])
    with engine.writing() as connection:
        for start in range(0, len(bodies), 10_000):
            some = bodies[start : start + 10_000]
            rows = [
                {"portal_id": f"portal-{n % 100}", "document_id": f"{first + start + n:020x}", "body_text": b} for n, b in enumerate(some)
            ]
            connection.append(schema, _TEXT, _TEXT.arrow(rows))
        connection.execute(statement(ITEMS, schema=schema), "通知", "1")


def publish(engine: Engine) -> float:
    started = time.perf_counter()
    with engine.publishing(lambda _: None) as connection:
        connection.ensure_table("meta", SNAPSHOT)
        search_sql.install(connection, engine.name)
    return time.perf_counter() - started


def timed_refresh(engine: Engine) -> float:
    started = time.perf_counter()
    search_index.refresh(engine)
    return time.perf_counter() - started


def megabytes(engine: Engine) -> float:
    """What the passages take in what is published."""
    with engine.published() as connection:
        assert connection is not None
        if engine.name == "postgresql":
            return float(connection.query("SELECT pg_total_relation_size('mart.search_passage') / 1e6")[0][0])
        blocks = "SELECT count(DISTINCT block_id) * 262144 / 1e6 FROM pragma_storage_info('mart.search_passage') WHERE block_id >= 0"
        return float(connection.query(blocks)[0][0])


def milliseconds(work: Callable[[], object]) -> float:
    """Best of three."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def ask(engine: Engine) -> tuple[dict[str, float], dict[str, float], float]:
    """Milliseconds by query on an open connection; of a bare count of passages with its first word; median of opening and asking."""
    with engine.published() as connection:
        assert connection is not None
        page = "SELECT * FROM mart.search($1::text, max_rows := 20)"
        whole = {query: milliseconds(partial(connection.query, page, query)) for query in QUERIES}
        count = "SELECT count(*) FROM mart.search_passage WHERE strpos(text, $1) > 0"
        bare = {query: milliseconds(partial(connection.query, count, search_fold(query.split()[0].strip('"')))) for query in QUERIES}
    opened = [milliseconds(partial(search, engine, query, Filters(), limit=20)) for query in QUERIES]
    return whole, bare, statistics.median(opened)


def recall(engine: Engine, folded: list[str]) -> float:
    """Share of what exact substring search finds, of queries that a fifth of the notices answers at most; an excess is an error."""
    expected, got = 0, 0
    for query in QUERIES:
        words = [w.strip('"') for w in ([query] if '"' in query else query.split())]
        right = {f"{n:020x}" for n, text in enumerate(folded) if all(search_fold(w) in text for w in words)}
        if len(right) > NOTICES / 5:  # each of them would get its snippet
            continue
        with engine.published() as connection:
            assert connection is not None
            found = {item for (item,) in connection.query("SELECT notice_id FROM mart.search($1::text)", query)}
        assert found <= right, query
        expected, got = expected + len(right), got + len(found)
    return got / expected


def compare(engine: Engine, bodies: list[str], folded: list[str]) -> None:
    empty_marts(engine)
    fill(engine, bodies)
    bare = publish(engine)
    built = timed_refresh(engine)
    published = publish(engine)
    whole = recall(engine, folded)
    times, bare_times, opened = ask(engine)
    size = megabytes(engine)
    fill(engine, bodies[: NOTICES // 100], first=NOTICES)
    more, again = timed_refresh(engine), publish(engine)
    slowest = max(times, key=lambda query: times[query])
    print(
        f"search {engine.name}: recall {whole:.3f}, {statistics.median(times.values()):.0f} ms (bare look "
        f"{statistics.median(bare_times.values()):.0f} ms, with opening {opened:.0f} ms, slowest {slowest} {times[slowest]:.0f} ms; "
        f"{NOTICES} notices cut in {built:.1f} s, {size:.0f} MB, publish {bare:.1f} → {published:.1f} s; "
        f"1 % more: {more:.1f} s, publish {again:.1f} s)"
    )
    print("  " + ", ".join(f"{query} {ms:.0f}" for query, ms in times.items()))


def main() -> None:
    bodies = texts()
    folded = [search_fold(body) for body in bodies]
    with tempfile.TemporaryDirectory() as folder:
        compare(engine_of(Layout(Path(folder))), bodies, folded)
        with running() as server:
            compare(engine_of(Layout(Path(folder) / "postgresql"), server.database()), bodies, folded)


if __name__ == "__main__":
    main()
