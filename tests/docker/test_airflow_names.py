"""Every Airflow option that docker/ sets is one that Airflow knows; the chart's keys are spelled as the chart spells them."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import yaml
from airflow.providers.celery.get_provider_info import get_provider_info
from pydantic import SecretStr

from gongkai.airflow_env import airflow_environment
from gongkai.settings import PROJECT, Settings

DOCKER = PROJECT / "docker"
VALUES = yaml.safe_load((DOCKER / "helm-values.yaml").read_text(encoding="utf-8"))
# Read in the chart's values.yaml, values.schema.json (apache/airflow, folder chart) and parameters reference 1.20 to 1.22.
CHART_KEYS = {
    *("airflowHome", "airflowVersion", "apiSecretKeySecretName", "apiServer", "config", "createUserJob", "dagProcessor", "data"),
    *("defaultAirflowRepository", "defaultAirflowTag", "env", "executor", "extraEnvFrom", "fernetKeySecretName", "gid", "ingress"),
    *("jwtSecretName", "logs", "networkPolicies", "postgresql", "redis", "scheduler", "securityContexts", "statsd", "triggerer", "uid"),
    *("volumeMounts", "volumes", "workers"),
}
COMPONENT_KEYS = {"replicas", "resources", "extraInitContainers", "extraVolumes", "extraVolumeMounts", "enabled", "persistence"}


def known_options() -> set[str]:
    core = yaml.safe_load(files("airflow.config_templates").joinpath("config.yml").read_text(encoding="utf-8"))
    sections = {**core, **get_provider_info()["config"]}
    return {f"AIRFLOW__{section}__{option}".upper() for section, content in sections.items() for option in content["options"]}


def set_in(path: Path) -> set[str]:
    return set(re.findall(r"\bAIRFLOW__[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))


def test_airflow_knows_every_option_that_is_set() -> None:
    known = known_options()
    assert "AIRFLOW__CORE__FERNET_KEY" in known
    assert set_in(DOCKER / "compose.yaml") <= known
    # The provider of KubernetesExecutor is an extra that only the image installs.
    unknown = {name for name in set_in(DOCKER / "helm-values.yaml") - known if not name.startswith("AIRFLOW__KUBERNETES_EXECUTOR__")}
    assert unknown == set()


def test_the_compose_file_decides_nothing_otherwise_than_the_code_does_for_a_cluster(tmp_path: Path) -> None:
    """It hands out Airflow's variables itself, so that each part gets its own secrets only; names and fixed values are the code's."""
    url = SecretStr("postgresql://airflow:x@postgres/airflow")
    cluster = Settings(
        home=tmp_path, airflow_metadata=url, airflow_broker=SecretStr("redis://r"), airflow_secret=url, store="s3://b", warehouse=url
    )
    decided = airflow_environment(cluster)
    compose = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    ours = set_in(DOCKER / "compose.yaml") - {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"}
    assert ours <= set(decided)
    for name in (
        "AIRFLOW__CORE__EXECUTOR",
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT",
        "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG",
    ):
        assert re.search(rf"""{name}: ["']?{re.escape(decided[name])}["']?\s""", compose), name
    for name in ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CELERY__RESULT_BACKEND"):
        assert f"{name}: {decided[name].partition('airflow:')[0]}" in compose


def test_the_charts_keys_are_the_charts() -> None:
    assert set(VALUES) <= CHART_KEYS
    for component in ("apiServer", "scheduler", "dagProcessor", "triggerer", "workers"):
        assert set(VALUES[component]) <= COMPONENT_KEYS, component


def test_the_values_hold_no_secret_and_run_as_the_images_user() -> None:
    text = (DOCKER / "helm-values.yaml").read_text(encoding="utf-8")
    assert not re.search(r"postgresql(\+\w+)?://|redis://|(?i:password): *\S", text)
    pod = VALUES["securityContexts"]["pod"]
    assert (VALUES["uid"], VALUES["gid"]) == (pod["runAsUser"], pod["runAsGroup"]) == (10001, 0)
    assert "--uid 10001 --gid 0" in (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    assert VALUES["airflowVersion"] in (PROJECT / "uv.lock").read_text(encoding="utf-8").split('name = "apache-airflow"\n', 1)[1][:40]
