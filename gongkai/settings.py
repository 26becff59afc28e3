"""Settings: the only reader of the environment (variables `GONGKAI_*`). Built on call, never at import."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from gongkai.status import Severity

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator may choose; every field is `GONGKAI_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="GONGKAI_", extra="forbid")

    home: Path = PROJECT / "var"
    """Base of everything the pipeline writes (layout.py gives the paths below it)."""
    warehouse: SecretStr = SecretStr("")
    """A PostgreSQL database for the warehouse (`postgresql://user:password@host/name`); empty: a DuckDB file below `home`."""
    store: str = ""
    """Where machines share what they archived and read (`s3://bucket/prefix`, or another address of fsspec); empty: `home` is all there is.

    Credentials and endpoint of S3 are botocore's own (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, a profile or role)."""
    snapshots_kept: int = 7
    """Published DuckDB snapshots that stay as `published/run=….duckdb` (each as large as the warehouse), so that two can be compared."""
    keep_days: int = 90
    """Days after which `maintain` removes logs (Airflow's, too), killed crawls' remains, exports and reports of re-extractions."""
    portals: Path = PROJECT / "portals"
    """The registry: a folder of YAML files, or one file."""
    user_agent: str = "Gongkai/0.1 (+https://github.com/gongkai-project/gongkai; disclosure archive, contact: gongkai@example.org)"
    """Sent with every request and matched against robots.txt."""
    batch_size: int = 25
    """Portals in one crawl process."""
    audit_batch_size: int = 200
    """Portals in one audit task."""
    portal_budget: float = 1800.0
    """Seconds one portal's crawl may take before it ends as `partial`; the next night goes on where it stopped."""
    portal_requests: int = 20_000
    """Requests of one portal's crawl, likewise."""
    portal_bytes: int = 4_000_000_000
    """Bytes received (as sent, compressed) by one portal's crawl, likewise."""
    rewalk_days: int = 7
    """Days after which a nightly crawl walks a listing whole again, instead of stopping at a page of known rows."""
    rewalk_weeks: int = 4
    """Weeks in which the DAG `rewalk` has asked every followed portal for every known page again, a share of them each week."""
    home_links: int = 10
    """Links of its home page that the daily visit to a portal tries, at most; 0: none."""
    max_body_bytes: int = 30_000_000
    """Largest attachment that is downloaded."""
    max_page_bytes: int = 10_000_000
    """Largest page or list that is downloaded; reading takes about a second for every two of its megabytes."""
    alert_urls: SecretStr = SecretStr("")
    """Where the night's digests go: Apprise URLs, separated by blanks or commas (docs/alerts.md); empty: nowhere."""
    alert_from: Severity = Severity.WARNING
    """The least severity that is sent: critical, error, warning or info."""
    heartbeat_url: SecretStr = SecretStr("")
    """Asked after each published night; a dead man's switch that hears nothing raises its own alarm."""
    lineage: str = ""
    """Where OpenLineage events go: a file's path (one JSON line an event) or an http(s) address; empty: nowhere (docs/observability.md)."""
    statsd: str = ""
    """`host:port` of a StatsD server that Airflow's metrics go to; empty: none."""
    office: str = "soffice"
    """LibreOffice's program, by name or path, which old office files are converted with; empty: none. Optional (docs/attachments.md)."""
    ui_host: str = "127.0.0.1"
    """Address on which Airflow's UI listens."""
    ui_port: int = 8080
    airflow_metadata: SecretStr = SecretStr("")
    """Airflow's own database (`postgresql://user:password@host/name`); empty: SQLite, which bears four tasks at once on one machine."""
    airflow_broker: SecretStr = SecretStr("")
    """Redis through which tasks reach other machines' workers (`redis://:password@host:6379/0`): CeleryExecutor; empty: LocalExecutor."""
    airflow_secret: SecretStr = SecretStr("")
    """From which Airflow's keys are derived (tokens of tasks, requests for logs, stored passwords): alike on all machines of a cluster."""
    airflow_api: str = ""
    """Where workers and browsers reach the API server (`https://airflow.example.org`); empty: this machine, by `ui_port`."""
    airflow_tasks: int = 4
    """Tasks at once: of a worker, and of one machine that works alone."""
    bi_port: int = 8088
    """Port of Superset (`make bi`), on the same address."""
    bi_warehouse: SecretStr = SecretStr("")
    """A PostgreSQL login that reads only (`postgresql://gongkai_bi:password@host/name`), with which BI tools connect; empty: none."""
    town_port: int = 8700
    """Port of the sample town's loopback addresses."""
    timezone: str = "Asia/Shanghai"
    """In which printed dates without a zone are read."""
