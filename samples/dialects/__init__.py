"""CMS families as servers: each module builds all of a portal's answers from its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from samples.dialects import gkmlpt, hanweb_jcms, trs_wcm
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


DIALECTS = {
    "gkmlpt": Dialect(gkmlpt.build, lambda n: str(10000 + n), {"sid": 990001}),
    "trs_wcm": Dialect(trs_wcm.build, lambda n: f"/zwgk/lm{n}/"),
    "hanweb_jcms": Dialect(hanweb_jcms.build, lambda n: f"/col/col{10 + n}/index.html"),
}
