"""Faults of attachments: missing, a login page, too large, elsewhere, with names that want out of their folder."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

from gongkai.status import RunStatus
from samples.scenarios.front import Front, Reply, moved, page
from samples.scenarios.model import Expected, Fault, Night, Scenario, Watch
from samples.scenarios.notices import notice, notices, one_night

_DOC = "application/msword"
_FILE = Reply(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), content_type=_DOC)
_OTHER = Reply(_FILE.body[:-1] + b"\1", content_type=_DOC)
_ONE = (notice(1001),)


def _with(links: dict[str, Reply], *, names: tuple[str, ...] = ()) -> Fault:
    """Notice 1001 has these attachments, which answer so."""

    def fault(front: Front) -> None:
        labels = names or tuple(f"附件{n}：任务分解表" for n in range(1, len(links) + 1))
        anchors = "".join(f'<p><a href="{href}">{label}</a></p>' for href, label in zip(links, labels, strict=True))
        front.edit_detail(1001, lambda text: text.replace('<div class="TRS_Editor">', f'<div class="TRS_Editor">{anchors}', 1))
        for href, reply in links.items():
            front.put(reply, href)

    return fault


def _bomb() -> Reply:
    """A zip of 100 KB that would unpack to 100 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("表.xlsx", bytes(100_000_000))
    return Reply(packed.getvalue(), content_type="application/zip")


def _small(watch: Watch) -> str | None:
    (row,) = watch.rows["attachment"]
    return None if row["size"] < 200_000 else f"{row['size']} bytes kept"


def _names_stay_names(watch: Watch) -> str | None:
    """No attachment has become a file, in the run's folder or where its name points, and no name holds a NUL."""
    folder = watch.layout.raw_run(watch.portal.id, watch.run_id)
    found = [p for p in (*folder.rglob("*"), Path("/tmp/evil.doc"), Path("/etc/passwd.doc")) if ".doc" in p.name and p.exists()]  # noqa: S108
    if found:
        return f"attachments written as files: {found}"
    bad = [row["name"] for row in watch.rows["attachment"] if "\0" in row["name"]]
    return f"names with NUL: {bad}" if bad else None


_LOGIN = page('<form action="/login" method="post"><input name="user"><input type="password" name="pw"><button>登录</button></form>')
_LOST = page("<h1>404</h1><p>对不起，您访问的文件不存在</p>")
_EVIL = {
    "../../../../../../../../../../tmp/evil.doc": _FILE,
    "..%2f..%2f..%2fetc%2fcron.d%2fevil.doc": _FILE,
    "a%00b.doc": _FILE,
    "/files/%5c..%5c..%5cevil.doc": _FILE,
}


def _evil(front: Front) -> None:
    names = ("../../../tmp/evil.doc", "/etc/passwd.doc", "报表\0.exe.doc", "..\\..\\evil.doc")
    _with(_EVIL, names=names)(front)
    front.put(_FILE, "/tmp/evil.doc", *(f"/zwgk/lm1/202503/{name}" for name in ("..%2f..%2f..%2fetc%2fcron.d%2fevil.doc", "a%00b.doc")))  # noqa: S108  # a path of the portal


def _one(name: str, does: str, links: dict[str, Reply], *statuses: str, expected: Expected | None = None) -> Scenario:
    whole = Expected(RunStatus.COMPLETE, attachments=statuses)
    return one_night(name, does, replace(expected or whole, attachments=statuses), _with(links), notices=_ONE)


SCENARIOS = (
    _one("attachment-404", "an attachment is not there: a fact about the portal", {"/f/1.doc": Reply(b"no", 404)}, "failed"),
    _one("attachment-login-page", "an attachment's address shows a login page with 200", {"/f/1.doc": _LOGIN}, "failed"),
    _one("attachment-soft-404", "an attachment's address shows an error page with 200", {"/f/1.doc": _LOST}, "failed"),
    _one(
        "attachment-is-html-table",
        "a spreadsheet that is an HTML table, as office programs export it, is kept",
        {"/f/1.xls": page("<table><tr><td>项目</td><td>数量</td></tr><tr><td>公开信息</td><td>12</td></tr></table>")},
        "archived",
    ),
    _one("attachment-of-32-mb", "an attachment announces 32 MB", {"/f/1.doc": Reply(bytes(32_000_000), content_type=_DOC)}, "too_large"),
    _one(
        "attachment-moved-away", "an attachment redirects to another host", {"/f/1.doc": moved("http://169.254.169.254/1.doc")}, "refused"
    ),
    one_night(
        "zip-bomb",
        "an attachment of 100 KB would unpack to 100 MB: its own bytes are kept",
        Expected(RunStatus.COMPLETE, attachments=("archived",), witness=_small),
        _with({"/f/1.zip": _bomb()}),
        notices=_ONE,
    ),
    one_night(
        "attachment-names",
        "attachments are named ../../tmp/evil.doc, /etc/passwd.doc, with a NUL and with backslashes",
        Expected(RunStatus.COMPLETE, attachments=("archived",) * 4, witness=_names_stay_names),
        _evil,
        notices=_ONE,
    ),
    Scenario(
        "attachment-500-for-a-night",
        "an attachment answers 500 for a night: its notice is read again on the next",
        (
            Night(
                Expected(RunStatus.PARTIAL, says="HTTP 500", attachments=("failed",)),
                notices(2),
                _with({"/f/1.doc": Reply(b"oops", 500)}),
            ),
            Night(Expected(RunStatus.COMPLETE, (1001,), attachments=("archived",)), notices(2), _with({"/f/1.doc": _FILE})),
            Night(Expected(RunStatus.COMPLETE, ()), notices(2), _with({"/f/1.doc": _FILE})),
        ),
    ),
    Scenario(
        "attachment-replaced",
        "another file lies under an attachment's name, its page is as it was: the re-walk keeps both, the later one as a new version",
        (
            Night(Expected(RunStatus.COMPLETE, attachments=("archived",)), notices(2), _with({"/f/1.doc": _FILE})),
            Night(Expected(RunStatus.COMPLETE, (), attachments=()), notices(2), _with({"/f/1.doc": _OTHER})),
            Night(
                Expected(RunStatus.COMPLETE, (1001,), attachments=("archived",), counts={"changed": 1, "rechecked": 2}),
                notices(2),
                _with({"/f/1.doc": _OTHER}),
            ),
        ),
    ),
)
