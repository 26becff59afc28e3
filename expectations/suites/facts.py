"""Citations, obligations, rosters and findings (引用、时限义务、成员、问题): one row each, of a document of the batch."""

from __future__ import annotations

from expectations.chunk import Chunk
from expectations.suites.contract import Check
from expectations.suites.every_table import own, whole, words
from expectations.suites.rules import CRITICAL, WARNING, Rule, holds, longer_than, rows_exactly, unique
from gongkai.records.document import Citation, Finding, Obligation, RosterMember

_RECORDS = {"citation": Citation, "obligation": Obligation, "roster_member": RosterMember, "finding": Finding}


def checks(chunk: Chunk) -> list[Check]:
    return [_check(chunk, table) for table in _RECORDS]


def _check(chunk: Chunk, table: str) -> Check:
    frame = chunk.frame(table)
    rules: list[Rule] = [unique(CRITICAL, "one row a fact", "document_id", "extractor_version", "seq"), own(chunk, frame)]
    if table == "finding":  # of a document that could not be read there is the finding only
        frame["of_a_notice"] = chunk.among(frame, ["notice_id"], chunk.frame("notice"))
        rules.append(holds(CRITICAL, "each finding belongs to a notice of the batch", "of_a_notice"))
        rules.append(whole(frame, "rule", "severity", "message"))
    else:
        frame["of_a_document"] = chunk.among(frame, ["document_id"], chunk.frame("document"))
        rules.append(holds(CRITICAL, "each fact belongs to a document of the batch", "of_a_document"))
    committed = chunk.each(lambda case: case.batch.committed("findings"))
    rules += words(_RECORDS[table])
    if table == "obligation":
        rules.append(whole(frame, "raw"))
        rules.append(holds(WARNING, "the text at an obligation's span is what was read", "in_text", chunk.limits.evidence_match))
    if table == "roster_member":
        rules.append(longer_than(WARNING, "members have names", "name", 1))
    return Check(
        table,
        frame,
        ("notice_id", "document_id", "seq"),
        (rows_exactly(CRITICAL, "as many findings as extract committed", chunk.rows(frame), committed),) if table == "finding" else (),
        tuple(rules),
        may_be_empty="many documents cite nothing, set no time limit and name no member",
    )
