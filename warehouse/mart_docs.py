"""The marts' own documentation: dbt's page with every model, column, test and the graph of what is made of what, in one file.

The page is dbt's (`index.html` of its package), which loads nothing from elsewhere once it holds its data. `dbt docs generate` would start
dbt a second time for what the build has left (`manifest.json`) and the warehouse knows (columns and types), and it does not know the names
of columns that several marts share. `manifest.json` and `catalog.json` lie beside the page for tools that read them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gongkai.errors import WarehouseError
from gongkai.layout import Layout, write_text_atomic
from warehouse.dictionary import Mart, dictionary
from warehouse.engines.contract import Connection, Engine

_CATALOG = "https://schemas.getdbt.com/dbt/catalog/v1.json"
_NO_STATISTICS = {"has_stats": {"id": "has_stats", "label": "Has Stats?", "value": False, "include": False, "description": ""}}
_WELCOME = """# Marts 数据集市

Left: every mart with its columns, tests and SQL. The round button below on the right: what is made of what. Times are UTC, days China's.
An empty value means *unknown* or *not stated*, never zero; questions with their SQL are in docs/queries.md.

| mart | 名称 | question it answers | grain |
|---|---|---|---|
"""


def write(engine: Engine, layout: Layout) -> Path:
    """Write the page of the marts as they were last built here. Returns its path.

    Raises:
        WarehouseError: dbt has built nothing here, or a mart is described nowhere.
    """
    built = layout.dbt / "target" / "manifest.json"
    if not built.exists():
        raise WarehouseError(f"{built} is missing: the page of the marts is made where dbt built them")
    manifest = json.loads(built.read_text(encoding="utf-8"))
    schema = str(engine.dbt_target().output["schema"])
    with engine.reading() as connection:
        _describe(manifest, dictionary(connection, schema))
        catalog = _catalog(manifest, connection, schema)
    page = _template()
    for name, data in (("MANIFEST", manifest), ("CATALOG", catalog)):
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        write_text_atomic(layout.mart_docs.with_name(f"{name.lower()}.json"), text, durable=False)
        page = page.replace(f'"{name}.JSON INLINE DATA"', text.replace("</", "<\\/"))
    write_text_atomic(layout.mart_docs, page, durable=False)
    return layout.mart_docs


def _template() -> str:
    spec = find_spec("dbt")
    folder = Path(next(iter(spec.submodule_search_locations or ()))) if spec else Path()
    return (folder / "task" / "docs" / "index.html").read_text(encoding="utf-8")


def _describe(manifest: dict[str, Any], marts: Iterable[Mart]) -> None:
    """Names and meanings of all columns, the question of each mart, and a first page that lists them."""
    rows = []
    for mart in marts:
        rows.append(f"| {_link(mart, manifest)} | {mart.zh} | {mart.question} | {', '.join(mart.key)} |")
        node = manifest["nodes"].get(f"model.gongkai.{mart.name}")
        if node is not None:
            node["description"] = f"**{mart.zh}**: {mart.en}\n\n{mart.question}"
            told = node["columns"]
            node["columns"] = {c.name: told.get(c.name, {}) | {"name": c.name, "description": c.comment} for c in mart.columns}
    manifest["docs"]["doc.dbt.__overview__"]["block_contents"] = _WELCOME + "\n".join(rows)


def _link(mart: Mart, manifest: dict[str, Any]) -> str:
    model = f"model.gongkai.{mart.name}"
    return f"[{mart.name}](#!/model/{model})" if model in manifest["nodes"] else mart.name


def _catalog(manifest: dict[str, Any], connection: Connection, schema: str) -> dict[str, Any]:
    """Columns and types of models and sources, in the form of dbt's catalog."""
    catalog: dict[str, Any] = {"metadata": {**manifest["metadata"], "dbt_schema_version": _CATALOG}, "errors": None}
    there = connection.tables(schema, "silver")
    for kind in ("nodes", "sources"):
        catalog[kind] = {}
        for name, node in manifest[kind].items():
            table = (schema if kind == "nodes" else node["schema"], node["name"])
            if table in there:
                types = connection.column_types(*table)
                columns = {c: {"type": t, "index": i, "name": c, "comment": None} for i, (c, t) in enumerate(types.items(), 1)}
                what = {"type": "table", "schema": table[0], "name": table[1], "database": node["database"], "comment": None, "owner": None}
                catalog[kind][name] = {"metadata": what, "columns": columns, "stats": _NO_STATISTICS, "unique_id": name}
    return catalog
