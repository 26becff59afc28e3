"""CMS families as servers: each module builds all of a portal's answers from its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from gongkai.registry import Portal
from samples.dialects import addresses, gkmlpt, hanweb_jcms, services, trs_wcm
from samples.dialects.plain import PLAIN, build
from samples.dialects.site import Site


@dataclass(frozen=True)
class Dialect:
    """How a family is spoken here."""

    build: Callable[[Site], None]
    """Fills the site's paths and services."""
    entry: Callable[[int], str]
    """The registry's entry of a portal's nth section, from 1."""
    params: Mapping[str, str | int] = field(default_factory=dict)
    """The registry's family parameters."""
    family: str = ""
    """The CMS family, where the key in DIALECTS says more than it."""


_ENTRIES: dict[str, Callable[[int], str]] = {
    "ucap": lambda n: f"/zf/c10000{n}/xxgk_list.shtml",
    "vsb": lambda n: f"/zwgk/lm{n}.htm",
    "openness": lambda n: f"/OpennessContent/showList/700/3450{n}/page_1.html",
    "nfcms": lambda n: f"/xxgk/lm{n}/index.html",
    "siteserver": lambda n: f"/channels/3170{n}.html",
    "dedecms": lambda n: f"/plus/list.php?tid={n}",
    "phpcms": lambda n: f"/index.php?m=content&c=index&a=lists&catid={n}",
    "p8": lambda n: f"/search/?word=&site=lm{n}",
}
DIALECTS = {
    "gkmlpt": Dialect(gkmlpt.build, lambda n: str(10000 + n), {"sid": 990001}),
    "trs_wcm": Dialect(trs_wcm.build, lambda n: f"/zwgk/lm{n}/"),
    "hanweb_jcms": Dialect(hanweb_jcms.build, lambda n: f"/col/col{10 + n}/index.html"),
    "hanweb_jpaas": Dialect(services.build_jpaas, lambda n: f"/col/col{20 + n}/index.html"),
    "lonsun": Dialect(services.build_lonsun, lambda n: f"/public/column/6600001?type=4&catId=70{n}&action=list"),
    "epoint_ewb": Dialect(services.build_epoint, lambda n: f"00100100{n}"),
    "pc_list": Dialect(services.build_pc_list, lambda n: f"/zf/c0100{n}/pc/list.html"),
    **{family: Dialect(partial(build, family=plain), _ENTRIES[family]) for family, plain in PLAIN.items()},
}


def _of_addresses(names: Iterable[str]) -> dict[str, Dialect]:
    """URL dialects, each under `generic.NAME`; what stands behind a second dot is a variant of it."""
    spoken = {name: addresses.SPOKEN[name] for name in names}
    return {
        f"generic.{name}": Dialect(one.build, one.entry, {"dialect": name.partition(".")[0], **one.params}, "generic")
        for name, one in spoken.items()
    }


DIALECTS |= _of_addresses(name for name in addresses.SPOKEN if name not in addresses.BROKEN)
BROKEN_DIALECTS = _of_addresses(addresses.BROKEN)
"""Dialects whose lists nobody without a browser can read whole."""
ALL_DIALECTS = DIALECTS | BROKEN_DIALECTS


def speaker(portal: Portal) -> Dialect:
    """The dialect that a portal's own address speaks: the family's, or the one that its registry entry names."""
    named = f"{portal.family}.{portal.params['dialect']}" if "dialect" in portal.params else portal.family
    return next(dialect for key, dialect in ALL_DIALECTS.items() if key == named or key.startswith(f"{named}."))
