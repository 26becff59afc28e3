"""CMS families as servers: each module builds all of a portal's answers from its content.

A key of DIALECTS is a family, or a family's variant (`ucap.json`): the same system as another portal runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from gongkai.registry import Portal
from samples.dialects import addresses, gkmlpt, hanweb, hanweb_jcms, lonsun, services, trs_variants, trs_wcm, ucap
from samples.dialects.plain import PLAIN, PLAIN_VARIANTS, build
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


def family_of(dialect: str) -> str:
    """The family that a key of DIALECTS is a variant of."""
    return dialect.partition(".")[0]


def _column(first: int) -> Callable[[int], str]:
    return lambda n: f"/col/col{first + n}/index.html"


def _folder(n: int) -> str:
    return f"/zwgk/lm{n}/"


def _public(n: int) -> str:
    return f"/public/column/6600001?type=4&catId=70{n}&action=list"


_PLAIN = {
    name: Dialect(partial(build, family=plain), _ENTRIES[family_of(name)]) for name, plain in [*PLAIN.items(), *PLAIN_VARIANTS.items()]
}
_TRS = {
    **{f"trs_wcm.{kind}": Dialect(partial(trs_variants.build_listing, kind=kind), _folder) for kind in trs_variants.LISTINGS},
    "trs_wcm.template": Dialect(partial(trs_variants.build_listing, kind="template"), lambda n: f"/xc/214/lm{n}/index_222.html"),
    "trs_wcm.listmodel": Dialect(trs_variants.build_list_model, _folder),
    "trs_wcm.was5_html": Dialect(
        partial(trs_variants.build_search, kind="was5_html"), lambda n: f"/was5/web/search?channelid=20{n}&page=1"
    ),
    "trs_wcm.pagecount": Dialect(partial(trs_variants.build_search, kind="pagecount"), lambda n: f"/docs/search?channelid=20{n}&page=1"),
    "trs_wcm.ssp": Dialect(
        partial(trs_variants.build_search, kind="ssp"), lambda n: f"/ssp/search/api/apiSearch?siteId=1&sourceType=20{n}&page=1"
    ),
}
_LONSUN = {
    "lonsun": Dialect(lonsun.build, _public),
    "lonsun.table": Dialect(lonsun.build_table, lambda n: f"/public/column/6600001?type=6&catId=70{n}&action=list"),
    "lonsun.column": Dialect(lonsun.build_column, lambda n: f"/content/column/660{n}?pageIndex=1"),
    "lonsun.search": Dialect(
        partial(lonsun.build_search, kind="search"),
        lambda n: f"/site/label/8888?labelName=searchDataList&isJson=true&isForPage=true&siteId=6600&columnId=70{n}&pageIndex=1&pageSize=5",
    ),
    **{
        f"lonsun.{kind}": Dialect(
            partial(lonsun.build_search, kind=kind), lambda n: f"/s/so?siteId=6600&columnId=70{n}&pageIndex=1&pageSize=5"
        )
        for kind in ("so", "so_nested")
    },
}
_HANWEB = {
    "hanweb_jcms": Dialect(hanweb_jcms.build, _column(10)),
    **{f"hanweb_jcms.{kind}": Dialect(partial(hanweb_jcms.build, kind=kind), _column(10)) for kind in ("page", "inline", "encrypted")},
    "hanweb_jpaas": Dialect(services.build_jpaas, _column(20)),
    **{f"hanweb_jpaas.{kind}": Dialect(partial(services.build_jpaas, kind=kind), _column(20)) for kind in ("uncounted", "shell")},
    "hanweb_xxgk": Dialect(hanweb.build_xxgk, lambda n: f"/col/col{30 + n}/index.html?number=A0{n}&vc_xxgkarea=990900001"),
    "hanweb_truecms": Dialect(partial(hanweb.build_truecms, largest=50, silent=True), lambda n: f"/lm{n}/lm{n}.html"),
    "hanweb_truecms.window": Dialect(partial(hanweb.build_truecms, largest=20, silent=False), lambda n: f"/lm{n}/lm{n}.html"),
    "hanweb_truecms.silent": Dialect(partial(hanweb.build_truecms, largest=10, silent=True), lambda n: f"/lm{n}/lm{n}.html"),
    "hanweb_truecms.closed": Dialect(partial(hanweb.build_truecms, largest=0, silent=False), lambda n: f"/lm{n}/lm{n}.html"),
}
DIALECTS = {
    "gkmlpt": Dialect(gkmlpt.build, lambda n: str(10000 + n), {"sid": 990001}),
    "gkmlpt.dept": Dialect(gkmlpt.build, lambda n: str(10000 + n), {"sid": 990001, "dept": "zjfgj"}),
    "gkmlpt.search": Dialect(gkmlpt.build_search, lambda n: f"/gkmlpt/api/search?classify={n}&page=1", {"sid": 990001}),
    "trs_wcm": Dialect(trs_wcm.build, _folder),
    **_TRS,
    **_HANWEB,
    **_LONSUN,
    "epoint_ewb": Dialect(services.build_epoint, lambda n: f"00100100{n}", {"site_guid": ""}),
    "epoint_ewb.params": Dialect(partial(services.build_epoint, first=1, wrapped=True), lambda n: f"00100100{n}"),
    "epoint_ewb.one": Dialect(partial(services.build_epoint, first=1), lambda n: f"00100100{n}", {"site_guid": ""}),
    "pc_list": Dialect(services.build_pc_list, lambda n: f"/zf/c0100{n}/pc/list.html"),
    **_PLAIN,
    "ucap.json": Dialect(partial(ucap.build_search, path="/common/search"), lambda n: str(n) * 32),
    "ucap.searchlist": Dialect(partial(ucap.build_search, path="/searchList"), lambda n: str(n) * 32),
    "ucap.szinf": Dialect(ucap.build_layer, lambda n: f"2880{n}", {"layer": "szinf"}),
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
