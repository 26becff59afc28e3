"""When a notice was published: META PubDate against what the page prints and what its address says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gongkai.records.document import Finding
from transforms.pages.contract import Candidate
from transforms.pages.stamps import Stamp, parse_stamp

_ORDER = ("api", "meta", "header", "family", "header-time", "url", "near")


@dataclass(frozen=True, slots=True)
class _Voice:
    kind: str
    source: str
    stamp: Stamp


def choose_published(candidates: Mapping[str, Sequence[Candidate]], address_day: date | None) -> tuple[str | None, list[Finding]]:
    """ISO date or time of publication, and H-DATE where the voices name different days.

    PubDate leads, but on rebuilt pages it is the day of the rebuild: a publication date that the page prints and that is earlier wins,
    and so does one that the address confirms. A time of day is taken from any voice that agrees on the day.
    """
    voices = _voices(candidates, address_day)
    if not voices:
        return None, []
    built = {stamp for c in candidates.get("built_at", ()) if (stamp := parse_stamp(c.value))}
    lead = voices[0]
    printed = next((v for v in voices if v.kind in ("header", "family")), None)
    if lead.kind == "meta" and printed and printed.stamp.day != lead.stamp.day:
        is_rebuild = lead.stamp in built or printed.stamp.day < lead.stamp.day
        confirmed = address_day == printed.stamp.day != lead.stamp.day
        if (is_rebuild and address_day != lead.stamp.day) or confirmed or (lead.stamp in built):
            lead = printed
    elif lead.kind == "meta" and lead.stamp in built and address_day:
        lead = next(v for v in voices if v.kind == "url")
    exact = (
        lead.stamp if lead.stamp.clock else next((v.stamp for v in voices if v.stamp.day == lead.stamp.day and v.stamp.clock), lead.stamp)
    )
    findings = [
        Finding(
            rule="H-DATE",
            severity="info",
            message=f"{voice.source} names another day of publication than {lead.source}",
            expected=lead.stamp.day.isoformat(),
            actual=voice.stamp.day.isoformat(),
        )
        for voice in _one_a_kind(voices)
        if voice.stamp.day != lead.stamp.day and voice.kind in ("api", "meta", "header", "family", "url")
    ]
    return exact.iso(), findings


def _voices(candidates: Mapping[str, Sequence[Candidate]], address_day: date | None) -> list[_Voice]:
    voices = []
    for field, kind in (("published_at", None), ("printed_time", "header-time")):
        for candidate in candidates.get(field, ()):
            stamp = parse_stamp(candidate.value)
            if stamp:
                voices.append(_Voice(kind or candidate.source.partition(":")[0], candidate.source, stamp))
    if address_day:
        voices.append(_Voice("url", "url", Stamp(address_day)))
    return sorted(voices, key=lambda voice: _ORDER.index(voice.kind))


def _one_a_kind(voices: Sequence[_Voice]) -> list[_Voice]:
    return list({voice.source: voice for voice in reversed(voices)}.values())[::-1]
