"""Real documents as pages of the town: text files, one paragraph a line, read where they lie and never copied."""

from __future__ import annotations

from pathlib import Path

import yaml

from gongkai.errors import RegistryError
from gongkai.registry import Portal, load_registry
from samples.model import CONTENT, PortalContent

REAL_REGISTRY = CONTENT.parent / "real.yaml"
_SERVED = CONTENT / "real.yaml"


def real_content(folder: Path) -> tuple[dict[str, Portal], tuple[PortalContent, ...]]:
    """Registry entries and contents of the portals whose documents lie in `folder`.

    Raises:
        RegistryError: a document is not there.
    """
    portals = load_registry(REAL_REGISTRY)
    contents = []
    for entry in yaml.safe_load(_SERVED.read_text(encoding="utf-8"))["portals"]:
        document, title_lines = entry.pop("document"), entry.pop("title_lines")
        path = folder / document
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            raise RegistryError(str(path), None, f"a real document cannot be read: {error.strerror}") from error
        title = "".join(lines[n - 1].strip() for n in title_lines)
        notice = entry.pop("notice") | {"title": title, "body": ["\n".join(lines)]}
        contents.append(PortalContent.model_validate({**entry, "notices": [notice]}))
    return portals, tuple(contents)
