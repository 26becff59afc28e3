"""XML of strangers as a stream of events: no tree, no entities, no DTD, nothing fetched; memory does not grow with the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lxml import etree

from gongkai.errors import UnreadableInput
from gongkai.status import ReadingStatus

_MAX_ELEMENTS = 3_000_000
"""About five seconds; the largest honest sheets have a tenth of it."""


class Handler(Protocol):
    """Told what stands in the file, in order; names are without namespace."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def data(self, text: str) -> None:
        """Characters; one run may come in several pieces."""

    def end(self, tag: str) -> None:
        """An element ends."""


def scan_xml(content: bytes, handler: Handler) -> None:
    """Tell `handler` what stands in `content`.

    Raises:
        UnreadableInput: not well-formed, has a DTD (which no document of ours needs, and bombs do), or more elements than the bound.
    """
    parser = etree.XMLParser(  # type: ignore[call-overload]  # its stubs want every optional method of a target
        target=_Target(handler), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        for at in range(0, len(content), 65_536):
            parser.feed(content[at : at + 65_536])
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError) as error:  # AssertionError: closed before anything was told
        raise UnreadableInput(f"broken XML: {error}"[:200]) from error


def local_name(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition("}")[2]


class _Target:
    """lxml's parser target."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._elements = 0
        self.data = handler.data

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise UnreadableInput("XML with a DTD: not read", ReadingStatus.REFUSED)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise UnreadableInput(f"XML of more than {_MAX_ELEMENTS} elements", ReadingStatus.TOO_LARGE)
        self._handler.start(local_name(tag), {local_name(name): value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        self._handler.end(local_name(tag))

    def close(self) -> None:
        pass
