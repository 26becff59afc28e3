"""One page of an OFD file as placed characters and rulings, in points, in the shape that pdfplumber's table finder knows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from pdfplumber.container import Container
from pdfplumber.table import Table, TableFinder
from pdfplumber.utils.text import chars_to_textmap

from transforms.formats.laid_out import MAX_CHARS
from transforms.formats.pdf_bounds import Budget, TooMuch

_POINT = 72 / 25.4  # points in a millimetre
_ASCENT = 0.85  # of the size, above the base line
_FAR = 10_000.0  # millimetres; beyond it a number is damage
_STRAIGHT = 0.3  # millimetres by which a ruling may lean
_OPERANDS = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


class DrawnPage(Container):
    """Characters and rulings of a page; origin top left."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._drawn: dict[str, list[dict[str, Any]]] = {"char": [], "line": []}
        self._seen: set[tuple[str, int, int]] = set()
        self.set_size((0, 0, 210, 297))

    def set_size(self, box: tuple[float, ...]) -> None:
        """The physical box: x, y, width, height in millimetres."""
        self.bbox = (0.0, 0.0, box[2] * _POINT, box[3] * _POINT)
        self.height = self.bbox[3]

    @property
    def objects(self) -> dict[str, list[dict[str, Any]]]:
        """By pdfplumber's names of kinds."""
        return self._drawn

    def char(self, text: str, x: float, base: float, width: float, size: float) -> None:
        """Draw a character; millimetres. One drawn twice at a place (bold by some writers) counts once."""
        self._budget.take()
        x0, top = x * _POINT, (base - _ASCENT * size) * _POINT
        place = (text, round(x0), round(top))
        if place in self._seen:
            return
        self._seen.add(place)
        if len(self._drawn["char"]) >= MAX_CHARS:
            raise TooMuch(f"a page of more than {MAX_CHARS} characters")
        box = {"x0": x0, "x1": x0 + width * _POINT, "top": top, "bottom": top + size * _POINT, "doctop": top}
        extent = {"width": width * _POINT, "height": size * _POINT, "size": size * _POINT}
        self._drawn["char"].append({"object_type": "char", "text": text, "upright": True, **box, **extent})

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a line, if it stands or lies; millimetres."""
        self._budget.take()
        if abs(y1 - y0) <= _STRAIGHT:
            y1 = y0
        elif abs(x1 - x0) <= _STRAIGHT:
            x1 = x0
        else:
            return
        left, right, top, bottom = (_POINT * v for v in (min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)))
        box = {"x0": left, "x1": right, "top": top, "bottom": bottom, "doctop": top, "width": right - left, "height": bottom - top}
        self._drawn["line"].append({"object_type": "line", **box})

    def find_tables(self) -> list[Table]:
        """As pdfplumber's page."""
        return TableFinder(self).tables  # type: ignore[arg-type]  # it asks a page for no more than this class has

    def filter(self, keep: Callable[[dict[str, Any]], bool]) -> DrawnPage:
        """As pdfplumber's page."""
        page = DrawnPage(self._budget)
        page.bbox, page.height = self.bbox, self.height
        page._drawn = {kind: [item for item in items if keep(item)] for kind, items in self._drawn.items()}
        return page

    def extract_text_lines(self, **options: Any) -> list[dict[str, Any]]:
        """As pdfplumber's page."""
        lines: list[dict[str, Any]] = chars_to_textmap(self.chars).extract_text_lines(**options) if self.chars else []
        return lines


class _Frame(NamedTuple):
    """Where an object stands: its boundary's corner, and its own matrix (7.3: x' = ax + cy + e, y' = bx + dy + f)."""

    x: float
    y: float
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    @classmethod
    def of(cls, attributes: Mapping[str, str]) -> _Frame:
        corner, matrix = numbers(attributes.get("Boundary"), 4), numbers(attributes.get("CTM"), 6)
        return cls(*(corner[:2] if len(corner) == 4 else (0.0, 0.0)), *(matrix if len(matrix) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)))

    @property
    def upright(self) -> bool:
        """False for turned text: watermarks and seals."""
        return self.a > 0 and self.d > 0 and abs(self.b) + abs(self.c) < 0.05 * (self.a + self.d)

    def place(self, x: float, y: float) -> tuple[float, float]:
        return self.x + self.a * x + self.c * y + self.e, self.y + self.b * x + self.d * y + self.f


class PageReader:
    """Draws what a page part, or a template's, places. Pictures, seals and composite objects are left out."""

    def __init__(self, page: DrawnPage, budget: Budget) -> None:
        self.box: tuple[float, ...] | None = None
        self.templates: list[str] = []
        self._page, self._budget = page, budget
        self._frame: _Frame | None = None
        self._size = self._stretch = 1.0
        self._x = self._y = 0.0
        self._code: Mapping[str, str] = {}
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._budget.take()
        if tag == "TextObject":
            self._frame = None if attributes.get("Visible") == "false" else _Frame.of(attributes)
            self._size = (numbers(attributes.get("Size") or attributes.get("size"), 1) or [0.0])[0]  # easyofd writes it small
            self._stretch = (numbers(attributes.get("HScale"), 1) or [1.0])[0]
            self._x = self._y = 0.0
        elif tag == "PathObject":
            drawn = attributes.get("Stroke") != "false" or attributes.get("Fill") == "true"
            self._frame = _Frame.of(attributes) if drawn and attributes.get("Visible") != "false" else None
        elif tag == "Template":
            self.templates.append(attributes.get("TemplateID", ""))
        elif tag == "TextCode":
            self._code = attributes
        self._text = [] if tag in ("TextCode", "AbbreviatedData", "PhysicalBox") else None

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        text, self._text = "".join(self._text or ()), None
        if tag == "PhysicalBox" and len(box := numbers(text, 4)) == 4:
            self.box = tuple(box)
        elif tag in ("TextObject", "PathObject"):
            self._frame = None
        elif tag == "TextCode" and self._frame and self._frame.upright and self._size > 0:
            self._write(text.strip("\r\n\t"), self._frame)
        elif tag == "AbbreviatedData" and self._frame:
            self._draw(text, self._frame)

    def _write(self, text: str, frame: _Frame) -> None:
        """Place the characters of a TextCode (11.3); an omitted X or Y is the last one."""
        self._x = (numbers(self._code.get("X"), 1) or [self._x])[0]
        self._y = (numbers(self._code.get("Y"), 1) or [self._y])[0]
        x, y = self._x, self._y
        rights, downs = (_deltas(self._code.get(name), len(text)) for name in ("DeltaX", "DeltaY"))
        for char, right, down in zip(text, rights, downs, strict=True):
            natural = self._size * self._stretch * (1.0 if ord(char) > 0xFF else 0.5)
            at, base = frame.place(x, y)
            if not char.isspace():
                width = min(natural, right) if right else natural
                self._page.char(char, at, base, width * frame.a, self._size * frame.d)
            x += natural if right is None and down is None else right or 0.0
            y += down or 0.0

    def _draw(self, text: str, frame: _Frame) -> None:
        """Rule the straight lines of a path (9.3)."""
        at = begin = (0.0, 0.0)
        for operator, operands in _steps(text):
            if operator in ("M", "S"):
                at = begin = (operands[0], operands[1])
                continue
            to = begin if operator == "C" else (operands[-2], operands[-1])
            if operator in ("L", "C"):
                self._page.rule(*frame.place(*at), *frame.place(*to))
            at = to


def numbers(text: str | None, most: int) -> list[float]:
    """Up to `most` numbers parted by blanks; those before the first thing that is none, or that is beyond all paper."""
    found: list[float] = []
    for word in (text or "").split(None, most)[:most]:
        try:
            value = float(word)
        except ValueError:
            break
        if not math.isfinite(value) or abs(value) > _FAR:
            break
        found.append(value)
    return found


def _deltas(text: str | None, count: int) -> list[float | None]:
    """Steps from each of `count` characters to the next; `g 3 5` stands for 5 5 5 (ST_Array with repetition). None: not said."""
    if not text or not text.strip():
        return [None] * count
    out: list[float | None] = []
    words = iter(text.split())
    for word in words:
        if len(out) >= count:
            break
        repeat, step = [next(words, ""), next(words, "")] if word == "g" else ["1", word]
        value = numbers(step, 1)
        if not value or not repeat.isdecimal():
            break
        out += value * min(int(repeat[:6]), count - len(out))
    rest = out[-1] if out else None
    return (out + [rest] * count)[:count]


def _steps(text: str) -> Iterator[tuple[str, list[float]]]:
    """Operators of a path with their operands; ends at the first thing that is neither."""
    words = iter(text.split())
    for word in words:
        if word not in _OPERANDS:
            return
        operands = numbers(" ".join(islice(words, _OPERANDS[word])), 7)
        if len(operands) != _OPERANDS[word]:
            return
        yield word, operands
