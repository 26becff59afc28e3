"""Charts as SVG, drawn here by pygal: a page loads nothing and runs nothing. Beside each stands a table of the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pygal
from lxml import etree
from markupsafe import Markup

Series = Mapping[str, Sequence[float | None]]
_PLAIN = {"height": 230, "margin": 12, "max_scale": 5, "min_scale": 2} | {
    "css": [],
    "js": [],
    "show_legend": False,
    "disable_xml_declaration": True,
    "print_values": False,
    "include_x_axis": True,
}
_SVG = "{http://www.w3.org/2000/svg}"


def lines(name: str, labels: Sequence[str], series: Series) -> Markup:
    """A line a series; a missing value is a gap, not a zero. `name` tells what is drawn to those who do not see it."""
    return _drawn(pygal.Line(allow_interruptions=True, width=_width(labels), dots_size=3.5, **_PLAIN), name, labels, series)


def stacked(name: str, labels: Sequence[str], series: Series) -> Markup:
    """A bar a label, the series on each other."""
    return _drawn(pygal.StackedBar(width=_width(labels), **_PLAIN), name, labels, series)


def _drawn(chart: pygal.graph.graph.Graph, name: str, labels: Sequence[str], series: Series) -> Markup:
    chart.x_labels = list(labels)
    chart.y_labels_major_count = 3
    chart.value_formatter = _number
    for title, values in series.items():
        chart.add(title, list(values))
    root = chart.render_tree()
    # Colours stand in site.css; pygal's own script and styles are not wanted, nor its comment, which names the day.
    for unwanted in [*root.iter(f"{_SVG}defs"), *root.iter("defs"), *root.iter(etree.Comment)]:
        unwanted.getparent().remove(unwanted)
    for unseen in [e for e in root.iter() if etree.QName(e).localname == "desc" or "tooltip" in e.get("class", "").split("-")]:
        unseen.getparent().remove(unseen)  # what pygal's script would show at the pointer
    root.attrib.pop("id", None)
    root.set("role", "img")
    root.set("style", f"max-width:{_width(labels)}px")
    for title in [e for e in root if etree.QName(e).localname == "title"]:
        title.text = name
    return Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704 (serialised by lxml, which escapes text)


def _width(labels: Sequence[str]) -> int:
    return min(480, 150 + 60 * len(labels))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
