"""A parsed page with one pass over it: elements in order, by id, class and tag; scripts taken out and kept as text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d{1,6}\)(\S{1,2000}) -->")


class Tree:
    """What the readers look things up in. Takes the tree over: scripts and styles are removed from it."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.scripts = [script.text for script in root.iter("script") if script.text]
        etree.strip_elements(root, "script", "style", "noscript", with_tail=False)
        self.position: dict[Element, int] = {}
        self._ids: dict[str, list[Element]] = defaultdict(list)
        self._classes: dict[str, list[Element]] = defaultdict(list)
        self._tags: dict[str, list[Element]] = defaultdict(list)
        for place, element in enumerate(root.iter("*")):
            self.position[element] = place
            self._tags[str(element.tag)].append(element)
            for name in (element.get("class") or "").lower().split():
                self._classes[name].append(element)
            if identifier := element.get("id"):
                self._ids[identifier.lower()].append(element)

    @classmethod
    def of(cls, text: str) -> Tree:
        """The page parsed as HTML, whatever it looks like."""
        return cls(_parse(text))

    @classmethod
    def of_fragment(cls, markup: str) -> Tree:
        """A piece of markup, as the content of one element."""
        root = _parse(f"<html><body>{markup}</body></html>")
        body = root.find("body")
        if body is not None:
            root.remove(body)
        return cls(root if body is None else body)

    def find(self, selector: str) -> list[Element]:
        """Elements for `#id`, `.class`, `tag` or `tag.class`, in document order; ids and classes without regard to case."""
        tag, dot, name = selector.partition(".")
        if selector.startswith("#"):
            return self._ids.get(selector[1:].lower(), [])
        if not dot:
            return self._tags.get(tag, [])
        return [element for element in self._classes.get(name.lower(), []) if not tag or element.tag == tag]

    def elements(self) -> Iterator[Element]:
        """All elements in document order."""
        return iter(self.position)

    def class_names(self) -> Iterator[tuple[str, Element]]:
        """Every (class or id, element), names in lower case."""
        for names in (self._classes, self._ids):
            for name, elements in names.items():
                for element in elements:
                    yield name, element


def _parse(text: str) -> Element:
    """The root; an empty one for a text without markup and words. Comments are dropped on the way."""
    parser = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.strip().replace("\0", "").encode("utf-8", "replace") or b"<html/>", parser)
    return etree.fromstring(b"<html/>", parser) if root is None else root


def text_of(element: Element) -> str:
    """The element's text, white space runs as one space."""
    return tidy("".join(map(str, element.itertext())))


def tidy(text: str) -> str:
    """Blanks of every kind as one space, none at the ends."""
    return _BLANKS.sub(" ", text).strip()


def squash(text: str) -> str:
    """Without any blanks: for comparing titles."""
    return _BLANKS.sub("", text)


def inside(element: Element | None, outer: Element | None) -> bool:
    """Whether `element` is `outer` or in it; False where either is missing."""
    return element is not None and outer is not None and (element is outer or any(up is outer for up in element.iterancestors()))


def saved_from(html: str) -> str | None:
    """The address a browser noted when it saved the page."""
    found = _SAVED_FROM.search(html[:4000])
    return found.group(1) if found else None
