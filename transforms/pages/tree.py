"""A parsed page: its elements in order, by id, class and tag; scripts taken out and kept as text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TypeAlias

from lxml import etree

from transforms.attributes import without_attribute_floods

Element: TypeAlias = etree._Element

_LONGEST_KEPT = 100  # characters of a class or id whose answer is kept
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d{1,6}\)(\S{1,2000}) -->")


class NamePattern:
    """Whether a class or id holds one of `words` as a word of its own, in upper or lower case.

    A portal's pages share their names, so the answers are kept; pages are untrusted, so only so many, and of short names.
    """

    def __init__(self, words: str) -> None:
        self._search = re.compile(rf"(?:^|[-_])(?:{words})(?:$|[-_\d])", re.IGNORECASE).search
        self._kept = lru_cache(maxsize=4096)(lambda name: self._search(name) is not None)

    def __call__(self, name: str) -> bool:
        return self._kept(name) if len(name) <= _LONGEST_KEPT else self._search(name) is not None


class Tree:
    """What the readers look things up in. Takes the tree over: scripts and styles are removed from it.

    Everything is looked up among the elements that the page had when it was parsed, whatever a reader cuts out of it later.
    """

    def __init__(self, root: Element) -> None:
        self.root = root
        self.scripts = [script.text for script in root.iter("script") if script.text]
        etree.strip_elements(root, "script", "style", "noscript", with_tail=False)
        self.elements = list(root.iter("*"))
        """In document order."""

    @cached_property
    def position(self) -> dict[Element, int]:
        """Place of each element in document order."""
        return {element: place for place, element in enumerate(self.elements)}

    @cached_property
    def _tags(self) -> dict[str, list[Element]]:
        tags: dict[str, list[Element]] = defaultdict(list)
        for element in self.elements:
            tags[str(element.tag)].append(element)
        return tags

    @cached_property
    def _names(self) -> tuple[dict[str, list[Element]], dict[str, list[Element]]]:
        """Elements by class and by id, names in lower case."""
        classes: dict[str, list[Element]] = defaultdict(list)
        ids: dict[str, list[Element]] = defaultdict(list)
        for element in self.elements:
            if value := element.get("class"):
                for name in value.lower().split():
                    classes[name].append(element)
            if value := element.get("id"):
                ids[value.lower()].append(element)
        return classes, ids

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
            return self._names[1].get(selector[1:].lower(), [])
        if not dot:
            return self._tags.get(tag, [])
        return [element for element in self._names[0].get(name.lower(), []) if not tag or element.tag == tag]

    def named(self, like: NamePattern) -> Iterator[tuple[str, Element]]:
        """Every (class or id, element) of such a name, classes first, names in lower case."""
        for names in self._names:
            for name, elements in names.items():
                if like(name):
                    for element in elements:
                        yield name, element


def _parse(text: str) -> Element:
    """The root; an empty one for a text without markup and words. Comments are dropped on the way."""
    parser = etree.HTMLParser(recover=True, encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    text = without_attribute_floods(text.strip())
    root = etree.fromstring(text.encode("utf-8", "replace").replace(b"\0", b"") or b"<html/>", parser)
    return etree.fromstring(b"<html/>", parser) if root is None else root


def text_of(element: Element) -> str:
    """The element's text, white space runs as one space."""
    return tidy(etree.tostring(element, method="text", encoding="unicode", with_tail=False))  # itertext() takes ten times as long


def tidy(text: str) -> str:
    """Blanks of every kind as one space, none at the ends."""
    return " ".join(_words(text))


def squash(text: str) -> str:
    """Without any blanks: for comparing titles."""
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    return text.replace("\u200b", " ").replace("\ufeff", " ").split()


def inside(element: Element | None, outer: Element | None) -> bool:
    """Whether `element` is `outer` or in it; False where either is missing."""
    return element is not None and outer is not None and (element is outer or any(up is outer for up in element.iterancestors()))


def saved_from(html: str) -> str | None:
    """The address a browser noted when it saved the page."""
    found = _SAVED_FROM.search(html[:4000])
    return found.group(1) if found else None
