"""Promises with the notices that keep them, labelled by hand before the matcher ran (tests/fixtures/commitments), and how it does on them.

`PYTHONPATH=. .venv/bin/python tests/transforms/labelled_commitments.py [SET …]` prints precision, recall and
every mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from measured_pairs import Measure

from gongkai.commitments import commitment_rules
from transforms.promises.bodies import bodies, of_another_place
from transforms.promises.match import Match, Portal, Promise
from transforms.promises.papers import OPENING, File, Paper, later
from transforms.promises.words import place_words

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "commitments"


@dataclass
class PromiseMeasure(Measure):
    """Pairs of promise and notice that count as evidence."""

    promises: int = 0

    @property
    def counts(self) -> str:
        return f"{self.promises} promises, {super().counts}"


_BETWEEN = "请各有关单位和个人知悉，如对内容有不同看法，可在工作日与我们联系。\n" * 13
"""What stands between an opening and what a label says stands behind it."""


def papers(town: dict[str, Any]) -> list[Paper]:
    place = place_words(town["portal"])
    return [_paper(n, place) for n in town["notices"]]


def _paper(given: dict[str, Any], place: tuple[str, ...]) -> Paper:
    text = given.get("opening", "")
    if "later" in given:
        text += "\n" + _BETWEEN + given["later"].replace("。", "。\n")
    return Paper(
        notice_id=given["id"],
        title=given["title"],
        published=given["day"],
        publishers=bodies(given["by"]),
        foreign=of_another_place(given["by"], place),
        genre=given.get("genre", "other"),
        opening=text[:OPENING],
        later=later(text),
        files=tuple(File(**file) for file in given.get("files", ())),
    )


def promise(town: dict[str, Any], number: int) -> Promise:
    given = town["promises"][number]
    return Promise(
        id=str(number),
        notice_id="plan",
        text=given["text"],
        leads=bodies(*given["lead"]),
        supports=bodies(*given.get("support", ())),
        plan_year=town["plan_year"],
        begins=town["published"],
        due=given.get("due"),
        recurrence=given.get("recurrence"),
    )


def measure(name: str) -> PromiseMeasure:
    """How the matcher does on one of the sets."""
    found, counts = PromiseMeasure(), commitment_rules().evidence_score
    for town in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")):
        portal = Portal(papers(town), place_words(town["portal"]))
        titles = {n["id"]: n["title"] for n in town["notices"]}
        for number, given in enumerate(town["promises"]):
            matches: dict[str, Match] = {m.notice_id: m for m in portal.evidence(promise(town, number))}
            want, got = set(given["kept_by"]), {i for i, m in matches.items() if m.score >= counts}
            found.promises += 1
            found.right += len(want & got)
            score = {i: f"{m.score:.2f} {m.who} {m.kind}" for i, m in matches.items()}
            found.missed += [f"{given['text'][:24]} | {titles[i]} {score.get(i, '-')}" for i in sorted(want - got)]
            found.wrong += [f"{given['text'][:24]} | {titles[i]} {score[i]}" for i in sorted(got - want)]
    return found


if __name__ == "__main__":
    import sys

    for name in sys.argv[1:] or ("tuned", "held_out", "fresh", "last", "hard", "unseen", "last2"):
        result = measure(name)
        print(name, result, *result.wrong, "--", *result.missed, sep="\n  ")
