"""What a person is shown who must approve a new reading: counts by table and field with examples, as Markdown for Airflow's form."""

from __future__ import annotations

from gongkai.ledger import printable
from gongkai.words import counted
from stages.reextract import Reextraction

_LONGEST = 160  # characters of a value
_MOST_FIELDS = 12  # of a table


def review(report: Reextraction) -> str:
    """Markdown. Strangers' text stands in code spans without a backtick of its own, so that nothing of it is markup."""
    differing = sum(batch.differs for batch in report.batches)
    versions = ", ".join(sorted({batch.before or "none" for batch in report.batches}))
    read = f"{counted(len(report.batches), 'batch', 'batches')} read again, extractor {versions} → {report.extractor_version}"
    lines = [f"{read}; **{counted(differing, 'differs', 'differ')}**."]
    for name, diff in report.tables.items():
        if not diff.differs:
            continue
        counts = ", ".join(f"{getattr(diff, word)} {word}" for word in ("changed", "added", "removed", "same") if getattr(diff, word))
        lines += ["", f"**{name}**: {counts}"]
        lines += [f"- {field}: {count} changed" for field, count in diff.fields.most_common(_MOST_FIELDS)]
        lines += [f"- for example {_example(e)}" for e in report.examples if e["table"] == name][:_MOST_FIELDS]
    lines += ["", *(f"- not read: {_code(f'{place}: {cause}')}" for place, cause in report.failed.items())]
    lines += [f"- unreadable: {_code(told)}" for told in report.unreadable[:_MOST_FIELDS]]
    return "\n".join(lines).strip()


def _example(change: dict[str, str | None]) -> str:
    said = {
        "added": f"added {_code(change['new'])}",
        "removed": f"removed {_code(change['old'])}",
        "changed": f"{change['field']} {_code(change['old'])} → {_code(change['new'])}",
    }
    return f"{said[str(change['kind'])]} in {_code(change['notice_title'])} ({_code(change['url'])})"


def _code(text: str | None) -> str:
    plain = printable(text or "").replace("`", "'")
    return f"`{plain[:_LONGEST]}{'…' if len(plain) > _LONGEST else ''}`" if plain else "nothing"
