"""Every text column of silver is either masked here, or masked with its document, or says why it holds no words of strangers."""

from __future__ import annotations

import pyarrow as pa

from gongkai.tables import CRAWL_TABLES, DOCUMENT_TABLES, TABLES
from stages.masked import TEXTS, masked

_WORDLESS = {
    *("portal_id", "run_id", "notice_id", "document_id", "version", "extractor_version", "native_id", "payload_digest", "encoding"),
    *(
        "url",
        "canonical_url",
        "attachment_url",
        "list_url",
        "warc_file",
        "list_warc_file",
        "content_type",
        "extension",
        "kind",
        "converter",
        "last_seen",
    ),
    *("status", "validity", "cause", "section", "doc_number", "index_number", "published_at"),
}
"""Keys, addresses, vocabularies, names of the registry, and numbers by which a document is known: a masked one would lead nowhere."""
_OF_DOCUMENT = set(DOCUMENT_TABLES) - {"attachment_reading"}
"""Their other columns come from a body and a page that were masked before they were read."""


def test_no_text_column_is_forgotten() -> None:
    for name in CRAWL_TABLES + DOCUMENT_TABLES:
        texts = {field.name for field in TABLES[name].schema if pa.types.is_string(field.type)}
        assert set(TEXTS.get(name, ())) <= texts
        if name not in _OF_DOCUMENT:
            assert texts - _WORDLESS == set(TEXTS.get(name, ())), name


def test_texts_beside_the_documents_are_masked(identity: str = "990101198808081235") -> None:
    schema = TABLES["removal"].schema
    blank = {f.name: None for f in schema}
    rows = [blank | {"title": f"张某{identity}", "url": f"http://127.0.0.1/{identity}"}, blank]
    table = masked("removal", pa.Table.from_pylist(rows, schema=schema))
    assert table.schema == schema
    assert table.column("title").to_pylist() == ["张某" + "*" * 18, None]
    assert table.column("url").to_pylist()[0] == f"http://127.0.0.1/{identity}"
