"""URL dialects (`data/dialects.yaml`): how portals of no known vendor name their pages; what the family `generic` is driven by.

A dialect says which addresses are notices, which day such an address carries, how page n of a list is named, and which service
gives the rows where no page does. The file's order is the order of matching: dated shapes first, loose numbers last.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from gongkai.data_file import composed, of_package
from gongkai.errors import RegistryError

_UNBOUNDED = re.compile(r"(?<!\\)[*+]|\{\d+,\}")
_PLACE = re.compile(r"\{(\w+)\}")
_FILE_PARTS = {"stem": r"(?P<stem>[\w-]{1,80}?)", "page": r"(?P<page>\d{1,6})", "ext": r"(?P<ext>\w{1,6})"}


def _bounded(pattern: str) -> str:
    try:
        re.compile(pattern.replace("{page}", "1"))
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from error
    if _UNBOUNDED.search(pattern):
        raise ValueError(f"unbounded quantifier in {pattern!r}")
    return pattern


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_bounded)]
RowField = Literal["title", "url", "date", "doc_number", "index_number"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pages(_Strict):
    """How page n of a list is found. A link 下一页 that the page prints goes before `file` and `query`."""

    file: str | None = None
    """Name of page n's file beside page one: `{stem}_{page}.{ext}`, `{page}.{ext}`; stem and extension are page one's."""
    query: str | None = None
    """Name of the counter in the query."""
    printed: Pattern | None = None
    """Where the page writes the following one's address: group `href`; `{page}` stands for its number."""
    most: int | None = Field(default=None, ge=1)
    """Number of the last page that can be had, however many there are."""
    why: str | None = None
    """Why there are no more than `most`."""

    @model_validator(mode="after")
    def _sensible(self) -> Pages:
        if self.file and not ({"page"} <= set(_PLACE.findall(self.file)) <= set(_FILE_PARTS)):
            raise ValueError(f"`file` needs {{page}} and knows {{stem}} and {{ext}}: {self.file!r}")
        if self.printed and "href" not in re.compile(self.printed.replace("{page}", "1")).groupindex:
            raise ValueError(f"`printed` needs the group `href`: {self.printed!r}")
        if (self.most is None) != (self.why is None):
            raise ValueError("`most` and `why` need each other")
        return self

    def number(self, url: str) -> int | None:
        """The number that the file in an address carries; None where it carries none of this kind."""
        found = self._named(url)
        return int(found["page"]) if found else None

    def file_url(self, url: str, number: int) -> str | None:
        """The address of page `number` beside a page of the same list; None for a dialect without `file`."""
        if self.file is None:
            return None
        parts = urlsplit(url)
        folder, _, name = parts.path.rpartition("/")
        stem, _, extension = (name or "index.html").rpartition(".")
        if found := self._named(url):
            named = found.groupdict()
            stem, extension = named.get("stem", stem), named.get("ext", extension)
        return parts._replace(path=f"{folder}/{self.file.format(stem=stem, page=number, ext=extension)}", query="", fragment="").geturl()

    def _named(self, url: str) -> re.Match[str] | None:
        if self.file is None:
            return None
        pieces = (_FILE_PARTS[part] if number % 2 else re.escape(part) for number, part in enumerate(_PLACE.split(self.file)))
        return re.fullmatch("".join(pieces), urlsplit(url).path.rpartition("/")[2])


class Declares(_Strict):
    """Where a list page says how much there is, in words of its own; group 1 is the number."""

    rows: Pattern | None = None
    pages: Pattern | None = None


class Api(_Strict):
    """A service that gives rows as JSON. `{entry}`, `{page}` (from 1) and the portal's parameters may stand in every value."""

    entry: Pattern
    """What a section's entry looks like that is asked for here."""
    path: str = Field(pattern=r"^(?:/|\{entry\}$)")
    query: dict[str, str] = Field(default_factory=dict)
    form: dict[str, str] = Field(default_factory=dict)
    """Asked for by POST where there is one."""
    rows: str
    """Way to the array of rows, by dots."""
    row: str | None = None
    """Key of the object inside each row that holds its facts."""
    total: str | None = None
    pages: str | None = None
    fields: dict[RowField, tuple[str, ...]]
    """Names of a row's facts, best first."""

    @property
    def counter(self) -> str | None:
        """The key that carries the page's number."""
        return next((key for key, value in (self.form or self.query).items() if value == "{page}"), None)

    def filled(self, asked: Mapping[str, str], given: Mapping[str, str | int]) -> dict[str, str]:
        """Keys and values with everything put in. Raises KeyError for a parameter that is not given."""
        return {key: _PLACE.sub(lambda place: str(given[place[1]]), value) for key, value in asked.items()}


class Dialect(_Strict):
    """One URL dialect."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,40}$")
    article: Pattern | None = None
    """End of a notice's path; groups `id` (native id) and `y`, `m`, `d` (what the address says about the day)."""
    lists: Pattern | None = None
    """Part of a path that only lists of this dialect have: for recognising."""
    marks: tuple[str, ...] = ()
    """Words that only pages of this dialect hold, in lower case: for recognising."""
    archives: bool = False
    """An index page links to one listing a year (2024年)."""
    shell_first: bool = False
    """Page one may be drawn by script while the pages after it are files."""
    pages: Pages | None = None
    declares: Declares = Declares()
    api: Api | None = None
    note: str | None = None
    """What is not known or cannot be done, in one sentence."""
    source: str = Field(min_length=3)

    @model_validator(mode="after")
    def _says_something(self) -> Dialect:
        if not (self.article or self.lists or self.api or self.note):
            raise ValueError("a dialect of which nothing is known needs a `note`")
        groups = set(self._article.groupindex) if self._article else set()
        if not groups <= {"id", "y", "m", "d"} or ("d" in groups and "m" not in groups) or ("m" in groups and "y" not in groups):
            raise ValueError("`article` knows the groups id, y, m, d; a day needs its month, a month its year")
        return self

    @cached_property
    def _article(self) -> re.Pattern[str] | None:
        return re.compile(rf"(?:{self.article})\Z", re.IGNORECASE) if self.article else None

    @cached_property
    def _lists(self) -> re.Pattern[str] | None:
        return re.compile(self.lists) if self.lists else None

    def match(self, url: str) -> re.Match[str] | None:
        """The match of a notice's address, None for another address. Raises ValueError for no address at all."""
        return self._article.search(urlsplit(url).path) if self._article else None

    def is_list(self, url: str) -> bool:
        """Whether an address is one that only this dialect's lists and services have."""
        path = urlsplit(url).path
        return bool(self._lists and self._lists.search(path)) or (self.api is not None and self.api.path == path)


def day_in(found: re.Match[str]) -> dt.date | None:
    """The day in a matched address; None where it names none, or none of the calendar."""
    named = found.groupdict()
    try:
        return dt.date(int(named["y"]), int(named["m"]), int(named["d"])) if named.get("d") else None
    except ValueError:
        return None


def period_in(found: re.Match[str]) -> str | None:
    """The month or year in a matched address that names no day: 2025-03, 2025."""
    named = found.groupdict()
    if not named.get("y") or named.get("d"):
        return None
    if not named.get("m"):
        return str(named["y"])
    return f"{named['y']}-{named['m']:0>2}" if 1 <= int(named["m"]) <= 12 else None


@lru_cache(maxsize=1)
def load_dialects() -> dict[str, Dialect]:
    """The packaged dialects by name, in the order of matching, read once."""
    with of_package("dialects.yaml") as path:
        return read_dialects(path)


def read_dialects(path: Path) -> dict[str, Dialect]:
    """Read a file of dialects.

    Raises:
        RegistryError: not YAML, unknown key, bad pattern or value, duplicate name; names file and line.
    """
    root = composed(path)
    if not isinstance(root, yaml.MappingNode) or [key.value for key, _ in root.value] != ["dialects"]:
        raise RegistryError(str(path), 1, "expected the one key `dialects`")
    found: dict[str, Dialect] = {}
    for node in root.value[0][1].value:
        line = int(node.start_mark.line) + 1
        dialect = _dialect(path, node, line)
        if dialect.name in found:
            raise RegistryError(str(path), line, f"duplicate dialect {dialect.name!r}")
        found[dialect.name] = dialect
    return found


def _dialect(path: Path, node: yaml.Node, line: int) -> Dialect:
    value: Any = yaml.constructor.SafeConstructor().construct_document(node)
    try:
        return Dialect.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        name = value.get("name", "?") if isinstance(value, dict) else "?"
        raise RegistryError(str(path), line, f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
