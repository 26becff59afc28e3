"""Airflow's configuration, for one machine or for each of a cluster, as environment variables: the one place where it is decided."""

from __future__ import annotations

import base64
import hmac
import json

from gongkai.errors import GongkaiError
from gongkai.layout import Layout
from gongkai.settings import PROJECT, Settings

POOLS_FILE = PROJECT / "docker" / "pools.json"
"""What `airflow pools import` is given."""
_AT_ONCE = 64
"""Tasks at once in a whole cluster; each worker takes `airflow_tasks` of them, and the pools bound what is dear."""
WARM = ("stages.extract", "pyarrow.dataset", "airflow.sdk.execution_time.task_runner", "airflow.dag_processing.dagbag")
"""What a worker imports before it is forked into tasks: three seconds of processor (pyarrow, DuckDB, pandas) that each task of a night's
portals would pay (`benchmarks/airflow_night.py`). `pyarrow.dataset` comes with the first file read; Great Expectations, which few tasks
need, is left out. Their threads are the allocator's and OpenBLAS's, both made for being forked; no file stays open."""
_KEYS = {"AIRFLOW__API_AUTH__JWT_SECRET": "sha512", "AIRFLOW__API__SECRET_KEY": "sha512", "AIRFLOW__CORE__FERNET_KEY": "sha256"}
"""Keys that are derived, each as long as its use wants: a token's is signed by SHA512, Fernet takes 32 bytes."""
TELEMETRY_OFF = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "GX_ANALYTICS_ENABLED": "False",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "SCARF_ANALYTICS": "false",
}


def airflow_environment(settings: Settings) -> dict[str, str]:
    """Variables for `airflow …` on this machine; add them to the present environment. Some are secrets.

    SQLite metadata cannot bear more than a few parallel tasks ("database is locked" at the default 32), hence parallelism 4.

    Raises:
        GongkaiError: a broker without what a cluster cannot do without: metadata and warehouse on PostgreSQL, store, secret.
    """
    home = Layout(settings.home).airflow_home
    port = settings.ui_port
    api = settings.airflow_api.rstrip("/") or f"http://127.0.0.1:{port}"
    return {
        **TELEMETRY_OFF,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__EXECUTOR": "stages.airflow_ui.executor.WarmLocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(settings.airflow_tasks),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
        "AIRFLOW__API__HOST": settings.ui_host,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": api,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        # A busy small machine answers its first calls late; the default of 5 s then fails tasks that nothing is wrong with.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "GONGKAI_HOME": str(settings.home),
        "GONGKAI_PORTALS": str(settings.portals),
        **_cluster(settings),
        **_watched(settings),
    }


def _watched(settings: Settings) -> dict[str, str]:
    """Lineage and metrics, where somebody wants them; Airflow offers no more than these switches."""
    found = {"AIRFLOW__OPENLINEAGE__DISABLED": "True"}
    if settings.lineage:
        web = settings.lineage.startswith(("http://", "https://"))
        to: dict[str, str | bool] = (
            {"type": "http", "url": settings.lineage} if web else {"type": "file", "log_file_path": settings.lineage, "append": True}
        )
        found = {"AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(to), "AIRFLOW__OPENLINEAGE__NAMESPACE": "gongkai"}
    if settings.statsd:
        host, _, port = settings.statsd.rpartition(":")
        if not (host and port.isdigit()):
            raise GongkaiError(f"GONGKAI_STATSD is no host:port: {settings.statsd!r}")
        found |= {"STATSD_ON": "True", "STATSD_HOST": host, "STATSD_PORT": port, "STATSD_PREFIX": "gongkai"}
    return {name if name.startswith("AIRFLOW") else f"AIRFLOW__METRICS__{name}": value for name, value in found.items()}


def _cluster(settings: Settings) -> dict[str, str]:
    """What several machines have to agree on."""
    metadata, broker, secret = (s.get_secret_value() for s in (settings.airflow_metadata, settings.airflow_broker, settings.airflow_secret))
    if metadata and not metadata.startswith("postgresql://"):
        raise GongkaiError("GONGKAI_AIRFLOW_METADATA is no address like postgresql://user:password@host/name")
    if broker and not (metadata and secret):
        raise GongkaiError("GONGKAI_AIRFLOW_BROKER asks for GONGKAI_AIRFLOW_METADATA and GONGKAI_AIRFLOW_SECRET, too (docs/cluster.md)")
    if broker and not (settings.store and settings.warehouse.get_secret_value()):
        raise GongkaiError("GONGKAI_AIRFLOW_BROKER asks for GONGKAI_STORE and a GONGKAI_WAREHOUSE on PostgreSQL, too (docs/cluster.md)")
    database = metadata.replace("postgresql://", "postgresql+psycopg2://", 1)
    found = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor" if broker else "",
        "AIRFLOW__CORE__PARALLELISM": str(_AT_ONCE) if broker else "",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{database}" if broker else "",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(settings.airflow_tasks) if broker else "",
        "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": json.dumps({"imports": WARM}) if broker else "",
        # A crawl may take its whole budget, and some: redelivered before it ended, it would be tried twice at once.
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "86400" if broker else "",
        **({name: _derived(secret, name, kind) for name, kind in _KEYS.items()} if secret else {}),
    }
    return {name: value for name, value in found.items() if value}


def _derived(secret: str, name: str, kind: str) -> str:
    """A key of its own for each purpose, in the form that Fernet wants (base64)."""
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), name.encode(), kind)).decode()
