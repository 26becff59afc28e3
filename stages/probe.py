"""A short, polite look at one portal, in a home of its own that is thrown away: detect its family, check its registry entry."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import yaml
from pydantic import ValidationError
from warcio.archiveiterator import ArchiveIterator

from crawlers.article import is_front
from crawlers.blocking import Identity, identity_mismatch, identity_of
from crawlers.content import decode_content
from gongkai.divisions import divisions
from gongkai.errors import GongkaiError
from gongkai.ledger import StageOutcome
from gongkai.registry import Portal, is_portal_id
from gongkai.settings import Settings
from gongkai.status import RunStatus
from stages.context import RunContext, open_context
from stages.crawl import crawl
from stages.extract import extract
from transforms.decode import decode
from transforms.pages import detect
from transforms.pages.detect import vendor_of
from transforms.pages.proposals import proposed_params, proposed_sections

_LARGEST = 30_000_000
_INDEX = "/gkmlpt/index"
_TURNED_AWAY = (RunStatus.BLOCKED, RunStatus.UNREACHABLE, RunStatus.WRONG_SITE)
_NOBODY = Identity(None, None, None)
_MEANING = {
    RunStatus.COMPLETE: "every section answers, its rows and the notices tried can be read",
    RunStatus.EMPTY: "the sections answer and say that they list nothing",
    RunStatus.STALE: "the newest notice is older than expected",
    RunStatus.PARTIAL: "something can be read and something cannot; each reason names what",
    RunStatus.QUARANTINED: "what was read did not pass the audit",
    RunStatus.BROKEN: "a page came, but not one that this family and these parameters can read: look at `entry`, `family` and `params`",
    RunStatus.WRONG_SITE: "another body answers at this address than the registry says",
    RunStatus.BLOCKED: "the portal, or its robots.txt, does not want to be asked by a program; we do not go round that",
    RunStatus.UNREACHABLE: "nobody answers at this address from here; another network may reach it",
}
"""What a status means to somebody who adds a portal."""
_NO_SECTION = "nobody was asked, for the entry names no section: `gongkai portals new SOME-ID {}/ …` prints those that a gkmlpt index names"


@dataclass(frozen=True)
class _Probe:
    context: RunContext
    outcome: StageOutcome

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The run's rows of a table, raw or silver; none where the stage did not come that far."""
        portal = self.outcome.portal_id
        raw = self.context.layout.raw_run(portal, self.context.run_id) / f"{table}.parquet"
        path = raw if raw.exists() else self.context.layout.silver(table, portal, self.context.run_id)
        found: list[dict[str, Any]] = pq.read_table(path, partitioning=None).to_pylist() if path.exists() else []
        return found


@dataclass(frozen=True)
class Recognised:
    """What a page shows of the system behind it."""

    family: str
    params: dict[str, str]
    """Family parameters that the page writes, `dialect` first where a URL dialect fits."""
    sections: list[dict[str, str]] = field(default_factory=list)
    """Sections that the page names."""
    page: Identity = _NOBODY
    """Whose it says it is."""

    @property
    def told(self) -> str:
        """`trs_wcm`, `generic (x_shhex)`."""
        return f"{self.family} ({self.params['dialect']})" if "dialect" in self.params else self.family


def recognise(text: str, url: str | None, headers: str = "") -> Recognised | None:
    """The family of a page and its parameters, None where nothing is recognised."""
    family = detect(text, url, headers)
    if family is None:
        return None
    return Recognised(family, proposed_params(family, text, url), proposed_sections(family, text, url or ""), identity_of(text))


def family_of_file(path: Path, url: str | None) -> Recognised | None:
    """What a saved page shows, None where nothing is recognised."""
    return recognise(decode(path.read_bytes()).text, url)


def family_at(url: str) -> Recognised | None:
    """What the page at an address shows, asked under robots.txt like any crawl; None where nothing is recognised.

    A front page shows little of the system behind it: there, gkmlpt's index is asked for as well, the first probe of cms-families.md.

    Raises GongkaiError where it is no address, or no page came, with the crawl's own reasons.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("it begins with http:// or https:// and a host")
    except ValueError as error:
        raise GongkaiError(f"{url} is neither a file here nor the address of a page: {error}") from None
    origin = f"{parts.scheme}://{parts.netloc}"
    path = url.removeprefix(origin) or "/"
    portal = Portal.model_validate(
        {
            "id": "probe",
            "name": "probe",
            "level": "city",
            "province": "-",
            "base_url": origin,
            "family": "generic",
            "sections": [{"name": entry, "kind": "news", "entry": entry} for entry in (path, *((_INDEX,) if is_front(url) else ()))],
            "allow_private": _may_be_private(parts.netloc),
        }
    )
    with _probed(portal, details=0) as probe:
        pages = list(_pages(probe))
        if probe.outcome.status in _TURNED_AWAY or not pages:
            raise GongkaiError(f"{url}: {probe.outcome.status.value}: {'; '.join(probe.outcome.reasons[:3])}")
    indexes = [page for page in pages if page[0].endswith(_INDEX) and is_front(url)]
    of_index = [recognise(text, address) for address, text, _ in indexes if vendor_of(text, None) == "gkmlpt"]
    of_page = (recognise(text, address, headers) for address, text, headers in pages if (address, text, headers) not in indexes)
    return next(filter(None, (*of_index, *of_page)), None)


def _may_be_private(host: str) -> bool:
    """The registry lets this `host[:port]` be a private address, as the sample town's are."""
    return any(p.allow_private and p.host == host for p in open_context().registry.values())


def check(portal: Portal, details: int) -> dict[str, Any]:
    """What page one of each section and its first `details` notices give: status and what it means, reasons, and per section rows, total
    and notices read."""
    with _probed(portal, details=details) as probe:
        read = extract(portal.id, probe.context)
        documents = {d["notice_id"]: d for d in probe.rows("document") if not d["attachment_url"]}
        counted: dict[str, int] = {}
        for item in probe.rows("attachment"):
            counted[item["notice_id"]] = counted.get(item["notice_id"], 0) + 1
        notices = probe.rows("notice")
        sections = [
            {
                "name": section["section"],
                "rows": section["rows_seen"],
                "declared_total": section["declared_total"],
                "notices": [_notice(n, documents.get(n["notice_id"]), counted) for n in notices if n["section"] == section["section"]],
            }
            for section in probe.rows("section_outcome")
        ]
        reasons = [*probe.outcome.reasons, *(read.reasons if notices else [])]
        return {
            "portal": portal.id,
            "family": portal.family,
            "status": probe.outcome.status.value,
            "meaning": _MEANING[probe.outcome.status] if portal.sections else _NO_SECTION.format(portal.base_url),
            "requests": probe.outcome.counts.get("requests", 0),
            "identity": _identity(portal, [identity_of(text) for _, text, _ in _pages(probe)]),
            "reasons": reasons,
            "sections": sections,
        }


def _identity(portal: Portal, pages: list[Identity]) -> dict[str, str | None]:
    """Code and name that most of the pages carry, and what that says beside the entry."""
    codes, names = (Counter(filter(None, column)).most_common(1) for column in ([p.code for p in pages], [p.name for p in pages]))
    code, name = codes[0][0] if codes else None, names[0][0] if names else None
    if not code and not name:
        said = "pages do not say whose they are (no SiteIDCode, no SiteName)"
    elif (code and portal.site_id_code) or (name and portal.site_name):
        said = (
            "pages say whose they are, and the entry says the same"
            if not identity_mismatch(portal, Identity(code, name, None))
            else ("pages say that they are somebody else's")
        )
    else:
        key, value = ("site_id_code", code) if code else ("site_name", name)
        said = f'pages say whose they are, the entry does not: with `{key}: "{value}"` a crawl would notice another body\'s site'
    return {"site_id_code": code, "site_name": name, "meaning": said}


def _notice(notice: dict[str, Any], document: dict[str, Any] | None, attachments: dict[str, int]) -> dict[str, Any]:
    return {
        "title": notice["title"],
        "url": notice["url"],
        "published": notice["published_at"],
        "genre": document["genre"] if document else None,
        "characters": len(document["body_text"]) if document else 0,
        "attachments": attachments.get(notice["notice_id"], 0),
    }


def new_entry(portal_id: str, url: str, *, name: str, level: str, province: str) -> str:
    """A registry entry in YAML, family, dialect, parameters and identity as recognised at `url`; what no page says is left to be filled in.

    Raises GongkaiError for an id that is none or is taken, before anybody is asked, and as `family_at`.
    """
    if not is_portal_id(portal_id):
        raise GongkaiError(f"{portal_id!r} is no portal id: small letters, digits and hyphens, as in gd-exampletown")
    if portal_id in (context := open_context()).registry:
        raise GongkaiError(f"{portal_id} is registered already in {context.settings.portals}; another id shows what its pages propose")
    found = family_at(url) or Recognised("generic", {})
    parts = urlsplit(url)
    code = found.page.code if found.page.code and re.fullmatch(r"[0-9A-Za-z]{6,20}", found.page.code) else None
    entry = {
        "id": portal_id,
        "name": name,
        "level": level,
        "province": province,
        **({"division_code": code[:6]} if code and code[:6] in divisions() else {}),
        "base_url": f"{parts.scheme}://{parts.netloc}",
        "family": found.family,
        **({"params": found.params} if found.params else {}),
        "sections": found.sections
        or [{"name": "栏目名称", "kind": "news", "entry": url.removeprefix(f"{parts.scheme}://{parts.netloc}") or "/"}],
        **({"site_id_code": code} if code else {"site_name": found.page.name} if found.page.name else {}),
        **({"allow_private": True} if _may_be_private(parts.netloc) else {}),
        "fact_source": url,
    }
    try:
        Portal.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        raise GongkaiError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return yaml.safe_dump({"portals": [entry]}, allow_unicode=True, sort_keys=False, width=140)


@contextmanager
def _probed(portal: Portal, *, details: int) -> Iterator[_Probe]:
    """Crawl page one of each section and `details` notices of it, in a home that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="gongkai-probe-") as folder:
        registry = Path(folder) / "probe.yaml"
        entry = json.loads(portal.model_dump_json(exclude_defaults=True))
        registry.write_text(yaml.safe_dump({"portals": [entry]}, allow_unicode=True), encoding="utf-8")
        context = open_context(settings=Settings(home=Path(folder), portals=registry, store=""))
        (outcome,) = crawl([portal.id], context, sample=details)
        yield _Probe(context, outcome)


def _pages(probe: _Probe) -> Iterator[tuple[str, str, str]]:
    """Addresses, texts and headers of the good answers that the probe archived, robots.txt left out."""
    for folder in (probe.context.layout.raw_run, probe.context.layout.raw_partial):
        for path in sorted(folder(probe.outcome.portal_id, probe.context.run_id).glob("*.warc.gz")):
            with path.open("rb") as file:
                for record in ArchiveIterator(file):
                    url = record.rec_headers.get_header("WARC-Target-URI") or ""
                    if record.rec_type == "response" and record.http_headers.get_statuscode() == "200" and not url.endswith("/robots.txt"):
                        raw = record.raw_stream.read()
                        encoding = record.http_headers.get_header("content-encoding") or ""
                        headers = "\n".join(f"{name}: {value}" for name, value in record.http_headers.headers)
                        yield url, decode(decode_content(raw, encoding, _LARGEST)).text, headers
