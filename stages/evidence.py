"""The evidence of one portal's run as a page: how each stage ended and why, and every archived answer of the night's crawl."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from crawlers.archive import Place
from crawlers.archive_index import captures, index_run
from crawlers.warc import read_record
from gongkai.errors import GongkaiError, UnreadableInput
from gongkai.layout import Layout, is_run_id, run_moment
from gongkai.ledger import read_outcome
from gongkai.registry import is_portal_id
from transforms.decode import decode
from transforms.formats.sniff import sniff

_SHOWN = 1000
_LONGEST = 2_000_000  # characters of a payload on a page
_CHINA = ZoneInfo("Asia/Shanghai")
_STAGES = ("crawl", "extract", "audit")


def run_page(layout: Layout, portal_id: str, run_id: str) -> str:
    """HTML: the outcomes of the run's stages, then its archived answers, the first 1,000 of them.

    Raises:
        GongkaiError: no such portal or run by its name, or neither ledger nor archive know it.
    """
    if not (is_portal_id(portal_id) and is_run_id(run_id)):
        raise GongkaiError(f"{portal_id[:64]!r}, {run_id[:64]!r}: no portal id and run id")
    paths = [layout.outcome(run_id, portal_id, stage) for stage in _STAGES]
    outcomes = [read_outcome(path) for path in paths if path.exists()]
    archived = layout.raw_run(portal_id, run_id).is_dir()
    if not outcomes and not archived:
        raise GongkaiError(f"{portal_id}: nothing is known of run {run_id}")
    found = list(islice(captures(index_run(layout, portal_id, run_id), portal_id, run_id), _SHOWN + 1)) if archived else []
    runs = layout.raw_runs(portal_id)
    environment = Environment(loader=PackageLoader("stages"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("run.html.j2").render(
        portal=portal_id,
        run=run_id,
        moment=run_moment(run_id).astimezone(_CHINA),
        outcomes=outcomes,
        archived=archived,
        captures=found[:_SHOWN],
        cut=len(found) > _SHOWN,
        zone=_CHINA,
        before=max((r for r in runs if r < run_id), default=None),
        after=min((r for r in runs if r > run_id), default=None),
    )


def record_text(layout: Layout, cited: str) -> str:
    """The payload of a cited record as text, cut after two million characters.

    Raises:
        GongkaiError: no citation, no such record, a damaged one, or bytes that are no text.
    """
    place = Place.of(cited)
    exchange = read_record(place.path(layout), place.offset)
    text = payload_text(exchange.payload, exchange.charset, str(place))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n… cut: gongkai archive show {place} gives all of it"


def payload_text(payload: bytes, charset: str | None, place: str) -> str:
    """Decoded text as a terminal or a page may show it: control characters but line ends and tabs become �.

    Raises:
        GongkaiError: the bytes are no text.
    """
    if not _is_text(payload):
        raise GongkaiError(f"{place}: {len(payload)} bytes that are no text: gongkai archive show {place} --out FILE keeps them")
    text = decode(payload, charset).text.replace("\r\n", "\n")
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def _is_text(payload: bytes) -> bool:
    """A page, a text, or the answer of an API."""
    if not payload.strip():
        return True
    with suppress(UnreadableInput):
        if sniff(payload) in ("html", "text"):
            return True
    return payload.lstrip()[:1] in (b"{", b"[", b"<") and b"\0" not in payload
