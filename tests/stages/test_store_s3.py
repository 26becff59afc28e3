"""The store on a real S3 server: what it holds is the same, and what its refusal looks like."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_s3 import BUCKET, S3, running_s3

from crawlers.manifest import sha256_of
from gongkai.errors import StoreError
from gongkai.layout import run_moment
from stages.store import Store

_DAY = run_moment("20260301T183000Z")


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with running_s3() as server:
        yield server


def test_what_is_sent_comes_back_and_a_version_tells_a_change(s3: S3, tmp_path: Path) -> None:
    store = Store(f"s3://{BUCKET}/night/")
    assert store.names("receipts") == {}
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * 50_000)
    store.send([(large, "raw/large"), (tmp_path / "large", "raw/again")])
    first = store.write("receipts/a.json", b"1")
    assert store.names("receipts") == {"a.json": first}
    assert store.write("receipts/a.json", b"2") != first
    assert store.write("receipts/a.json", b"1") == first
    assert store.read("receipts/a.json") == b"1"
    right, wrong = sha256_of(large), "0" * 64
    wanted = [("raw/again", right, tmp_path / "there"), ("raw/large", wrong, tmp_path / "other"), ("raw/none", right, tmp_path / "none")]
    assert store.fetch(wanted, _DAY) == ["raw/large", "raw/none"]
    assert {p.name for p in tmp_path.iterdir()} == {"large", "there"}, "what is something else is not taken"
    assert sha256_of(tmp_path / "there") == right
    assert (tmp_path / "there").stat().st_mtime == _DAY.timestamp()


def test_a_store_that_answers_503_is_asked_a_few_times_then_named(s3: S3, tmp_path: Path) -> None:
    store = Store(f"s3://{BUCKET}/night")
    s3.away, s3.refused = True, 0
    begun = time.monotonic()
    try:
        with pytest.raises(StoreError, match=r"^s3://gongkai/night/receipts/a\.json: OSError: .*Service Unavailable") as raised:
            store.read("receipts/a.json")
    finally:
        s3.away = False
    assert 4 <= s3.refused <= 24
    assert time.monotonic() - begun < 45
    assert "geheim" not in str(raised.value)


def test_a_bucket_that_is_not_there_is_named(s3: S3, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(StoreError, match=r"^s3://nosuch/night/raw/x: "):
        Store("s3://nosuch/night").send([(tmp_path / "file", "raw/x")])
