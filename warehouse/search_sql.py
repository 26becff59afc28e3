"""`mart.search('词')` inside the database: a table macro of DuckDB, a function of PostgreSQL, of one text and with the same columns.

    select title, found_in, snippet, url from mart.search('数据 公开', in_year := 2026, max_rows := 20)

Words are parted by blanks, a phrase in "double quotes" keeps its blanks, and all of them must occur. The query is data in all of it: there
is no operator, and % or _ stand for themselves. `mart.search_words` is the only parser of a query; the command line asks it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType
from typing import Literal, get_args, get_type_hints

from gongkai.layout import record_name
from transforms.search_fold import folded_characters
from warehouse.engines.contract import Connection, literal
from warehouse.search_index import LONGEST_WORD, SEARCH_PASSAGE

LONGEST_QUERY = 200
"""Characters."""
MOST_WORDS = 8
MOST_ROWS = 1_000
"""Where the query names no `max_rows`: a snippet is made of each row, and a common word stands in nearly every document."""
TOO_LONG = f"search: a query has at most {LONGEST_QUERY} characters"
TOO_MANY = f"search: a query has at most {MOST_WORDS} words"
WORD_TOO_LONG = f"search: a word has at most {LONGEST_WORD} characters"
_BEFORE, _AFTER = 30, 90
"""Characters of a snippet before and after what was found."""
_PIECE = '"[^"]*"|[^ "]+'


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One page or attachment that holds all words: a row of `mart.search`, column by column."""

    score: int
    """Sum over the words of 4 (in a title), 2 (in a task) or 1 (in the text alone); of equal ones the newest stands first."""
    found_in: Literal["task", "body", "title"]
    """What the snippet is of: a task if one holds a word, else the text, else the title."""
    title: str
    snippet: str
    """As printed, around the first place of a word."""
    snippet_html: str
    """The same with <mark> around that place, all else escaped."""
    portal_id: str
    portal_name: str
    province: str
    published_date: date | None
    genre: str | None
    """None where the page could not be read."""
    year: int | None
    url: str
    notice_title: str
    notice_url: str
    state: Literal["published", "removed"]
    gone_at: datetime | None
    gone_cause: str | None
    notice_id: str
    document_id: str | None
    task_seq: int | None
    span_start: int | None
    """In document_text.body_text from 0; None for a title."""
    span_end: int | None
    archive_run_id: str
    warc_file: str | None
    warc_offset: int | None

    @property
    def archived(self) -> str | None:
        """What `gongkai archive show` takes."""
        if self.warc_file is None or self.warc_offset is None:
            return None
        return record_name(self.portal_id, self.archive_run_id, self.warc_file, self.warc_offset)


_TYPES = {str: "text", int: "bigint", date: "date", datetime: "timestamp"}
FILTERS = {"in_portal": "text", "in_place": "text", "in_year": "bigint", "in_genre": "text", "in_agency": "text"}
"""Each null for all: portal id, part of the portal's or province's name or first digits of the division code, year, genre, agency's id
or part of a unit's name."""

# {names} are replaced by the engine's way to say them; columns are qualified throughout, because a macro's parameter hides a bare name.
# `count(*) >=` where = is meant: PostgreSQL takes an equation for so rare that it would loop over all documents for each one found.
# Agencies stand on lines of one text; a line's end would fold to a blank, and two names would read as one.
# `place` packs the first place of a word (field, seq, start, length) into one number, so that one look finds and places, and min() chooses:
# 7 bits of length, 27 of start, 20 of seq, then the field.
_SEARCH = """
WITH {word}hit AS (
    SELECT p.item_id, w.word, max(CASE p.field WHEN 'title' THEN 4 WHEN 'task' THEN 2 ELSE 1 END) AS weight,
        min(
            ((CASE p.field WHEN 'task' THEN 1 WHEN 'body' THEN 2 ELSE 3 END * 1048576 + p.seq) * 134217728
                + p.start + strpos(p.text, w.word) - 1) * 128 + length(w.word)
        ) AS place
    FROM mart.search_passage AS p JOIN {asked} ON strpos(p.text, w.word) > 0
    GROUP BY p.item_id, w.word
),
found AS (
    SELECT h.item_id, CAST(sum(h.weight) AS bigint) AS score, min(h.place) AS place FROM hit AS h
    GROUP BY h.item_id HAVING count(*) >= (SELECT count(*) FROM {asked})
),
ranked AS (
    SELECT i.*, f.score, f.place FROM found AS f JOIN mart.search_item AS i ON i.item_id = f.item_id
    CROSS JOIN (SELECT mart.search_fold({in_place}) AS place, mart.search_fold({in_agency}) AS agency) AS c
    WHERE ({in_portal} IS NULL OR i.portal_id = {in_portal})
        AND ({in_place} IS NULL OR strpos(i.portal_name, c.place) > 0
            OR strpos(i.province, c.place) > 0 OR starts_with(i.division_code, {in_place}))
        AND ({in_year} IS NULL OR i.year = {in_year})
        AND ({in_genre} IS NULL OR i.genre = {in_genre})
        AND ({in_agency} IS NULL OR CASE WHEN c.agency ~ '^[a-z_]+$'
            THEN strpos(chr(10) || i.agencies || chr(10), chr(10) || c.agency || chr(10)) > 0
            ELSE strpos(mart.search_fold(replace(i.agencies, chr(10), chr(31))), c.agency) > 0 END)
    ORDER BY f.score DESC, i.published_date DESC NULLS LAST, i.item_id
    LIMIT {max_rows}
),
placed AS (
    SELECT r.*, CASE r.place >> 54 WHEN 1 THEN 'task' WHEN 2 THEN 'body' ELSE 'title' END AS field,
        (r.place >> 34) & 1048575 AS seq, (r.place >> 7) & 134217727 AS start, r.place & 127 AS length
    FROM ranked AS r
),
printed AS MATERIALIZED (
    SELECT p.*, t.span_start AS task_start, least(p.start, {before}) AS before,
        substr(
            CASE p.field WHEN 'task' THEN t.text WHEN 'body' THEN b.body_text WHEN 'title' THEN
                CASE p.seq WHEN 0 THEN p.title ELSE p.notice_title END END,
            CAST(greatest(p.start - {before}, 0) + 1 AS integer), CAST(least(p.start, {before}) + p.length + {after} + 1 AS integer)
        ) AS around
    FROM placed AS p
    LEFT JOIN mart.plan_commitment AS t ON p.field = 'task' AND t.document_id = p.document_id AND t.seq = p.seq
    LEFT JOIN mart.document_text AS b ON p.field = 'body' AND b.document_id = p.document_id
),
pieces AS (
    SELECT x.*,
        CASE WHEN x.start > x.before THEN '…' ELSE '' END || substr(x.line, 1, CAST(x.before AS integer)) AS ahead,
        substr(x.line, CAST(x.before + 1 AS integer), CAST(x.length AS integer)) AS mark,
        substr(x.line, CAST(x.before + x.length + 1 AS integer), {after})
            || CASE WHEN length(x.line) > x.before + x.length + {after} THEN '…' ELSE '' END AS behind
    FROM (SELECT p.*, translate(p.around, chr(9) || chr(10) || chr(13), '   ') AS line FROM printed AS p) AS x
)
SELECT
    s.score, s.field AS found_in, s.title, s.ahead || s.mark || s.behind AS snippet,
    mart.search_html(s.ahead) || '<mark>' || mart.search_html(s.mark) || '</mark>' || mart.search_html(s.behind) AS snippet_html,
    s.portal_id, s.portal_name, s.province, s.published_date, s.genre, s.year, s.url, s.notice_title, s.notice_url,
    CASE WHEN s.gone_at IS NULL THEN 'published' ELSE 'removed' END AS state, s.gone_at, s.gone_cause, s.notice_id, s.document_id,
    CASE s.field WHEN 'task' THEN s.seq END AS task_seq,
    CASE s.field WHEN 'task' THEN s.task_start + s.start WHEN 'body' THEN s.start END AS span_start,
    CASE s.field WHEN 'task' THEN s.task_start + s.start + s.length WHEN 'body' THEN s.start + s.length END AS span_end,
    s.archive_run_id, s.warc_file, s.warc_offset
FROM pieces AS s
ORDER BY s.score DESC, s.published_date DESC NULLS LAST, s.item_id
"""


def install(connection: Connection, engine: str) -> None:
    """Make the functions in what is going to be published; where it has no passages (marts made by hand) there is nothing to search."""
    if connection.column_types("mart", SEARCH_PASSAGE.name):
        for sql in _duckdb() if engine == "duckdb" else _postgresql():
            connection.execute(sql)


def _duckdb() -> list[str]:
    parameters = ", ".join(["words", *(f"{name} := NULL" for name in FILTERS), f"max_rows := {MOST_ROWS}"])
    tokens = f"regexp_extract_all(mart.search_fold(words), {literal(_PIECE)})"
    found = f"list_sort(list_distinct(list_filter(list_transform({tokens}, lambda x: trim(x, '\"')), lambda x: x <> '')))"
    words = (
        f"CASE WHEN length(words) > {LONGEST_QUERY} THEN error({literal(TOO_LONG)}) ELSE (SELECT CASE "  # noqa: S608  all constants of ours
        f"WHEN len(f.found) > {MOST_WORDS} THEN error({literal(TOO_MANY)}) "
        f"WHEN len(list_filter(f.found, lambda x: length(x) > {LONGEST_WORD})) > 0 THEN error({literal(WORD_TOO_LONG)}) "
        f"ELSE f.found END FROM (SELECT {found} AS found) AS f) END"
    )
    names = {name: name for name in (*FILTERS, "max_rows")} | {"asked": "word AS w"}
    names["word"] = "word AS MATERIALIZED (SELECT unnest(mart.search_words(words)) AS word), "
    return [
        f"CREATE OR REPLACE MACRO mart.search_fold(words) AS {_fold('words')}",
        f"CREATE OR REPLACE MACRO mart.search_html(words) AS {_html('words')}",
        f"CREATE OR REPLACE MACRO mart.search_words(words) AS {words}",
        f"CREATE OR REPLACE MACRO mart.search({parameters}) AS TABLE {_search(names)}",
    ]


def _postgresql() -> list[str]:
    """Parameters by number, so that none is taken for a column. Workers cost nothing here: the look is long and yields few rows."""
    names = {name: f"${n}" for n, name in enumerate((*FILTERS, "max_rows"), 2)} | {"asked": "unnest(asked) AS w(word)", "word": ""}
    optional = [f"{name} {kind} DEFAULT NULL" for name, kind in FILTERS.items()]
    parameters = ", ".join(["words text", *optional, f"max_rows bigint DEFAULT {MOST_ROWS}"])
    columns = ", ".join(f"{name} {kind}" for name, kind in _columns().items())
    tokens = f"regexp_matches(mart.search_fold($1), {literal(f'({_PIECE})')}, 'g')"
    found = f"array(SELECT DISTINCT btrim(t[1], '\"') COLLATE \"C\" AS word FROM {tokens} AS t WHERE btrim(t[1], '\"') <> '' ORDER BY 1)"  # noqa: S608
    long_word = f"EXISTS (SELECT 1 FROM unnest(found) AS x WHERE length(x) > {LONGEST_WORD})"  # noqa: S608
    words = (
        f"DECLARE found text[]; BEGIN {_refuse(f'length($1) > {LONGEST_QUERY}', TOO_LONG)} found := {found}; "
        f"{_refuse(f'cardinality(found) > {MOST_WORDS}', TOO_MANY)} {_refuse(long_word, WORD_TOO_LONG)} RETURN found; END"
    )
    make, pure = "CREATE OR REPLACE FUNCTION mart.", "IMMUTABLE PARALLEL SAFE"
    quick = "SET parallel_setup_cost = 0 SET parallel_tuple_cost = 0"
    return [
        f"{make}search_fold(words text) RETURNS text LANGUAGE sql {pure} AS $f$ SELECT {_fold('$1')} $f$",
        f"{make}search_html(words text) RETURNS text LANGUAGE sql {pure} AS $f$ SELECT {_html('$1')} $f$",
        f"{make}search_words(words text) RETURNS text[] LANGUAGE plpgsql {pure} AS $f$ {words} $f$",
        f"{make}search({parameters}) RETURNS TABLE ({columns}) LANGUAGE plpgsql STABLE {quick} "
        f"AS $f$ #variable_conflict use_column\nDECLARE asked text[] := mart.search_words($1); "
        f"BEGIN RETURN QUERY {_search(names)}; END $f$",
    ]


def _columns() -> dict[str, str]:
    """Columns of a hit with their SQL types."""
    hints = get_type_hints(Hit)
    plain = {name: next((a for a in get_args(hint) if a is not NoneType), hint) for name, hint in hints.items()}
    return {name: _TYPES.get(kind, "text") for name, kind in plain.items()}


def _refuse(bad: str, message: str) -> str:
    return f"IF {bad} THEN RAISE EXCEPTION USING MESSAGE = {literal(message)}; END IF;"


def _fold(text: str) -> str:
    """Where no character changes, a look that says so costs a microsecond, and translate() a millisecond: few names have one."""
    pairs = folded_characters()
    known, to = "".join(pairs), "".join(pairs.values())
    return f"CASE WHEN {text} ~ {literal(f'[{known}]')} THEN translate({text}, {literal(known)}, {literal(to)}) ELSE {text} END"


def _html(text: str) -> str:
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = f"replace({text}, '{char}', '{entity}')"
    return text


def _search(names: Mapping[str, str]) -> str:
    """`_SEARCH` with its parameters as one engine names them."""
    sql = _SEARCH
    for name, told in {**names, "before": str(_BEFORE), "after": str(_AFTER)}.items():
        sql = sql.replace(f"{{{name}}}", told)
    return sql
