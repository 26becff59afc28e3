"""Exports of both engines: the same bytes twice, a package frictionless accepts, cells no spreadsheet runs; what changed between two."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from frictionless import Package, system
from hypothesis import given
from hypothesis import strategies as st

from gongkai.errors import WarehouseError
from gongkai.settings import PROJECT
from stages.cli import gongkai
from warehouse import delta as delta_module
from warehouse.delta import delta
from warehouse.dictionary import dictionary, markdown, rows
from warehouse.engines import Engine
from warehouse.engines.duckdb import open_file
from warehouse.export import Exported, export, safe
from warehouse.package import known_gaps


@pytest.fixture(scope="module")
def exports(both: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folders = {}
    for name, engine in both.items():
        folders[name] = tmp_path_factory.mktemp("export") / name
        written(engine, folders[name])
    return folders


def written(engine: Engine, folder: Path, **options: Any) -> list[Exported]:
    with engine.published() as connection:
        assert connection is not None
        return export(connection, folder, **options)


def test_both_engines_give_the_same_rows_and_twice_the_same_bytes(
    both: dict[str, Engine], exports: dict[str, Path], tmp_path: Path
) -> None:
    again = tmp_path / "again"
    written(both["duckdb"], again)
    sums = [(folder / "CHECKSUMS").read_text() for folder in (exports["duckdb"], again, exports["postgresql"])]
    assert sums[0] == sums[1] == sums[2]
    assert sums[0].count("\n") == 2 * len(list((again / "csv").iterdir())) + 3
    proved = subprocess.run(["sha256sum", "--check", "--quiet", "CHECKSUMS"], cwd=again, check=False, capture_output=True, text=True)
    assert (proved.returncode, proved.stdout) == (0, "")


def test_frictionless_accepts_every_table_with_its_keys(exports: dict[str, Path]) -> None:
    with system.use_context(trusted=True):
        report = Package(str(exports["duckdb"] / "datapackage.json")).validate()
    problems = [(task.name, error.message) for task in report.tasks for error in task.errors]
    assert problems == []
    assert report.valid, report.errors
    assert len([task for task in report.tasks if task.name == "plan-commitment"]) == 1


def test_the_package_says_what_it_is_of_and_what_is_missing(exports: dict[str, Path]) -> None:
    package = json.loads((exports["postgresql"] / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["id"], package["created"]) == ("urn:gongkai:snapshot:20260302T183000Z", "2026-03-04T02:30:00Z")
    assert package["licenses"][0]["name"] == "CC-BY-4.0"

    def held(table: str, column: str) -> Counter[Any]:
        return Counter(pq.read_table(exports["duckdb"] / "parquet" / f"{table}.parquet")[column].to_pylist())

    verdicts, promises, scores = held("verdict", "verdict"), held("commitment", "status"), held("scorecard", "comparable")
    undecided = verdicts["uncertain"], verdicts["not_assessable"]
    assert all((*undecided, promises["not_assessable"], scores[False]))
    assert package["gongkai:known_gaps"] == [
        "1 portal ended its newest run as partial",
        "1 of the expected annual_report documents could not be seen (not seen is not absent)",
        "1 of the expected annual_report documents were not there though the whole listing was seen",
        "of {} verdicts {} are uncertain and {} not assessable (neither pass nor fail)".format(verdicts.total(), *undecided),
        f"of {promises.total()} commitments {promises['not_assessable']} are not assessable (neither kept nor overdue)",
        f"of {scores.total()} scorecards {scores[False]} rest on too little to be compared",
    ]
    fields = {r["name"]: r["schema"]["fields"] for r in package["resources"] if r["format"] == "csv"}
    for name in ("verdict", "commitment", "scorecard", "scorecard-item", "scorecard-deduction", "scorecard-history"):
        assert all(f["title"] and f["description"] for f in fields[name]), name
    plan = next(r for r in package["resources"] if r["name"] == "plan-commitment")
    assert (plan["gongkai:rows"], plan["schema"]["primaryKey"]) == (2, ["document_id", "seq"])
    content = (exports["postgresql"] / plan["path"]).read_bytes()
    assert (plan["bytes"], plan["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
    assert "例市人民政府" in [source["title"] for source in package["sources"]]


def test_a_portal_that_was_never_run_did_not_end(both: dict[str, Engine], tmp_path: Path) -> None:
    changed = tmp_path / "changed.duckdb"
    changed.write_bytes(Path(both["duckdb"].published_place).read_bytes())
    with open_file(changed) as connection:
        connection.execute("INSERT INTO mart.portal_status (portal_id) VALUES ('new')")
        assert known_gaps(connection)[:2] == ["1 portal ended its newest run as partial", "1 portal was never run"]


def test_values_keep_their_types_in_parquet_and_their_words_in_csv(exports: dict[str, Path]) -> None:
    folder = exports["postgresql"]
    task = pq.read_table(folder / "parquet" / "plan_commitment.parquet").to_pylist()[1]
    assert (task["lead_units"], task["due_date"], task["seq"]) == (["市财政局"], date(2026, 12, 31), 1)
    with (folder / "csv" / "plan_commitment.csv").open(encoding="utf-8", newline="") as file:
        printed = list(csv.DictReader(file))[1]
    assert (printed["lead_units"], printed["due_date"], printed["seq"], printed["start_date"]) == ('["市财政局"]', "2026-12-31", "1", "")
    with (folder / "csv" / "metric_by_city_year.csv").open(encoding="utf-8", newline="") as file:
        values = {(r["report_year"], r["code"]): r["value"] for r in csv.DictReader(file)}
    assert (values["2024", "app_new_received"], values["2024", "app_carried_in"], values["2024", "app_granted"]) == ("12", "0", "")


def test_a_byte_order_mark_on_demand_and_chosen_tables(both: dict[str, Engine], tmp_path: Path) -> None:
    files = written(both["duckdb"], tmp_path / "out", tables=["dim_portal"], forms=["csv"], bom=True)
    assert [f.path for f in files] == ["csv/dim_portal.csv"]
    assert (tmp_path / "out" / "csv" / "dim_portal.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with system.use_context(trusted=True):
        assert Package(str(tmp_path / "out" / "datapackage.json")).validate().valid
    with pytest.raises(WarehouseError, match="no table or form 'secrets'"):
        written(both["duckdb"], tmp_path / "other", tables=["secrets"])
    assert not (tmp_path / "other").exists()


def test_an_export_replaces_an_older_one_and_nothing_else(both: dict[str, Engine], tmp_path: Path) -> None:
    for _ in range(2):
        written(both["duckdb"], tmp_path / "out", tables=["dim_portal"], forms=["csv"])
    (tmp_path / "out" / "csv" / "mine.txt").write_text("mine")
    with pytest.raises(WarehouseError, match=r"mine\.txt is no file of an older export, and would be lost"):
        written(both["duckdb"], tmp_path / "out", tables=["dim_portal"], forms=["csv"])
    assert (tmp_path / "out" / "csv" / "mine.txt").read_text() == "mine"
    (tmp_path / "file").write_text("mine")
    with pytest.raises(WarehouseError, match="would be lost"):
        written(both["duckdb"], tmp_path / "file", tables=["dim_portal"], forms=["csv"])


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'quoted"])
def test_no_spreadsheet_runs_a_cell(cell: str) -> None:
    assert safe(pa.array([cell])).to_pylist() == [f"'{cell}"]


@given(st.lists(st.one_of(st.none(), st.text())))
def test_what_was_made_safe_can_be_had_back(cells: list[str | None]) -> None:
    made = safe(pa.array(cells, type=pa.string())).to_pylist()
    assert [None if c is None else c.removeprefix("'") for c in made] == cells
    assert not any(c is not None and c[:1] in tuple("=+-@\t\r\n＝＋－＠") for c in made if c)


def test_delta_names_what_was_added_changed_and_removed(both: dict[str, Engine], exports: dict[str, Path], tmp_path: Path) -> None:
    kept = Path(both["duckdb"].published_place)
    changed = tmp_path / "changed.duckdb"
    changed.write_bytes(kept.read_bytes())
    with open_file(changed) as connection:
        connection.execute("UPDATE mart.plan_commitment SET due_date = DATE '2027-01-31', as_of = DATE '2026-03-05' WHERE seq = 1")
        connection.execute("DELETE FROM mart.removal")
        connection.execute("INSERT INTO mart.dim_agency (agency, name_zh) VALUES ('new', '新局')")
    lines = delta(kept, changed, tmp_path / "delta")
    assert [line for line in lines if not line.endswith("0 added, 0 changed, 0 removed")] == [
        "dim_agency: 1 added, 0 changed, 0 removed",
        "plan_commitment: 0 added, 1 changed, 0 removed",
        "removal: 0 added, 0 changed, 1 removed",
    ]
    listed = [json.loads(line) for line in (tmp_path / "delta" / "changes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert listed[1] == {
        "table": "plan_commitment",
        "change": "changed",
        "key": '{"document_id": "lishi-plan-v2-0", "seq": 1}',
        "before": '{"due_date": "2026-12-31"}',
        "after": '{"due_date": "2027-01-31"}',
    }
    assert pq.read_table(tmp_path / "delta" / "changes.parquet").to_pylist() == listed
    for same in (exports["postgresql"], kept):  # an export holds all of a snapshot
        assert all(line.endswith("0 added, 0 changed, 0 removed") for line in delta(exports["duckdb"], same))
    with pytest.raises(WarehouseError, match="no export with Parquet"):
        delta(tmp_path, changed)


def test_delta_fetches_what_differs_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts that differ after their first hundred signs only, of more rows than are held together; equal keys without a value."""
    made = """
        CREATE SCHEMA mart;
        CREATE TABLE mart.document_text AS SELECT 'd' || i AS document_id, repeat('字', 200) || i % $1 AS body_text FROM range(40) AS t(i);
        CREATE TABLE mart.other AS SELECT CASE WHEN i > 1 THEN 'o' || i END AS name, $1 AS number FROM range(4) AS t(i)
    """
    files = []
    for number in (7, 11):
        files.append(tmp_path / f"{number}.duckdb")
        with open_file(files[-1]) as connection:
            for command in made.replace("$1", str(number)).split(";"):
                connection.execute(command)
    found = []
    for most in (100_000_000, 5_000, 1):
        monkeypatch.setattr(delta_module, "_BYTES", most)
        lines = delta(*files, tmp_path / str(most))
        assert lines == ["document_text: 0 added, 33 changed, 0 removed", "other: 4 added, 0 changed, 4 removed"]
        found.append((tmp_path / str(most) / "changes.jsonl").read_text(encoding="utf-8").splitlines())
    assert found[0] == found[1] == found[2]
    changes = [json.loads(line) for line in found[0][:33]]
    keys = [json.loads(change["key"])["document_id"] for change in changes]
    assert keys == sorted(f"d{i}" for i in range(40) if i % 7 != i % 11)
    assert {k: json.loads(c["after"])["body_text"][198:] for k, c in zip(keys, changes, strict=True)} == {
        key: f"字字{int(key[1:]) % 11}" for key in keys
    }


def test_delta_tells_columns_that_came_went_or_became_another_type(both: dict[str, Engine], tmp_path: Path) -> None:
    """Snapshots of two releases: a column more, one less, one of another type, a key that is called otherwise."""
    kept = Path(both["duckdb"].published_place)
    changed = tmp_path / "changed.duckdb"
    changed.write_bytes(kept.read_bytes())
    with open_file(changed) as connection:
        connection.execute("ALTER TABLE mart.dim_agency ADD COLUMN seat text")
        connection.execute("ALTER TABLE mart.dim_agency DROP COLUMN kind")
        connection.execute("ALTER TABLE mart.report_metric ALTER COLUMN value TYPE text USING 'about ' || value::text")
        connection.execute("ALTER TABLE mart.plan_commitment RENAME COLUMN seq TO number")
        ((metrics,),) = connection.query("SELECT count(value) FROM mart.report_metric")
    lines = [line for line in delta(kept, changed) if not line.endswith("0 added, 0 changed, 0 removed")]
    assert lines == [
        f"report_metric: 0 added, {metrics} changed, 0 removed",
        f"dim_agency: column kind only in {kept}",
        f"dim_agency: column seat only in {changed}",
        f"plan_commitment: column number only in {changed}",
        f"plan_commitment: column seq only in {kept}",
        "plan_commitment: its key's seq is not in both: rows are compared whole, none counts as changed",
        f"report_metric: column value is DECIMAL(24,6) in {kept}, VARCHAR in {changed}",
    ]


def test_old_snapshots_are_kept_and_the_oldest_go(both: dict[str, Engine]) -> None:
    engine = both["duckdb"]
    for hour in range(4):
        engine.keep_published(datetime(2026, 3, 4, hour, tzinfo=UTC).strftime("%Y%m%dT%H%M%SZ"), 2)
    folder = Path(engine.published_place).parent
    assert sorted(p.name for p in folder.glob("run=*")) == ["run=20260304T020000Z.duckdb", "run=20260304T030000Z.duckdb"]
    both["postgresql"].keep_published("20260304T000000Z", 2)


def test_the_dictionary_in_the_documents_is_that_of_the_marts(both: dict[str, Engine]) -> None:
    pages = []
    for engine in both.values():
        with engine.published() as connection:
            assert connection is not None
            pages.append(markdown(dictionary(connection)))
            assert all(row["zh"] and row["en"] for row in rows(dictionary(connection)))
    assert pages[0] == pages[1]
    page = PROJECT / "docs" / "dictionary.md"
    assert page.read_text(encoding="utf-8") == pages[0], "write it anew: gongkai dictionary > docs/dictionary.md"


def test_commands_say_where_nothing_is_published(tmp_path: Path) -> None:
    for command in ("export", "dictionary"):
        done = CliRunner(env={"GONGKAI_HOME": str(tmp_path)}).invoke(gongkai, [command])
        assert done.exit_code != 0
        assert "nothing is published yet" in str(done.exception)
