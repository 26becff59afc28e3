"""Airflow's variables: one machine by default, a cluster by settings, and what does not fit is said before anything starts."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gongkai.airflow_env import airflow_environment
from gongkai.errors import GongkaiError
from gongkai.settings import PROJECT, Settings

CLUSTER = {
    "warehouse": SecretStr("postgresql://u:geheim@db/gongkai"),
    "store": "s3://bucket/prefix",
    "airflow_metadata": SecretStr("postgresql://a:geheim@db/airflow"),
    "airflow_broker": SecretStr("redis://:geheim@redis:6379/0"),
    "airflow_secret": SecretStr("geheim"),
    "airflow_api": "https://airflow.example.org/",
    "airflow_tasks": 6,
}


def _environment(home: Path, **given: Any) -> dict[str, str]:
    return airflow_environment(Settings(home=home, **given))


def test_one_machine_by_default(tmp_path: Path) -> None:
    found = _environment(tmp_path)
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{tmp_path}/airflow/airflow.db"
    assert found["AIRFLOW__CORE__PARALLELISM"] == "4"
    assert found["AIRFLOW__CORE__EXECUTOR"] == "stages.airflow_ui.executor.WarmLocalExecutor"
    assert not [name for name in found if "CELERY" in name or "FERNET" in name]


def test_what_a_worker_imports_beforehand_is_all_that_an_extract_task_imports(tmp_path: Path) -> None:
    """Else each of 400 tasks imports it again: in a process that imported it, a first page read brings nothing heavy any more."""
    code = (
        "import sys; from importlib import import_module; from gongkai.airflow_env import WARM\n"
        "for module in WARM: import_module(module)\n"
        "warm = set(sys.modules); import stages.extract, stages.context, gongkai.ledger, pyarrow.parquet\n"
        "import pathlib, pyarrow; path = pathlib.Path(sys.argv[1]); pyarrow.parquet.write_table(pyarrow.table({'a': [1]}), path)\n"
        "pyarrow.parquet.read_table(path); print(sorted({m.split('.')[0] for m in set(sys.modules) - warm}))"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "one.parquet")]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_a_cluster_by_settings(tmp_path: Path) -> None:
    found = _environment(tmp_path, **CLUSTER)
    assert found["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg2://a:geheim@db/airflow"
    assert found["AIRFLOW__CELERY__RESULT_BACKEND"] == "db+postgresql+psycopg2://a:geheim@db/airflow"
    assert found["AIRFLOW__CELERY__BROKER_URL"] == "redis://:geheim@redis:6379/0"
    assert found["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "https://airflow.example.org/execution/"
    assert (found["AIRFLOW__CORE__PARALLELISM"], found["AIRFLOW__CELERY__WORKER_CONCURRENCY"]) == ("64", "6")
    assert "geheim" not in repr(Settings(home=tmp_path, **CLUSTER)), "no setting shows its secret by itself"


def test_every_key_is_another_and_the_same_on_every_machine(tmp_path: Path) -> None:
    names = ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__CORE__FERNET_KEY")
    here, there = (_environment(tmp_path / home, **CLUSTER) for home in ("a", "b"))
    assert [here[name] for name in names] == [there[name] for name in names]
    assert len({here[name] for name in names}) == 3
    assert [len(base64.urlsafe_b64decode(here[name])) for name in names] == [64, 64, 32]


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("airflow_metadata", "GONGKAI_AIRFLOW_BROKER asks for GONGKAI_AIRFLOW_METADATA and GONGKAI_AIRFLOW_SECRET"),
        ("airflow_secret", "GONGKAI_AIRFLOW_BROKER asks for GONGKAI_AIRFLOW_METADATA and GONGKAI_AIRFLOW_SECRET"),
        ("store", "GONGKAI_AIRFLOW_BROKER asks for GONGKAI_STORE and a GONGKAI_WAREHOUSE"),
        ("warehouse", "GONGKAI_AIRFLOW_BROKER asks for GONGKAI_STORE and a GONGKAI_WAREHOUSE"),
    ],
)
def test_a_cluster_that_lacks_something_is_told_what(tmp_path: Path, without: str, said: str) -> None:
    with pytest.raises(GongkaiError, match=said):
        _environment(tmp_path, **{name: value for name, value in CLUSTER.items() if name != without})


def test_metadata_are_on_postgresql(tmp_path: Path) -> None:
    with pytest.raises(GongkaiError, match=r"^GONGKAI_AIRFLOW_METADATA is no address like postgresql://") as raised:
        _environment(tmp_path, airflow_metadata=SecretStr("mysql://a:geheim@db/airflow"))
    assert "geheim@" not in str(raised.value)
