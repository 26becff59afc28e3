"""Two machines and one store: what one committed the other has, and nothing is lost, doubled or seen half."""

from __future__ import annotations

import json
import multiprocessing
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_postgres import Server
from pydantic import SecretStr

import stages.shared
from crawlers.manifest import verify_manifest
from gongkai.errors import StoreError, WarehouseError
from gongkai.layout import Layout
from gongkai.settings import Settings
from gongkai.status import RunStatus
from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES
from samples.town import running_town
from stages.context import RunContext, open_context
from stages.crawl import crawl
from stages.extract import extract
from stages.shared import archived_runs, fetched, shared, stored_portals
from stages.store import Store
from stages.store_units import Unit

PORTAL, FIRST, SECOND, THIRD = "sample-bochuan", "20260301T183000Z", "20260302T183000Z", "20260303T183000Z"


class Machines:
    """Homes of several machines that share one store."""

    def __init__(self, folder: Path, registry: Path) -> None:
        self.folder, self.registry, self.store = folder, registry, f"file://{folder}/store"

    def at(self, name: str, run_id: str = FIRST) -> RunContext:
        return open_context(run_id, Settings(home=self.folder / name, portals=self.registry, store=self.store))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Machine `a` crawled two nights, machine `b` read the first."""
    folder = tmp_path_factory.mktemp("machines")
    with running_town(folder) as town:
        machines = Machines(folder, town.registry)
        (outcome,) = crawl([PORTAL], machines.at("a"))
        assert outcome.counts["new"] > 5
        assert extract(PORTAL, machines.at("b")).counts["tasks"] > 10
        (outcome,) = crawl([PORTAL], machines.at("b", SECOND))
        assert (outcome.status, outcome.counts["new"]) == (RunStatus.COMPLETE, 0), "b knows what a crawled"
    yield machines


@pytest.fixture
def machines(crawled: Machines, tmp_path: Path) -> Machines:
    """A copy, the town long gone."""
    for name in ("a", "b", "store"):
        shutil.copytree(crawled.folder / name, tmp_path / name)
    return Machines(tmp_path, crawled.registry)


def _files(home: Path) -> dict[str, bytes]:
    tops = ("raw", "silver", "ledger", "verdicts", "decisions")
    paths = (p for top in tops for p in (home / top).rglob("*") if p.is_file())
    return {str(p.relative_to(home)): p.read_bytes() for p in paths if not p.name.startswith((".", "state.sqlite"))}


def test_a_machine_that_knows_nothing_gets_all_and_the_same(machines: Machines) -> None:
    ctx = machines.at("c", SECOND)
    fetched(ctx, [PORTAL], raw=True)
    assert _files(ctx.layout.home) == _files(machines.folder / "b") == _files(machines.folder / "store")
    assert verify_manifest(ctx.layout, PORTAL) == []
    assert stored_portals(ctx) == [PORTAL]
    assert archived_runs(ctx, PORTAL) == [FIRST, SECOND]


def test_reading_alone_leaves_the_archive_where_it_is(machines: Machines) -> None:
    ctx = machines.at("c")
    fetched(ctx, [PORTAL])
    there = _files(ctx.layout.home)
    assert {path.split("/")[0] for path in there} == {"silver", "ledger"}
    assert f"ledger/run={FIRST}/portal={PORTAL}/crawl.json" in there


def test_what_is_sent_is_never_sent_again(machines: Machines) -> None:
    store = machines.folder / "store"
    before = {p: p.stat().st_mtime_ns for p in store.rglob("*") if p.is_file()}
    for name in ("a", "b", "c"):
        with shared(machines.at(name), [PORTAL]):
            pass
    assert {p: p.stat().st_mtime_ns for p in store.rglob("*") if p.is_file()} == before


def test_a_store_that_does_not_answer_costs_nothing_but_time(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = machines.at("b", SECOND)
    store = _files(machines.folder / "store")
    with monkeypatch.context() as patched:
        patched.setattr(Store, "send", _gone)
        with pytest.raises(StoreError, match="is away"):
            extract(PORTAL, ctx)
    assert _files(machines.folder / "store") == store
    assert ctx.layout.silver_runs(PORTAL) == [FIRST, SECOND], "what was read is here"
    with shared(machines.at("b", THIRD), [PORTAL]):
        pass
    assert _files(machines.folder / "store").keys() - store.keys() > {f"silver/_commit/portal={PORTAL}/run={SECOND}.json"}


def _gone(self: Store, files: object) -> None:
    raise StoreError("it is away")


def test_a_push_killed_between_files_is_no_batch_elsewhere_and_is_made_good(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine b replaces a batch and dies after some of its files: nobody takes the mixture for a batch, and the next reading heals it."""
    a, b, commit = machines.at("a"), machines.at("b"), f"silver/_commit/portal={PORTAL}/run={FIRST}.json"
    fetched(a, [PORTAL])
    whole = _files(a.layout.home)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "send", _half)
        with pytest.raises(StoreError, match="killed"), shared(b, [PORTAL]):
            _read_otherwise(b.layout)
    fetched(a, [PORTAL])
    assert not (a.layout.home / commit).exists()
    fetched(machines.at("c"), [PORTAL])
    assert not (machines.folder / "c" / commit).exists()
    extract(PORTAL, a)
    after = _files(machines.folder / "store")
    assert {k: after[k] for k in whole if k.startswith("silver/")} == {k: v for k, v in whole.items() if k.startswith("silver/")}


def _read_otherwise(layout: Layout) -> None:
    path = layout.silver_commit(PORTAL, FIRST)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"digest": "other"}))
    layout.silver("document", PORTAL, FIRST).write_bytes(layout.silver("citation", PORTAL, FIRST).read_bytes())


def _half(self: Store, files: list[tuple[Path, str]]) -> None:
    for path, key in files:
        self._fs.put_file(str(path), self._key(key))
        if "/document/" in key:
            raise StoreError("killed")


def test_a_file_that_is_not_what_its_receipt_says_is_not_taken(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages.shared, "_LOOKS", 2)
    target = f"silver/document/portal={PORTAL}/run={FIRST}.parquet"
    (machines.folder / "store" / target).write_bytes(b"PAR1 damaged")
    ctx = machines.at("c")
    with pytest.raises(StoreError, match=rf"{target}: is not what receipts/portal={PORTAL}/run={FIRST}\.extract\.json says of it"):
        fetched(ctx, [PORTAL])
    assert not (ctx.layout.home / target).exists()
    assert not ctx.layout.silver_commit(PORTAL, FIRST).exists()


@pytest.mark.parametrize("key", ["../../etc/passwd", "/etc/passwd", "raw/portal=other/run=20260301T183000Z/x", "silver/document/x.parquet"])
def test_a_receipt_names_no_place_but_its_own(machines: Machines, key: str) -> None:
    receipt = machines.folder / "store" / Unit(PORTAL, FIRST, "extract").receipt
    receipt.write_text(json.dumps({"files": {key: "0" * 64}}))
    with pytest.raises(StoreError, match=r"run=20260301T183000Z\.extract\.json: names '.*', which is no file of its unit"):
        fetched(machines.at("c"), [PORTAL])


def test_a_crawl_that_the_store_went_on_without_stays_as_evidence(machines: Machines) -> None:
    """Machine a crawled the second night, too, but its word never reached the store; b's did."""
    a = machines.at("a", THIRD)
    mine = a.layout.raw_run(PORTAL, SECOND)
    shutil.copytree(a.layout.raw_run(PORTAL, FIRST), mine)
    lost = a.layout.raw_run(PORTAL, "20260302T120000Z")
    shutil.copytree(a.layout.raw_run(PORTAL, FIRST), lost)
    with shared(a, [PORTAL]):
        assert a.layout.raw_runs(PORTAL) == [FIRST, SECOND]
        assert verify_manifest(a.layout, PORTAL) == []
    assert {p.name for p in a.layout.portal_dir(PORTAL).glob("partial=*")} == {f"partial={SECOND}", "partial=20260302T120000Z"}
    assert len(list((machines.folder / "store" / "raw" / f"portal={PORTAL}").iterdir())) == 2


def test_an_unsent_crawl_that_comes_next_is_sent(machines: Machines) -> None:
    a = machines.at("a", THIRD)
    fetched(a, [PORTAL], raw=True)
    shutil.copytree(a.layout.raw_run(PORTAL, SECOND), a.layout.raw_run(PORTAL, THIRD))
    with shared(a, [PORTAL]):
        pass
    assert archived_runs(a, PORTAL) == [FIRST, SECOND, THIRD]


def test_another_machine_wrote_meanwhile(machines: Machines) -> None:
    a, b = machines.at("a", SECOND), machines.at("b", SECOND)
    with pytest.raises(StoreError, match=rf"run={SECOND}\.extract\.json: another machine wrote it meanwhile"), shared(a, [PORTAL]):
        extract(PORTAL, b)
        layout = a.layout
        for table in (*CRAWL_TABLES, *DOCUMENT_TABLES):
            layout.silver(table, PORTAL, SECOND).write_bytes(layout.silver(table, PORTAL, FIRST).read_bytes())
        layout.silver_commit(PORTAL, SECOND).write_bytes(layout.silver_commit(PORTAL, FIRST).read_bytes())


def test_one_portal_is_in_one_machines_hands(machines: Machines, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.engines.postgresql._PATIENCE", 1)
    url = SecretStr(postgres.database())
    a, b = (
        open_context(SECOND, machines.at(name, SECOND).settings.model_copy(update={"warehouse": url, "home": machines.folder / name}))
        for name in ("a", "b")
    )
    with shared(a, [PORTAL]):
        with pytest.raises(WarehouseError, match=rf"{PORTAL}: another machine works on it: process \d+ of gongkai .*/\d+, since"):
            extract(PORTAL, b)
        with b.engine.claiming(["sample-other"]):
            pass
    assert extract(PORTAL, b).status is RunStatus.COMPLETE


def test_a_lost_database_is_a_lost_claim_and_the_next_stage_sends(machines: Machines, postgres: Server) -> None:
    url = SecretStr(postgres.database())
    b = open_context(SECOND, machines.at("b", SECOND).settings.model_copy(update={"warehouse": url}))
    before = _files(machines.folder / "store")
    with pytest.raises(WarehouseError, match=r"/test_\d+\S*: connection lost: "), shared(b, [PORTAL]):
        for table in (*CRAWL_TABLES, *DOCUMENT_TABLES):
            b.layout.silver(table, PORTAL, SECOND).write_bytes(b.layout.silver(table, PORTAL, FIRST).read_bytes())
        b.layout.silver_commit(PORTAL, SECOND).write_bytes(b.layout.silver_commit(PORTAL, FIRST).read_bytes())
        postgres.restart()
    assert _files(machines.folder / "store") == before
    with shared(b, [PORTAL]):
        pass
    assert f"silver/_commit/portal={PORTAL}/run={SECOND}.json" in _files(machines.folder / "store")


def _read_and_send(folder: str, registry: str, machine: str) -> None:
    extract(PORTAL, Machines(Path(folder), Path(registry)).at(machine, SECOND))


def test_killed_at_any_moment_and_run_again_anywhere(crawled: Machines, tmp_path: Path) -> None:
    """Readings of two machines by turns, each killed somewhere; what the last one leaves is what an undisturbed one leaves."""
    calm, shaken = tmp_path / "calm", tmp_path / "shaken"
    for folder in (calm, shaken):
        shutil.copytree(crawled.folder / "store", folder / "store")
        for receipt in (folder / "store" / "receipts").rglob("*.extract.json"):
            receipt.unlink()
    begun = time.perf_counter()
    _read_and_send(str(calm), str(crawled.registry), "a")
    took = time.perf_counter() - begun
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["stages.extract", "samples.town", "pytest", "own_postgres", "stages.crawl"])
    moments, killed = random.Random(20260301), 0
    for number in range(6):
        process = context.Process(target=_read_and_send, args=(str(shaken), str(crawled.registry), f"m{number % 2}"))
        process.start()
        process.join(took * moments.random())
        process.kill()
        process.join(20)
        killed += process.exitcode == -9
    assert killed >= 3
    _read_and_send(str(shaken), str(crawled.registry), "m2")
    left, right = _files(calm / "store"), _files(shaken / "store")
    assert {k: v for k, v in right.items() if not k.startswith("ledger/")} == {k: v for k, v in left.items() if not k.startswith("ledger/")}
    assert left.keys() == right.keys()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("bucket/prefix", "no address like"),
        ("s3://key:geheim@bucket/prefix", "no address like"),
        ("nosuch://bucket", "GONGKAI_STORE=nosuch://bucket: ValueError: Protocol not known"),
    ],
)
def test_a_bad_address_is_told_without_its_password(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as raised:
        Store(url)
    assert "geheim" not in str(raised.value)
