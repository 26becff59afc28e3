"""Titles with their areas, labelled by hand before the rules were written (tests/fixtures/areas), and how the rules do on them."""

from __future__ import annotations

import csv
from pathlib import Path

from measured_pairs import Measure

from transforms.areas import areas_of

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "areas"


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
