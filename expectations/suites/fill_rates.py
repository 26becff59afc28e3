"""Fill rates (填充率): title, date, document number, index number and source of each section against the section's own history.

A portal that never prints index numbers is not blamed for it; one that did until last night is: its layout has changed. Sections with
few notices have no rate of their own; all of a portal's together have one, measured against what the same notices would have by the
history of their sections.
"""

from __future__ import annotations

from collections.abc import Iterator

from expectations.batch import FILLED
from expectations.chunk import BATCH, Case, Chunk
from expectations.suites.contract import Check
from expectations.suites.rules import CRITICAL, WARNING, rows_exactly, within

ALL_SECTIONS = "*"
"""In the place of a section's name: the whole portal."""


def checks(chunk: Chunk) -> list[Check]:
    columns = [BATCH, "section", "field", "share", "least", "no_bound", "notices", "share_before", "notices_before"]
    frame = chunk.table(columns, ((n, *row) for n, case in enumerate(chunk.cases) for row in _rates(case, chunk)))
    numbers = ["share", "least", "no_bound", "share_before"]
    frame[numbers] = frame[numbers].astype("float64")
    expected = chunk.each(lambda case: sum(len(fields) for fields in case.batch.fills.values()) + len(FILLED) * bool(case.batch.fills))
    return [
        Check(
            "fill_rates",
            frame,
            ("section", "field", "share", "share_before", "notices", "notices_before"),
            (rows_exactly(CRITICAL, "every field of every section with new notices is measured", chunk.rows(frame), expected),),
            (within(WARNING, "no field is filled less than the section's history leads to expect", "share", "least", "no_bound"),),
        )
    ]


def _rates(case: Case, chunk: Chunk) -> Iterator[tuple[object, ...]]:
    limits = chunk.limits
    for section, fields in case.batch.fills.items():
        for field, (have, notices) in fields.items():
            had, before = case.fills.get(section, {}).get(field, (0, 0))
            usual = had / before if before else None
            comparable = usual is not None and notices >= limits.fill_notices and before >= limits.fill_history
            least = usual - limits.fill_drop if comparable and usual is not None else None
            yield section, field, have / notices, least, None, notices, usual, before
    yield from _of_portal(case, chunk) if case.batch.fills else ()


def _of_portal(case: Case, chunk: Chunk) -> Iterator[tuple[object, ...]]:
    """One row a field: sections that are known well enough, weighed by tonight's notices."""
    limits = chunk.limits
    for field in FILLED:
        have = notices = known = 0
        wanted = 0.0
        for section, fields in case.batch.fills.items():
            had, before = case.fills.get(section, {}).get(field, (0, 0))
            if before >= limits.fill_history:
                have, notices, known = have + fields[field][0], notices + fields[field][1], known + before
                wanted += fields[field][1] * had / before
        comparable = notices >= limits.fill_notices
        usual = wanted / notices if notices else None
        least = usual - limits.fill_drop if comparable and usual is not None else None
        yield ALL_SECTIONS, field, have / notices if notices else None, least, None, notices, usual, known
