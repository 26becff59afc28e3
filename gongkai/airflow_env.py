"""Airflow's configuration for one machine, as environment variables: the one place where it is decided."""

from __future__ import annotations

from gongkai.layout import Layout
from gongkai.settings import PROJECT, Settings

POOLS_FILE = PROJECT / "docker" / "pools.json"
"""What `airflow pools import` is given."""
TELEMETRY_OFF = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "GX_ANALYTICS_ENABLED": "False",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "SCARF_ANALYTICS": "false",
}


def airflow_environment(settings: Settings) -> dict[str, str]:
    """Variables for `airflow …` on this machine; add them to the present environment.

    SQLite metadata cannot bear more than a few parallel tasks ("database is locked" at the default 32), hence parallelism 4.
    """
    home = Layout(settings.home).airflow_home
    port = settings.ui_port
    return {
        **TELEMETRY_OFF,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": settings.ui_host,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        # A busy small machine answers its first calls late; the default of 5 s then fails tasks that nothing is wrong with.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "GONGKAI_HOME": str(settings.home),
        "GONGKAI_PORTALS": str(settings.portals),
    }
