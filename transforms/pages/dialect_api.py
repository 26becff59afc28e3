"""The services that some dialects' lists come from: requests made of the registry's ids, answers in JSON of the dialect's own names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from gongkai.dialects import Api, Dialect, day_in, period_in
from transforms.pages.answers import load_answer, refuse_error
from transforms.pages.contract import ListReading, ListRequest, ListRow, NotThisLayout
from transforms.pages.json_rows import read_json_rows
from transforms.pages.paging import with_query

_FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"), ("X-Requested-With", "XMLHttpRequest"))
_KNOWN_AS = {"title": "title", "url": "url", "date": "pubdate", "doc_number": "document_number", "index_number": "identifier"}
"""What the reader of JSON rows calls the facts."""


def first_request(api: Api, base_url: str, entry: str, params: Mapping[str, str | int]) -> ListRequest:
    """Page one of a section. Raises NotThisLayout where the registry gives no value for a parameter of the service."""
    given = {**params, "entry": entry, "page": 1}
    url = base_url + api.path.replace("{entry}", entry)
    try:
        form, query = api.filled(api.form, given), api.filled(api.query, given)
    except KeyError as error:
        raise NotThisLayout(f"the registry gives no parameter {error.args[0]}, which {api.path} wants") from error
    url = f"{url}?{urlencode(query)}" if query else url
    return ListRequest(url=url, body=urlencode(form), headers=_FORM) if form else ListRequest(url=url)


def following_request(api: Api, request: ListRequest) -> ListRequest | None:
    """The page after the one a request asked for; None where the service gives all rows at once."""
    page, counter = request.page + 1, api.counter
    if counter is None:
        return None
    if request.body is None:
        return ListRequest(url=with_query(request.url, **{counter: page}), page=page)
    form = dict(parse_qsl(request.body, keep_blank_values=True)) | {counter: str(page)}
    return ListRequest(url=request.url, body=urlencode(form), headers=request.headers, page=page)


def read_answer(api: Api, text: str, url: str, dialect: Dialect) -> ListReading:
    """Rows and totals of an answer. Raises SoftError (it reports an error) and NotThisLayout (no such array in it)."""
    value = load_answer(text).value
    answer = value if isinstance(value, dict) else {"list": value}
    items = _at(answer, api.rows)
    refuse_error([answer], rows=bool(items))
    if not isinstance(items, list):
        raise NotThisLayout(f"no {api.rows} in the answer: {', '.join(map(str, answer))[:80]}")
    facts = [_facts(api, item) for item in items if isinstance(item, Mapping)]
    reading = read_json_rows(json.dumps({"list": facts}), url, None, lambda markup: ())
    rows = tuple(_placed(dialect, row) for row in reading.rows)
    return ListReading(rows=rows, declared_total=_number(answer, api.total), declared_pages=_number(answer, api.pages))


def _facts(api: Api, item: Mapping[str, Any]) -> dict[str, Any]:
    inner = item.get(api.row) if api.row else item
    inner = inner if isinstance(inner, Mapping) else {}
    named = {field: next((inner[name] for name in names if inner.get(name)), None) for field, names in api.fields.items()}
    return {_KNOWN_AS[field]: value for field, value in named.items() if value is not None}


def _placed(dialect: Dialect, row: ListRow) -> ListRow:
    found = dialect.match(row.url)
    if found is None:
        return row
    return replace(row, native_id=found.groupdict().get("id"), date=row.date or day_in(found), period=period_in(found))


def _at(node: Any, way: str) -> Any:
    for key in way.split("."):
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _number(answer: Mapping[str, Any], way: str | None) -> int | None:
    value = _at(answer, way) if way else None
    return int(value) if isinstance(value, int | str) and not isinstance(value, bool) and str(value).isdecimal() else None
