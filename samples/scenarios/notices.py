"""Invented notices, as many as a scenario wants; all of 例市, a city that does not exist."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from samples.model import CHINA, NoticeContent
from samples.scenarios.model import SECTION, Expected, Fault, Night, Scenario

_FIRST = date(2025, 3, 3)
_MATTERS = ("政务公开", "营商环境", "老旧小区改造", "防汛备汛", "春耕备耕", "安全生产", "义务教育", "古树名木保护", "数据开放", "社区养老")


def title(number: int) -> str:
    """The title of a notice of this number."""
    return f"例市人民政府办公室关于做好第{number}号{_MATTERS[number % 10]}工作的通知"


def notice(number: int, **changes: Any) -> NoticeContent:
    """Notice `number`; the higher, the newer. `words` replaces its first sentence."""
    day = _FIRST + timedelta(days=number - 1000)
    words = changes.pop("words", f"为做好{_MATTERS[number % 10]}工作，经市政府同意，现将第{number}号有关事项通知如下。")
    values = {
        "id": number,
        "section": SECTION,
        "title": title(number),
        "genre": "other",
        "issuer": "例市人民政府办公室",
        "written": day - timedelta(days=2),
        "published": datetime(day.year, day.month, day.day, 9, 5, tzinfo=CHINA),
        "doc_number": f"例政办发〔2025〕{number - 999}号",
        "body": (
            f"各县（市、区）人民政府，市政府各部门：\n{words}\n一、各地各部门要明确专人负责，按月报送进展情况。\n"
            "二、市政府办公室将会同有关部门开展督促检查，检查结果适时通报。\n三、本通知自印发之日起施行。",
        ),
    }
    return NoticeContent.model_validate(values | changes)


def notices(count: int, first: int = 1001) -> tuple[NoticeContent, ...]:
    """Notices `first` … `first + count - 1`."""
    return tuple(notice(number) for number in range(first, first + count))


def numbers(found: tuple[NoticeContent, ...]) -> tuple[int, ...]:
    """Their ids."""
    return tuple(n.id for n in found)


def one_night(name: str, does: str, expected: Expected, fault: Fault | None = None, **changes: Any) -> Scenario:
    """A scenario of a single night; five notices where `notices` says nothing else."""
    found = changes.pop("notices", notices(5))
    outbound = changes.pop("outbound", ())
    night = Night(expected, found, fault, outbound) if fault else Night(expected, found, outbound=outbound)
    return Scenario(name, does, (night,), **changes)


def manners(**changes: Any) -> dict[str, Any]:
    """A registry entry's manners, for a scenario's `registry`."""
    return {"manners": {"delay": 0, "concurrency": 2, "timeout": 20, "retries": 1} | changes}
