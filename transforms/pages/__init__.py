"""Reading of notice and list pages: one page class each per CMS family, chosen by the family's name.

`read_notice` and `read_list` take decoded text (transforms.decode) and raise the refusals of contract.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.pages.contract import ListReading, ListRequest, PageFields
from transforms.pages.detect import detect, vendor_of
from transforms.pages.dialect_links import dialect_of
from transforms.pages.epoint_ewb import EpointListPage, EpointNoticePage
from transforms.pages.generic import GenericListPage, GenericNoticePage
from transforms.pages.gkmlpt import GkmlptListPage, GkmlptNoticePage
from transforms.pages.hanweb_jcms import HanwebJcmsListPage, HanwebJcmsNoticePage
from transforms.pages.hanweb_jpaas import HanwebJpaasListPage, HanwebJpaasNoticePage
from transforms.pages.hanweb_truecms import HanwebTruecmsListPage, HanwebTruecmsNoticePage
from transforms.pages.hanweb_xxgk import HanwebXxgkListPage, HanwebXxgkNoticePage
from transforms.pages.list_page import ListPage
from transforms.pages.lonsun import LonsunListPage, LonsunNoticePage
from transforms.pages.notice_page import NoticePage
from transforms.pages.pc_list import PcListListPage, PcListNoticePage
from transforms.pages.static_families import (
    DedecmsListPage,
    DedecmsNoticePage,
    NfcmsListPage,
    NfcmsNoticePage,
    OpennessListPage,
    OpennessNoticePage,
    P8ListPage,
    P8NoticePage,
    PhpcmsListPage,
    PhpcmsNoticePage,
    SiteserverListPage,
    SiteserverNoticePage,
    VsbListPage,
    VsbNoticePage,
)
from transforms.pages.tree import saved_from
from transforms.pages.trs_wcm import TrsListPage, TrsNoticePage
from transforms.pages.ucap import UcapListPage, UcapNoticePage

__all__ = ["FAMILIES", "Family", "detect", "dialect_of", "family_of", "read_list", "read_notice"]


@dataclass(frozen=True, slots=True)
class Family:
    """A CMS family (建站系统): its two page classes."""

    name: str
    notice_page: type[NoticePage]
    list_page: type[ListPage]


FAMILIES = {
    family.name: family
    for family in (
        Family("gkmlpt", GkmlptNoticePage, GkmlptListPage),
        Family("trs_wcm", TrsNoticePage, TrsListPage),
        Family("hanweb_jcms", HanwebJcmsNoticePage, HanwebJcmsListPage),
        Family("hanweb_jpaas", HanwebJpaasNoticePage, HanwebJpaasListPage),
        Family("hanweb_xxgk", HanwebXxgkNoticePage, HanwebXxgkListPage),
        Family("hanweb_truecms", HanwebTruecmsNoticePage, HanwebTruecmsListPage),
        Family("ucap", UcapNoticePage, UcapListPage),
        Family("lonsun", LonsunNoticePage, LonsunListPage),
        Family("openness", OpennessNoticePage, OpennessListPage),
        Family("vsb", VsbNoticePage, VsbListPage),
        Family("pc_list", PcListNoticePage, PcListListPage),
        Family("epoint_ewb", EpointNoticePage, EpointListPage),
        Family("p8", P8NoticePage, P8ListPage),
        Family("nfcms", NfcmsNoticePage, NfcmsListPage),
        Family("siteserver", SiteserverNoticePage, SiteserverListPage),
        Family("dedecms", DedecmsNoticePage, DedecmsListPage),
        Family("phpcms", PhpcmsNoticePage, PhpcmsListPage),
        Family("generic", GenericNoticePage, GenericListPage),
    )
}


def read_notice(html: str, url: str | None, family: str | None = None) -> PageFields:
    """Read a notice page. Without `family` it is recognised; one without page classes is read as generic.

    Raises JumpsTo, SoftError, NotThisLayout.
    """
    url = url or saved_from(html)
    return family_of(family or vendor_of(html, url)).notice_page(html, url).read()


def read_list(
    text: str, url: str, family: str, *, request: ListRequest | None = None, params: Mapping[str, str | int] | None = None
) -> ListReading:
    """Read a list page, an index of lists or an API answer; rows in page order, addresses absolute.

    `request` is what the page answers (a page number, a POST body), `params` are the portal's family parameters.
    Raises SoftError, NotThisLayout, PastTheEnd, ForeignSite.
    """
    return family_of(family).list_page.of(text, url, request, params).read()


def family_of(name: str | None) -> Family:
    """The page classes of a family; one we do not know is read as generic."""
    return FAMILIES.get(name or "generic", FAMILIES["generic"])
