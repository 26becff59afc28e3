"""Titles with their areas, labelled by hand before the rules were written (tests/fixtures/areas), and how the rules do on them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from transforms.areas import areas_of

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "areas"


@dataclass
class Measure:
    """Pairs of notice and area."""

    right: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / (self.right + len(self.missed))

    def __str__(self) -> str:
        counts = f"{self.right} right, {len(self.wrong)} wrong, {len(self.missed)} missed"
        return f"precision {self.precision:.3f}, recall {self.recall:.3f} ({counts})"


def measure(name: str) -> Measure:
    """How the rules do on `tuned` or `held_out`."""
    found = Measure()
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            want = set(filter(None, row["areas"].split(";")))
            got = {match.area for match in areas_of(row["title"], section=row["section"], issuer=row["issuer"])}
            found.right += len(want & got)
            found.missed += [f"{row['title']}: {area}" for area in sorted(want - got)]
            found.wrong += [f"{row['title']}: {area}" for area in sorted(got - want)]
    return found


if __name__ == "__main__":
    import sys

    for name in sys.argv[1:] or ("tuned", "held_out"):
        result = measure(name)
        print(name, result, *result.wrong, "--", *result.missed, sep="\n  ")
