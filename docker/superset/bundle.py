"""The dashboards as Superset imports them, for one of the two engines.

`assets/` is Superset's own export format: databases, datasets, charts, dashboards, one YAML file each. Datasets name a mart and nothing
else of the engine, so the same files serve both: each engine gets a database entry, ids and addresses of its own. Descriptions come from
the marts.
"""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Engine = Literal["duckdb", "postgresql"]
HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
MARTS = HERE.parents[1] / "warehouse" / "marts" / "models"
TITLES: Mapping[Engine, str] = {"duckdb": "DuckDB", "postgresql": "PostgreSQL"}
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
# A snapshot is opened read-only, and SQL Lab on it reaches no other file of the machine.
_DUCKDB = {"engine_params": {"connect_args": {"read_only": True, "config": {"enable_external_access": "false"}}}}


def assets(folder: Path = ASSETS) -> dict[str, dict[str, Any]]:
    """Every file of the export, parsed, by its path below the folder."""
    return {str(p.relative_to(folder)): yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted(folder.rglob("*.yaml"))}


def dashboards() -> dict[str, list[str]]:
    """Titles of the charts of each dashboard, by the first part of its address."""
    boards = [content for name, content in assets().items() if name.startswith("dashboards/")]
    return {b["slug"]: [part["meta"]["sliceName"] for key, part in b["position"].items() if key.startswith("CHART-")] for b in boards}


def bundle(engine: Engine, uri: str, kind: str = "assets") -> dict[str, str]:
    """Files for Superset's import by name, connecting with `uri` (SQLAlchemy's form). `kind` is what its metadata calls them."""
    files = {name: _for_engine(name, content, engine, uri) for name, content in assets().items()}
    files["metadata.yaml"]["type"] = kind
    return {name: _own_ids(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), engine) for name, content in files.items()}


def write_zip(target: Path, engine: Engine, uri: str) -> None:
    """The same as a file for Superset's page Dashboards → Import, or its API; it overwrites what was imported before."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in bundle(engine, uri, "Dashboard").items():
            archive.writestr(f"gongkai/{name}", text)


def _own_ids(text: str, engine: Engine) -> str:
    return _UUID.sub(lambda found: str(uuid.uuid5(uuid.UUID(found[0]), engine)), text)


def _for_engine(name: str, content: dict[str, Any], engine: Engine, uri: str) -> dict[str, Any]:
    room = name.partition("/")[0]
    if room == "databases":
        extra = content["extra"] | (_DUCKDB if engine == "duckdb" else {})
        return content | {"database_name": f"{content['database_name']} {TITLES[engine]}", "sqlalchemy_uri": uri, "extra": extra}
    if room == "dashboards":
        return content | {"dashboard_title": f"{content['dashboard_title']} · {TITLES[engine]}", "slug": f"{content['slug']}-{engine}"}
    if room == "datasets":
        return _described(content)
    return content


@cache
def _models() -> dict[str, dict[str, Any]]:
    """What dbt's files say of each mart, by name."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(MARTS.rglob("*.yml"))]
    return {model["name"]: model for content in files for model in content.get("models", [])}


def _described(dataset: dict[str, Any]) -> dict[str, Any]:
    """A dataset whose table and columns carry the descriptions of the mart, where it has any."""
    model = _models().get(dataset["table_name"], {})
    texts = {c["name"]: c.get("description") for c in model.get("columns", [])}
    columns = [{"description": texts.get(c["column_name"]), **c} for c in dataset["columns"]]
    return {"description": model.get("description"), **dataset, "columns": columns}
