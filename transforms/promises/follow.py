"""What became of a plan's tasks: in the next plan of the same body, and in its annual report of that year."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Literal

from transforms.promises.words import CLAUSE, Weights, grams

Change = Literal["repeated", "sharpened", "dropped", "no_next_plan"]
_SAME = 0.6
"""Share of pairs (Dice) from which two tasks are one."""
_MENTIONED = 0.5
"""Weighted share of a task's clause that one sentence of the report must have, and so many pairs."""
_LEAST_PAIRS = 3
_SENTENCE = re.compile(r"[^。！？!?\n\t]{6,400}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """A task with what tells a sharper one from a vaguer one."""

    id: str
    text: str
    due: date | None
    leads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A task's fate in the next plan; `id` is the task there."""

    change: Change
    id: str | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A sentence of a report that speaks of a task."""

    start: int
    end: int
    share: float


def next_of(tasks: Sequence[PlannedTask], following: Sequence[PlannedTask] | None) -> dict[str, Next]:
    """Each task's fate; `following` are the tasks of the next plan, None where none was seen."""
    if following is None:
        return {task.id: Next(change="no_next_plan") for task in tasks}
    later = [frozenset(grams(task.text)) for task in following]
    where: dict[str, list[int]] = defaultdict(list)
    for place, pairs in enumerate(later):
        for gram in pairs:
            where[gram].append(place)
    return {task.id: _next(task, following, later, where) for task in tasks}


def _next(task: PlannedTask, following: Sequence[PlannedTask], later: Sequence[frozenset[str]], where: dict[str, list[int]]) -> Next:
    pairs = frozenset(grams(task.text))
    shared = Counter(chain.from_iterable(where.get(gram, ()) for gram in pairs))
    likeness = ((2 * count / (len(pairs) + len(later[place])), -place) for place, count in shared.items())
    best, place = max(likeness, default=(0.0, 0))
    if best < _SAME:
        return Next(change="dropped")
    same = following[-place]
    return Next(change="sharpened" if _sharper(task, same) else "repeated", id=same.id, similarity=round(best, 3))


def _sharper(before: PlannedTask, after: PlannedTask) -> bool:
    """A date or a body that was not there, an earlier day of the year, or a number that was not there."""
    if after.due and (before.due is None or (after.due.month, after.due.day) < (before.due.month, before.due.day)):
        return True
    return bool((after.leads and not before.leads) or _numbers(after.text) - _numbers(before.text))


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+", re.sub(r"[12]\d{3}\s?年?", "", text)))


class Report:
    """An annual report's sentences, indexed by their subject words."""

    def __init__(self, text: str) -> None:
        lines = (line for line in re.finditer(r".+", text) if "\t" not in line.group())  # a table's row says nothing of work
        said: dict[str, tuple[int, int]] = {}
        for found in (m for line in lines for m in _SENTENCE.finditer(text, *line.span())):
            said.setdefault(found.group(), found.span())  # what is said twice counts where it is first
        self._spans = list(said.values())
        self._sentences = [frozenset(grams(text[start:end])) for start, end in self._spans]
        self._where: dict[str, list[int]] = defaultdict(list)
        for place, pairs in enumerate(self._sentences):
            for gram in pairs:
                self._where[gram].append(place)
        self._weight = Weights([{gram: len(places) for gram, places in self._where.items()}], len(self._spans))

    def mention(self, task: str) -> Mention | None:
        """The sentence that says most of one of the task's clauses, None where none says enough."""
        best, found = 0.0, (0, 0)
        for clause in self._clauses(task):
            whole = self._weight.sum(clause)
            shared = Counter(chain.from_iterable(self._where.get(gram, ()) for gram in clause))
            for place in sorted(place for place, count in shared.items() if count >= _LEAST_PAIRS):
                share = self._weight.sum(clause & self._sentences[place]) / whole
                if share > best:
                    best, found = share, self._spans[place]
        return Mention(start=found[0], end=found[1], share=round(best, 3)) if best >= _MENTIONED else None

    @staticmethod
    def _clauses(task: str) -> Iterable[frozenset[str]]:
        pairs = (frozenset(grams(m.group())) for m in CLAUSE.finditer(task))
        return (clause for clause in pairs if len(clause) >= _LEAST_PAIRS)
