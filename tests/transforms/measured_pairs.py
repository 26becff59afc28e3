"""How well pairs were found that a person had labelled: precision, recall, and every mistake by name."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Measure:
    """Pairs found and wanted."""

    right: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / (self.right + len(self.missed))

    @property
    def counts(self) -> str:
        return f"{self.right} right, {len(self.wrong)} wrong, {len(self.missed)} missed"

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}, recall {self.recall:.3f} ({self.counts})"
