"""A district: many small portals of chosen families, for breadth. Its documents carry no truth beyond themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from gongkai.registry import Manners, Portal, Section, SectionKind
from gongkai.status import RunStatus
from samples.dialects import ALL_DIALECTS, family_of
from samples.model import CHINA, Expected, NoticeContent, PortalContent, Style
from samples.town import Town, running_portals

_NEWEST = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)
_SECTIONS = (("规范性文件", SectionKind.NORMATIVE), ("通知公告", SectionKind.NEWS))
_MATTERS = ("公共服务事项清单", "养老服务设施布局", "河道保洁责任分工", "老旧小区改造安排", "便民市场管理", "校车安全检查", "农贸市场升级")


def district(families: Sequence[str], *, each: int = 1, notices: int = 12, delay: float = 0) -> list[tuple[Portal, PortalContent]]:
    """`each` portals of every family or variant (keys of ALL_DIALECTS), `notices` notices in two sections, the newest of 2 March 2026."""
    return [
        _portal(f"{re.sub('[._]', '-', family)}-{number}", family, notices, delay) for number in range(1, each + 1) for family in families
    ]


def _portal(portal_id: str, family: str, notices: int, delay: float) -> tuple[Portal, PortalContent]:
    dialect = ALL_DIALECTS[family]
    name = f"{portal_id}镇人民政府"
    portal = Portal(
        id=f"district-{portal_id}",
        name=name,
        level="township",
        province="岚江省",
        division_code="990900",
        base_url="http://127.0.0.1:1",
        family=family_of(family),
        params=dict(dialect.params),
        site_id_code="9909000001",
        site_name=name,
        sections=tuple(Section(name=title, kind=kind, entry=dialect.entry(n)) for n, (title, kind) in enumerate(_SECTIONS, 1)),
        manners=Manners(delay=delay, timeout=10, retries=1),
        allow_private=True,
        status="verified 2026-11-22",
    )
    content = PortalContent(
        id=portal.id,
        dialect=family,
        style=Style(page_size=5),
        expected=Expected(status=RunStatus.COMPLETE, reason="a healthy portal"),
        notices=tuple(_notice(portal, number) for number in range(notices)),
    )
    return portal, content


def _notice(portal: Portal, number: int) -> NoticeContent:
    published = _NEWEST - timedelta(days=number)
    matter = _MATTERS[number % len(_MATTERS)]
    title = f"关于印发{matter}的通知（第{number + 1}期）"
    return NoticeContent(
        id=100000 + number,
        section=portal.sections[number % 2].name,
        title=title,
        genre="other",
        issuer=portal.name,
        written=published.date() - timedelta(days=1),
        published=published,
        doc_number=f"例政发〔{published.year}〕{number + 1}号",
        index_number=f"990900001/{published.year}-{number + 1:05d}",
        body=(f"各村（居）：\n现将{matter}印发给你们，请结合实际认真落实。\n{_matter(matter, number)}",),
    )


def _matter(matter: str, number: int) -> str:
    """What the notice says: a division of duties has some, as the genre promises."""
    if "分工" not in matter:
        return f"第{number + 1}期工作由镇党政办公室负责解释，自印发之日起施行。"
    month = number % 12 + 1
    return (
        f"（一）清理河道漂浮物，设置警示牌{number + 1}处。（镇农业农村办公室负责，{month}月底前完成）\n"
        "（二）公开保洁经费使用情况。（镇财政所负责）"
    )


@contextmanager
def running_district(folder: Path, families: Sequence[str], *, each: int = 1, notices: int = 12, delay: float = 0) -> Iterator[Town]:
    """Serve a district until the block ends; its registry is written into `folder`."""
    with running_portals(district(families, each=each, notices=notices, delay=delay), folder / "district.yaml") as town:
        yield town
