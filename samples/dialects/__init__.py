"""CMS families as servers: each module builds all of a portal's answers from its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from samples.dialects import gkmlpt, hanweb_jcms, services, trs_wcm
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
